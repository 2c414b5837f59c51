/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits of the program, each with its name. Those that a user may need
 * to move are defaults of an option, named beside them.
 */
#ifndef SP_BASE_LIMITS_H
#define SP_BASE_LIMITS_H

/* Messages (canon/message.h) */
#define SP_HEADER_BYTES_MAX (1u << 20) /* --max-header-bytes */
#define SP_FIELDS_MAX 10000u /* --max-header-fields */

/* DKIM-Signature fields (engine/signature.h) */
#define SP_SIGNATURE_BYTES_MAX (64u << 10) /* one field; raw octets */
#define SP_SIGNATURES_MAX 10u /* --max-signatures */
#define SP_SIGNATURES_LISTED_MAX 100u /* get a record at all */
#define SP_HEADER_NAMES_MAX 1000u /* names in h= */
#define SP_TAGS_MAX 64u /* tags in a list */
#define SP_DOMAIN_BYTES_MAX 253u /* RFC 1035 2.3.4, in A-labels */

/* Keys (engine/keyrecord.h, crypto/pkey.h) */
#define SP_KEY_RECORD_BYTES_MAX (64u << 10) /* a TXT value, strings joined */
#define SP_KEY_RECORDS_MAX 16u /* values tried per name */
#define SP_KEY_ARCHIVED_MAX 64u /* the same from an archive, newest first */
#define SP_RSA_VERIFY_BITS_MIN 1024u /* RFC 8301 3.2 */
#define SP_RSA_LEGACY_BITS_MIN 512u /* below: not even --historical */
#define SP_RSA_BITS_MAX 8192u
#define SP_RSA_SIGN_BITS_MIN 1024u

/* DNS (io/resolver_dns.h, io/dnsmessage.h) */
#define SP_DNS_SERVERS_MAX 8u
#define SP_DNS_UDP_BYTES 1232u /* EDNS: fits any path unfragmented */
#define SP_DNS_CHAIN_MAX 8u /* CNAMEs followed for one name */
#define SP_DNS_VALUES_MAX 1024u /* TXT records looked at in one answer */

/* Batches (io/mail.h) */
#define SP_BATCH_FILES 32u /* files read together */
#define SP_FILE_SLOT_BYTES (64u << 10) /* first read of each file */
#define SP_MBOX_RANGE_BYTES (512u << 10) /* piece of an mbox per batch */
#define SP_MBOX_RANGE_BYTES_MIN (32u << 10) /* where messages are tiny */
#define SP_MBOX_RANGE_BYTES_MAX (1u << 20) /* where they are longer */
#define SP_BATCH_MESSAGES_MAX 1024u /* of an mbox; see mails->more */
#define SP_MESSAGE_MEMORY_MAX (2u << 20) /* larger messages are streamed */
#define SP_PIECE_BYTES (256u << 10) /* a large message, piece by piece */
#define SP_JOBS_MAX 256u
#define SP_BATCHES_PER_JOB 2u /* one in work, one that waits for its turn */
#define SP_BATCHES_PARKED_MAX 64u /* waiting for keys from DNS */

/* Netstring streams (io/netpipe.h) */
#define SP_NETSTRING_RECORD_BYTES_MAX (256u << 10) /* JSON before a message */
#define SP_NETSTRING_MESSAGE_BYTES_MAX (1u << 30)
#define SP_NETSTRING_PIPE_BYTES (1u << 20) /* asked of the system */

#endif

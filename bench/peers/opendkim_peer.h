/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libopendkim as a peer: in memory, keys from a file instead of the DNS, one
 * library handle for all messages. Interoperability tests and benchmarks use
 * the same code, so that what is measured is what was shown to be right.
 *
 * Trouble ends the program with a word: these are drivers, not a library.
 */
#ifndef SP_BENCH_PEERS_OPENDKIM_PEER_H
#define SP_BENCH_PEERS_OPENDKIM_PEER_H

#include <stdio.h>
#include <sys/types.h>

#include <opendkim/dkim.h>

#include "base/buffer.h"

struct peer {
	DKIM_LIB *lib;
	char *secret; /* PEM, for signing */
	const char *selector;
	const char *domain;
	dkim_canon_t header_canon;
	dkim_canon_t body_canon;
};

/* keys: lines NAME<TAB>TXT-VALUE. One peer at a time. */
void peer_open(struct peer *peer, const char *keys);

/* canon is "relaxed/simple" and so on. rsa-sha256. */
void peer_set_key(struct peer *peer, const char *pem_path, const char *selector,
	const char *domain, const char *canon);

void peer_close(struct peer *peer);

/* DKIM_STAT_OK, or what is wrong. Lines of the message end in CRLF. */
DKIM_STAT peer_verify(struct peer *peer, struct sp_span message);

/* Adds the DKIM-Signature field, CRLF at its end, to out. */
void peer_sign(
	struct peer *peer, struct sp_span message, struct sp_buffer *out);

/* A whole file; the caller frees data. */
struct sp_span peer_read_file(const char *path);

/* Adds the text with every lone LF as CRLF, and a CRLF at the end if there is
 * none: libopendkim leaves that to the mail server. */
void peer_add_crlf(struct sp_buffer *out, struct sp_span text);

#endif

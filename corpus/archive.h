/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mail of many years: plain text, quoted-printable, HTML, attachments in
 * base64 and mailing lists, from several domains with several keys, and what
 * happened to it. For each message it is known what verifying must say by the
 * clock of the message (sealpress verify --at message); by ours, signatures
 * with x= have expired long ago.
 */
#ifndef SP_CORPUS_ARCHIVE_H
#define SP_CORPUS_ARCHIVE_H

#include "corpus/blocks.h"
#include "corpus/senders.h"

/* What is wrong with a message. Shares are in percent, the rest is right. */
enum archive_fault {
	ARCHIVE_BODY, /* changed after signing */
	ARCHIVE_HEADER,
	ARCHIVE_MISSING, /* no key under the name */
	ARCHIVE_EXPIRED,
	ARCHIVE_WEAK, /* RSA with 768 bits */
	ARCHIVE_SHA1,
	ARCHIVE_UNSIGNED,
	ARCHIVE_FAULTS,
};

extern const char *const archive_fault_names[ARCHIVE_FAULTS];

/* What is in a message of a small mean (SIZES_SMALL) besides its text. */
#define ARCHIVE_LEAST_BYTES 1250u

struct archive_options {
	uint64_t seed;
	const char *newline;
	/* At least ARCHIVE_LEAST_BYTES. From SIZES_SMALL on it is that of what
	 * is wanted of bodies, and texts are of 20 KB at most. */
	uint32_t mean_bytes;
	uint32_t shares[ARCHIVE_FAULTS];
	const char *const *keys; /* given ones, NULL at the end */
};

#define ARCHIVE_SHARES \
	{ \
		4, 3, 3, 2, 2, 2, 6 \
	}

struct archive {
	struct archive_options options;
	struct blocks blocks;
	struct senders senders;
	struct signer signer;
	/* A message under way: fields that sign it, and the rest. */
	struct sp_buffer signatures, message, before;
};

void archive_init(
	struct archive *archive, const struct archive_options *options);
void archive_free(struct archive *archive);

/*
 * Adds message index to out, and its line to truth: index, Message-ID, verdict,
 * and verdict/reason of each signature from the top, with commas; TABs between
 * them. Returns its Unix time.
 */
int64_t archive_add(struct archive *archive, uint64_t index,
	struct sp_buffer *out, struct sp_buffer *truth);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who signs in an archive: domains, each with its way of signing, and the keys
 * they had over the years. Few keys are made, and many names share them, as
 * with those who sign for others.
 */
#ifndef SP_CORPUS_SENDERS_H
#define SP_CORPUS_SENDERS_H

#include "corpus/signer.h"

#define SENDERS_COUNT 10u
#define SENDERS_KEYS 8u
#define SENDERS_SELECTOR_BYTES 32u
#define SENDERS_FIRST_YEAR 2007u
#define SENDERS_LAST_YEAR 2024u
#define SENDERS_ED25519_SINCE 2019u

struct sender {
	const char *from; /* domain of the addresses */
	const char *domain; /* d= */
	enum sp_canon header_canon, body_canon;
	unsigned style;
	unsigned bits; /* of RSA since 2013; before, everybody has 1024 */
};

enum senders_key {
	SENDERS_RSA,
	SENDERS_ED25519,
	SENDERS_WEAK, /* 768 bits */
	SENDERS_GONE, /* its name is in no file */
};

struct senders {
	struct testkey keys[SENDERS_KEYS];
};

extern const struct sender senders_table[SENDERS_COUNT];

/* Makes the keys. Those in given, a NULL at the end, are files that take the
 * place of all that are made of the same type; the weak key stays. */
void senders_init(
	struct senders *senders, uint64_t seed, const char *const *given);
void senders_free(struct senders *senders);

/* The key of a sender in a year, and its selector's name. */
const struct testkey *senders_key(const struct senders *senders,
	unsigned sender, enum senders_key kind, unsigned year,
	char selector[SENDERS_SELECTOR_BYTES]);

/* Adds all names and values as a key file (sealpress(1), KEY FILES). */
void senders_add_keys(struct sp_buffer *out, const struct senders *senders);

#endif

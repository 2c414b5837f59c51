/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of mkcorpus. */
#ifndef SP_CORPUS_OPTIONS_H
#define SP_CORPUS_OPTIONS_H

#include "corpus/archive.h"
#include "corpus/newsletter.h"
#include "corpus/store.h"

#define OPTIONS_KEYS_MAX 4u
#define OPTIONS_DOMAIN_MAX 253u /* letters of a name (RFC 1035 2.3.4) */
#define OPTIONS_LABEL_MAX 63u

enum corpus_kind {
	CORPUS_NEWSLETTER,
	CORPUS_IDENTICAL,
	CORPUS_ARCHIVE,
	CORPUS_HOSTILE,
};

struct options {
	enum corpus_kind kind;
	enum store_format format;
	uint64_t count;
	uint64_t seed;
	uint32_t mean_bytes;
	bool has_mean; /* it is not the default one */
	const char *domain;
	const char *selector;
	const char *newline;
	/* --sign: names of types, or files; NULL at the end. */
	const char *sign[OPTIONS_KEYS_MAX + 1];
	uint32_t shares[ARCHIVE_FAULTS];
	bool has_shares; /* they are not the default ones */
	const char *keys; /* NULL: OUT.keys, or nowhere */
	const char *truth; /* NULL: OUT.truth, or nowhere */
	const char *path;
};

/* Ends the program when it was asked for help or the words are wrong. */
void options_parse(struct options *options, int argc, char **argv);

/* Ends the program when messages have more than their mean anyway. */
void options_check_mean(const struct options *options, uint32_t least_bytes);

/* Ends the program when SELECTOR._domainkey.DOMAIN is too long for a name. */
void options_check_key_name(
	const struct options *options, const char *selector);

#endif

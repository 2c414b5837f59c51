/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mkcorpus: writes a corpus of mail for tests and benchmarks, signed or not.
 * The same options give the same bytes on every machine. Nothing is held in
 * memory but the message that is being made.
 */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "corpus/attack.h"
#include "corpus/options.h"

#define EXIT_TROUBLE 2

/* What a message is made with: one of the two has a meaning. */
struct maker {
	struct newsletter newsletter;
	struct archive archive;
	struct testkey keys[OPTIONS_KEYS_MAX];
	const char *types[OPTIONS_KEYS_MAX]; /* of the keys */
	char selectors[OPTIONS_KEYS_MAX][OPTIONS_DOMAIN_MAX + 1];
	struct signer signer;
	struct sp_buffer message, truth;
	FILE *truth_file; /* or NULL */
};

static bool is_letters(const struct options *options)
{
	return options->kind == CORPUS_NEWSLETTER ||
	       options->kind == CORPUS_IDENTICAL;
}

/* FILE, or what lies beside OUT; NULL when nobody wants it. */
static FILE *open_beside(
	const struct options *options, const char *file, const char *ending)
{
	char path[PATH_MAX];
	size_t size = strlen(options->path);
	FILE *opened;

	if (!file && strcmp(options->path, "-") == 0)
		return NULL;
	while (size > 1 && options->path[size - 1] == '/')
		size--;
	snprintf(
		path, sizeof(path), "%.*s%s", (int)size, options->path, ending);
	opened = fopen(file ? file : path, "we");
	if (!opened)
		err(EXIT_TROUBLE, "%s", file ? file : path);
	return opened;
}

static void put(FILE *file, struct sp_buffer *text)
{
	if (sp_buffer_status(text) != SP_OK)
		errx(EXIT_TROUBLE, "out of memory");
	if (file && fwrite(text->data, 1, text->size, file) != text->size)
		err(EXIT_TROUBLE, "a file beside OUT");
	sp_buffer_clear(text);
}

static void finish(FILE *file)
{
	if (file && fclose(file) != 0)
		err(EXIT_TROUBLE, "a file beside OUT");
}

/* The name of the key's type, and from the second of a type on its number: of
 * two records under one name, none is the right one (RFC 6376 3.6.2.2). */
static void name_key(struct maker *maker, const struct options *options,
	unsigned i, const char *type)
{
	char *selector = maker->selectors[i];
	size_t size = sizeof(maker->selectors[i]);
	unsigned number = 1;

	maker->types[i] = type;
	for (unsigned j = 0; j < i; j++)
		number += strcmp(maker->types[j], type) == 0;
	if (options->selector)
		snprintf(selector, size, "%s", options->selector);
	else if (number > 1)
		snprintf(selector, size, "%s-%u", type, number);
	else
		snprintf(selector, size, "%s", type);
	options_check_key_name(options, selector);
}

/* Of a type's name, or a file. */
static void open_key(
	struct maker *maker, const struct options *options, unsigned i)
{
	static const struct type {
		const char *name;
		unsigned bits;
	} types[] = {{"rsa1024", 1024}, {"rsa2048", 2048}, {"rsa4096", 4096},
		{"ed25519", TESTKEY_ED25519}};
	const char *name = options->sign[i];
	struct testkey *key = &maker->keys[i];
	unsigned type = 0;

	while (type < 4 && strcmp(name, types[type].name) != 0)
		type++;
	if (type < 4) {
		name_key(maker, options, i, name);
		testkey_make(key, types[type].bits,
			random_stream(options->seed, UINT64_MAX - 1 - type));
	} else {
		testkey_load(key, name);
		name_key(maker, options, i,
			key->bits == TESTKEY_ED25519 ? "ed25519" : "rsa");
	}
	sp_buffer_add_format(&maker->message, "%s._domainkey.%s\t",
		maker->selectors[i], options->domain);
	testkey_add_record(&maker->message, key);
	sp_buffer_add_char(&maker->message, '\n');
}

/* The truth is that what a given key signed verifies. */
static void check_keys(const struct options *options)
{
	for (unsigned i = 0; options->sign[i]; i++) {
		struct testkey key;

		testkey_load(&key, options->sign[i]);
		if (key.bits != TESTKEY_ED25519 &&
			key.bits < SP_RSA_VERIFY_BITS_MIN)
			errx(EXIT_TROUBLE,
				"%s: an RSA key of %u bits, and verifying "
				"wants %u; make one of 2048",
				options->sign[i], key.bits,
				SP_RSA_VERIFY_BITS_MIN);
		testkey_free(&key);
	}
}

static void maker_open(struct maker *maker, const struct options *options)
{
	if (is_letters(options)) {
		newsletter_init(&maker->newsletter,
			&(struct newsletter_options){
				.seed = options->seed,
				.domain = options->domain,
				.newline = options->newline,
				.mean_bytes = options->mean_bytes,
				.identical = options->kind == CORPUS_IDENTICAL,
			});
		options_check_mean(options, maker->newsletter.least_bytes);
		for (unsigned i = 0; options->sign[i]; i++)
			open_key(maker, options, i);
	} else {
		struct archive_options archive = {
			.seed = options->seed,
			.newline = options->newline,
			.mean_bytes = options->mean_bytes,
			.keys = options->sign,
		};

		options_check_mean(options, ARCHIVE_LEAST_BYTES);
		if (options->kind == CORPUS_ARCHIVE)
			check_keys(options);
		memcpy(archive.shares, options->shares, sizeof(archive.shares));
		archive_init(&maker->archive, &archive);
		senders_add_keys(&maker->message, &maker->archive.senders);
	}
}

/* What verifies the corpus, and what verifying must say. */
static void open_files(struct maker *maker, const struct options *options)
{
	FILE *keys = NULL;

	if (options->kind == CORPUS_ARCHIVE)
		maker->truth_file =
			open_beside(options, options->truth, ".truth");
	if (maker->message.size > 0)
		keys = open_beside(options, options->keys, ".keys");
	put(keys, &maker->message);
	finish(keys);
}

/* The message with its signatures above it, the first one lowest. */
static void add_letter(struct maker *maker, const struct options *options,
	uint64_t index, struct sp_buffer *out)
{
	struct sp_buffer *message = &maker->message;
	unsigned count = 0;

	if (!options->sign[0]) {
		newsletter_add(&maker->newsletter, index, out);
		return;
	}
	newsletter_add(&maker->newsletter, index, message);
	while (options->sign[count])
		count++;
	while (count-- > 0)
		signer_add(&maker->signer,
			&(struct signer_plan){
				.key = &maker->keys[count],
				.domain = options->domain,
				.selector = maker->selectors[count],
				.header_canon = SP_CANON_RELAXED,
				.body_canon = SP_CANON_RELAXED,
				.timestamp = newsletter_time(index),
				.expiration = SP_TIME_NONE,
				.newline = options->newline,
			},
			sp_buffer_span(message), out);
	sp_buffer_add(out, sp_buffer_span(message));
	sp_buffer_clear(message);
}

static void add_message(struct maker *maker, const struct options *options,
	uint64_t index, struct store *store)
{
	int64_t time = newsletter_time(index);

	if (options->kind == CORPUS_ARCHIVE)
		time = archive_add(
			&maker->archive, index, &store->message, &maker->truth);
	else if (options->kind == CORPUS_HOSTILE)
		attack_add(&maker->archive, index, &store->message,
			&maker->message, &maker->truth);
	else
		add_letter(maker, options, index, &store->message);
	put(maker->truth_file, &maker->truth);
	store_message(store, index, time);
}

static void maker_close(struct maker *maker, const struct options *options)
{
	finish(maker->truth_file);
	if (is_letters(options))
		newsletter_free(&maker->newsletter);
	else
		archive_free(&maker->archive);
	for (unsigned i = 0; i < OPTIONS_KEYS_MAX; i++)
		testkey_free(&maker->keys[i]);
	signer_free(&maker->signer);
	sp_buffer_free(&maker->message);
	sp_buffer_free(&maker->truth);
}

int main(int argc, char **argv)
{
	static struct maker maker;
	struct options options;
	struct store store;

	options_parse(&options, argc, argv);
	/* A key that cannot be read is no reason to overwrite anything. */
	maker_open(&maker, &options);
	store_open(&store, options.path, options.format, options.newline);
	open_files(&maker, &options);
	for (uint64_t i = 0; i < options.count; i++)
		add_message(&maker, &options, i, &store);
	store_close(&store);
	maker_close(&maker, &options);
	return 0;
}

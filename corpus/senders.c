/* SPDX-License-Identifier: Apache-2.0 */
/* The senders of an archive, and which key each had when. */
#include "corpus/senders.h"

#include <stdio.h>

#define SIMPLE SP_CANON_SIMPLE
#define RELAXED SP_CANON_RELAXED
#define WEAK_BITS 768u
#define YEARS 3u /* that a key is in use */
#define LONGER_KEYS_SINCE 2013u
#define KEY_STREAMS 1000u /* of random numbers, apart from the messages' */

const struct sender senders_table[SENDERS_COUNT] = {
	{"example.com", "example.com", RELAXED, RELAXED, 0, 2048},
	{"example.org", "example.org", RELAXED, SIMPLE, 1, 2048},
	{"example.net", "example.net", SIMPLE, SIMPLE, 2, 2048},
	{"mail.example.com", "example.com", RELAXED, RELAXED, 3, 2048},
	{"shop.example", "shop.example", RELAXED, RELAXED, 4, 2048},
	{"bank.example", "bank.example", SIMPLE, RELAXED, 0, 3072},
	{"uni.example", "uni.example", SIMPLE, SIMPLE, 3, 2048},
	{"news.example.org", "news.example.org", RELAXED, RELAXED, 1, 1024},
	{"town.example", "town.example", RELAXED, SIMPLE, 2, 2048},
	/* Lists sign what they pass on; nobody writes from here. */
	{"lists.example", "lists.example", RELAXED, RELAXED, 0, 2048},
};

/* What is made: RSA of each size, Ed25519, and one that is too short. */
static const unsigned sizes[SENDERS_KEYS] = {1024, 1024, 2048, 2048, 3072,
	TESTKEY_ED25519, TESTKEY_ED25519, WEAK_BITS};

static void put_given(struct senders *senders, const char *path)
{
	for (unsigned i = 0; i < SENDERS_KEYS; i++) {
		struct testkey key;

		if (sizes[i] == WEAK_BITS)
			continue;
		testkey_load(&key, path);
		if ((key.bits == TESTKEY_ED25519) ==
			(sizes[i] == TESTKEY_ED25519)) {
			testkey_free(&senders->keys[i]);
			senders->keys[i] = key;
		} else {
			testkey_free(&key);
		}
	}
}

void senders_init(
	struct senders *senders, uint64_t seed, const char *const *given)
{
	*senders = (struct senders){0};
	for (; *given; given++)
		put_given(senders, *given);
	for (unsigned i = 0; i < SENDERS_KEYS; i++)
		if (!senders->keys[i].pkey)
			testkey_make(&senders->keys[i], sizes[i],
				random_stream(
					seed, UINT64_MAX - KEY_STREAMS + i));
}

void senders_free(struct senders *senders)
{
	for (unsigned i = 0; i < SENDERS_KEYS; i++)
		testkey_free(&senders->keys[i]);
}

/* The number pick among the keys that were made with so many bits. */
static const struct testkey *find_key(
	const struct senders *senders, unsigned bits, unsigned pick)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SENDERS_KEYS; i++)
		count += sizes[i] == bits;
	pick %= count;
	for (unsigned i = 0;; i++)
		if (sizes[i] == bits && pick-- == 0)
			return &senders->keys[i];
}

const struct testkey *senders_key(const struct senders *senders,
	unsigned sender, enum senders_key kind, unsigned year,
	char selector[SENDERS_SELECTOR_BYTES])
{
	static const char *const names[] = {
		[SENDERS_RSA] = "s",
		[SENDERS_ED25519] = "ed25519.",
		[SENDERS_WEAK] = "old",
		[SENDERS_GONE] = "lost",
	};
	unsigned period = (year - SENDERS_FIRST_YEAR) / YEARS;
	unsigned first = SENDERS_FIRST_YEAR + period * YEARS;
	unsigned bits = senders_table[sender].bits;

	if (first < LONGER_KEYS_SINCE)
		bits = 1024;
	if (kind == SENDERS_ED25519)
		bits = TESTKEY_ED25519;
	if (kind == SENDERS_WEAK)
		bits = WEAK_BITS;
	snprintf(selector, SENDERS_SELECTOR_BYTES, "%s%u", names[kind], first);
	return find_key(senders, bits, sender + period);
}

static void add_key(struct sp_buffer *out, const struct senders *senders,
	unsigned sender, enum senders_key kind, unsigned year)
{
	char selector[SENDERS_SELECTOR_BYTES];
	const struct testkey *key =
		senders_key(senders, sender, kind, year, selector);

	sp_buffer_add_format(out, "%s._domainkey.%s\t", selector,
		senders_table[sender].domain);
	testkey_add_record(out, key);
	sp_buffer_add_char(out, '\n');
}

/* example.com is there twice, with other keys: so all its names are tried by
 * two values, as when a key is rolled. */
void senders_add_keys(struct sp_buffer *out, const struct senders *senders)
{
	for (unsigned i = 0; i < SENDERS_COUNT; i++)
		for (unsigned year = SENDERS_FIRST_YEAR;
			year <= SENDERS_LAST_YEAR; year += YEARS) {
			add_key(out, senders, i, SENDERS_RSA, year);
			add_key(out, senders, i, SENDERS_WEAK, year);
			if (year + YEARS > SENDERS_ED25519_SINCE)
				add_key(out, senders, i, SENDERS_ED25519, year);
		}
}

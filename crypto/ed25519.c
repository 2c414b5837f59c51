/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 (RFC 8032 5.1) in lanes: keys, tables, and which jobs go where.
 *
 * A verified key that comes back often gets a table of its own multiples, as
 * the base point has: that is a fifth of the work, and the table costs as much
 * as ten signatures without it. Tables take 165 KB, so a thread keeps only
 * a few; the one not used for longest gives way.
 */
#include "crypto/ed25519.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"

#define HOT_KEYS 8u
#define HOT_USES 32u /* of a key, before it gets a table */
#define COUNTERS 256u /* of keys on their way there; a power of two */
#define JOBS_MIN 4u /* before the base point's table is worth it */
#define STACK_BYTES \
	(32u << 10) /* more than the frames of a kernel that signs */

/* Of the tables of all threads; those who bound memory ask for it. */
static atomic_size_t table_bytes;

size_t sp_ed25519_table_bytes(void)
{
	return atomic_load_explicit(&table_bytes, memory_order_relaxed);
}

/* NULL when memory fails, or there are too many. */
static struct sp_ed25519_table *table_new(void)
{
	const size_t size = sizeof(struct sp_ed25519_table);
	struct sp_ed25519_table *table = NULL;

	if (atomic_fetch_add(&table_bytes, size) + size <=
		SP_ED25519_TABLES_BYTES_MAX)
		table = aligned_alloc(64, size);
	if (!table)
		atomic_fetch_sub(&table_bytes, size);
	return table;
}

static void table_free(struct sp_ed25519_table *table)
{
	if (table)
		atomic_fetch_sub(&table_bytes, sizeof(*table));
	free(table);
}

struct hot_key {
	uint64_t key_id; /* 0: none */
	uint64_t used; /* when last */
	struct sp_ed25519_table *table;
};

struct counter {
	uint64_t key_id;
	unsigned uses;
};

struct sp_ed25519 {
	const struct sp_ed25519_kernel *kernel; /* or NULL */
	uint64_t jobs; /* seen so far */
	uint64_t now; /* counts uses of hot keys */
	struct hot_key hot[HOT_KEYS];
	struct counter counters[COUNTERS];
};

/* The halves of the seed's hash (RFC 8032 5.1.5). */
static bool expand(struct sp_ed25519_key *key, const EVP_PKEY *evp)
{
	unsigned char seed[SP_ED25519_BYTES], hash[2 * SP_ED25519_BYTES];
	size_t size = sizeof(seed);
	bool done = EVP_PKEY_get_raw_private_key(evp, seed, &size) == 1 &&
		    EVP_Digest(seed, size, hash, NULL, EVP_sha512(), NULL) == 1;

	if (done) {
		hash[0] &= 0xf8;
		hash[31] = (unsigned char)((hash[31] & 0x7f) | 0x40);
		memcpy(key->scalar, hash, SP_ED25519_BYTES);
		memcpy(key->prefix, hash + SP_ED25519_BYTES, SP_ED25519_BYTES);
	}
	OPENSSL_cleanse(seed, sizeof(seed));
	OPENSSL_cleanse(hash, sizeof(hash));
	return done;
}

struct sp_ed25519_key *sp_ed25519_key_open(
	const EVP_PKEY *evp, bool private_half)
{
	struct sp_ed25519_key *key = private_half
					     ? sp_secret_alloc(sizeof(*key))
					     : calloc(1, sizeof(*key));
	size_t size = sizeof(key->public);

	if (!key)
		return NULL;
	key->private_half = private_half;
	if (EVP_PKEY_get_raw_public_key(evp, key->public, &size) == 1 &&
		(!private_half || expand(key, evp)))
		return key;
	sp_ed25519_key_close(key);
	return NULL;
}

void sp_ed25519_key_close(struct sp_ed25519_key *key)
{
	if (key && key->private_half)
		sp_secret_free(key, sizeof(*key));
	else
		free(key);
}

const struct sp_ed25519_kernel *sp_ed25519_kernel(void)
{
	static const struct sp_ed25519_kernel *const kernels[] = {
		&sp_ed25519_ifma,
	};

	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++)
		if (sp_cpu_has(SP_FEATURE_AVX512) &&
			sp_cpu_has(kernels[i]->needs))
			return kernels[i];
	return NULL;
}

/* Shared by all threads; const once made. */
static struct sp_ed25519_table base_table __attribute__((aligned(64)));

static void build_base(void)
{
	sp_ed25519_kernel()->build(&base_table, NULL);
}

const struct sp_ed25519_table *sp_ed25519_base(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, build_base);
	return &base_table;
}

struct sp_ed25519 *sp_ed25519_open(void)
{
	struct sp_ed25519 *ed25519 = calloc(1, sizeof(*ed25519));

	if (ed25519)
		ed25519->kernel = sp_ed25519_kernel();
	return ed25519;
}

void sp_ed25519_close(struct sp_ed25519 *ed25519)
{
	if (!ed25519)
		return;
	for (unsigned i = 0; i < HOT_KEYS; i++)
		table_free(ed25519->hot[i].table);
	free(ed25519);
}

/* Can a kernel do the job? */
static bool fits(const struct sp_job *job)
{
	return job->key->ed25519 &&
	       job->digest_size <= SP_ED25519_MESSAGE_BYTES_MAX &&
	       (job->kind == SP_JOB_SIGN ||
		       job->signature_size == SP_ED25519_SIGNATURE_BYTES);
}

/* Of jobs from *at on, up to a batch of those that fit; 0 at the end. */
static size_t gather(struct sp_job *batch[SP_ED25519_BATCH],
	struct sp_job *const *jobs, size_t count, size_t *at)
{
	size_t taken = 0;

	for (; *at < count && taken < SP_ED25519_BATCH; ++*at)
		if (fits(jobs[*at]))
			batch[taken++] = jobs[*at];
	return taken;
}

/* What the kernel's frames held of nonces and keys. */
static __attribute__((noinline)) void wipe_stack(void)
{
	unsigned char frames[STACK_BYTES];

	OPENSSL_cleanse(frames, sizeof(frames));
}

void sp_ed25519_sign(
	struct sp_ed25519 *ed25519, struct sp_job *const *jobs, size_t count)
{
	struct sp_job *batch[SP_ED25519_BATCH];
	size_t at = 0, taken;

	ed25519->jobs += count;
	if (!ed25519->kernel || ed25519->jobs < JOBS_MIN)
		return;
	while ((taken = gather(batch, jobs, count, &at)) > 0)
		ed25519->kernel->sign(sp_ed25519_base(), batch, taken);
	wipe_stack();
}

/* Has the key come uses times, these times counted? */
static bool is_frequent(
	struct sp_ed25519 *ed25519, uint64_t key_id, size_t times)
{
	struct counter *counter = &ed25519->counters[key_id % COUNTERS];

	if (counter->key_id != key_id)
		*counter = (struct counter){.key_id = key_id};
	counter->uses += times;
	return counter->uses >= HOT_USES;
}

/* A new table, in the place of the one not used for longest. */
static const struct sp_ed25519_table *heat(
	struct sp_ed25519 *ed25519, const struct sp_pkey *key)
{
	struct hot_key *oldest = &ed25519->hot[0];

	for (unsigned i = 1; i < HOT_KEYS; i++)
		if (ed25519->hot[i].used < oldest->used)
			oldest = &ed25519->hot[i];
	oldest->key_id = 0;
	if (!oldest->table)
		oldest->table = table_new();
	if (!oldest->table ||
		!ed25519->kernel->build(oldest->table, key->ed25519->public))
		return NULL;
	oldest->key_id = key->id;
	oldest->used = ++ed25519->now;
	return oldest->table;
}

/* The table for so many more uses of the key, or NULL. */
static const struct sp_ed25519_table *hot_table(
	struct sp_ed25519 *ed25519, const struct sp_pkey *key, size_t times)
{
	for (unsigned i = 0; i < HOT_KEYS; i++) {
		struct hot_key *hot = &ed25519->hot[i];

		if (hot->key_id == key->id) {
			hot->used = ++ed25519->now;
			return hot->table;
		}
	}
	if (!is_frequent(ed25519, key->id, times))
		return NULL;
	return heat(ed25519, key);
}

/* How many of the first jobs have the key of the first. */
static size_t run_length(struct sp_job *const *jobs, size_t count)
{
	size_t length = 1;

	while (length < count && jobs[length]->key == jobs[0]->key)
		length++;
	return length;
}

/* Jobs without a table of their key, of any keys together. */
struct cold {
	struct sp_job *jobs[SP_ED25519_BATCH];
	size_t count;
};

static void verify_cold(struct sp_ed25519 *ed25519, struct cold *cold)
{
	if (cold->count > 0)
		ed25519->kernel->verify(
			sp_ed25519_base(), NULL, cold->jobs, cold->count);
	cold->count = 0;
}

/* Jobs of one key. */
static void verify_run(struct sp_ed25519 *ed25519, struct cold *cold,
	struct sp_job *const *jobs, size_t count)
{
	struct sp_job *batch[SP_ED25519_BATCH];
	const struct sp_ed25519_table *table =
		hot_table(ed25519, jobs[0]->key, count);
	size_t at = 0, taken;

	while ((taken = gather(batch, jobs, count, &at)) > 0) {
		if (table) {
			ed25519->kernel->verify(
				sp_ed25519_base(), table, batch, taken);
			continue;
		}
		for (size_t i = 0; i < taken; i++) {
			cold->jobs[cold->count++] = batch[i];
			if (cold->count == SP_ED25519_BATCH)
				verify_cold(ed25519, cold);
		}
	}
}

void sp_ed25519_verify(
	struct sp_ed25519 *ed25519, struct sp_job *const *jobs, size_t count)
{
	struct cold cold = {.count = 0};

	ed25519->jobs += count;
	if (!ed25519->kernel || ed25519->jobs < JOBS_MIN)
		return;
	for (size_t at = 0, run; at < count; at += run) {
		run = run_length(jobs + at, count - at);
		if (jobs[at]->key->ed25519)
			verify_run(ed25519, &cold, jobs + at, run);
	}
	verify_cold(ed25519, &cold);
}

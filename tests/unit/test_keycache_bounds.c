/* SPDX-License-Identifier: Apache-2.0 */
/* The bounds of the key cache (engine/keycache.h): entries, bytes, tables. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "crypto/ed25519.h"
#include "engine/keycache.h"
#include "tests/unit/net.h"

#define NAMES 200u
#define ED25519 \
	"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

/* Every name has the same values. */
static enum sp_status lookup(struct sp_resolver *resolver,
	const struct sp_span *names, size_t count, struct sp_answer *answers,
	struct sp_arena *arena)
{
	(void)names;
	(void)arena;
	for (size_t i = 0; i < count; i++)
		answers[i] = ((struct net *)resolver)->answer;
	return SP_OK;
}

static const struct sp_resolver_ops file_ops = {
	.name = "file", .lookup = lookup};
static const struct sp_resolver_ops net_ops = {
	.name = "net", .lookup = lookup, .start = net_start};

static struct net net_init(
	const struct sp_resolver_ops *ops, struct sp_span *values, size_t count)
{
	return (struct net){
		.base.ops = ops,
		.answer = {.status = SP_ANSWER_FOUND,
			.values = values,
			.count = count,
			.ttl_s = 3600,
			.source = SP_KEY_SOURCE_DNS},
	};
}

static struct sp_keycache *open_cache(
	struct sp_resolver **resolver, size_t entries_max, size_t bytes_max)
{
	const struct sp_keycache_options options = {
		.entries_max = entries_max, .bytes_max = bytes_max};
	struct sp_keycache *cache = sp_keycache_open(resolver, 1, &options);

	cr_assert_not_null(cache);
	return cache;
}

static struct sp_keycache_stats stats_of(struct sp_keycache *cache)
{
	struct sp_keycache_stats stats;

	sp_keycache_stats(cache, &stats);
	return stats;
}

static void make_names(struct sp_span *names, char (*text)[32], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		snprintf(text[i], sizeof(text[i]), "name%zu", i);
		names[i] = sp_span_str(text[i]);
	}
}

/* Asks for all names one by one; how many of them stayed. */
static size_t kept(struct sp_keycache *cache, size_t bytes_max)
{
	char text[NAMES][32];
	struct sp_span names[NAMES];
	uint64_t evictions;

	make_names(names, text, NAMES);
	for (size_t i = 0; i < NAMES; i++) {
		const struct sp_keyset *set;

		cr_assert_eq(sp_keycache_get(cache, &names[i], 1, &set), SP_OK);
		cr_expect_eq(set->reason, SP_REASON_OK);
		sp_keycache_put(cache, &set, 1);
		cr_expect_leq(stats_of(cache).bytes, bytes_max, "name %zu", i);
	}
	evictions = stats_of(cache).evictions;
	cr_expect_leq(evictions, NAMES);
	return NAMES - evictions;
}

static size_t kept_of(struct sp_span value, size_t bytes_max)
{
	struct net net = net_init(&file_ops, &value, 1);
	struct sp_resolver *resolver = &net.base;
	struct sp_keycache *cache = open_cache(&resolver, 4096, bytes_max);
	size_t count = kept(cache, bytes_max);

	sp_keycache_close(cache);
	return count;
}

Test(keycache_bounds, large_keys_are_fewer)
{
	struct sp_pkey key = {.evp = NULL};
	struct sp_buffer large = {.data = NULL};
	struct sp_error error;
	size_t small_count, large_count;

	cr_assert_eq(sp_pkey_generate(&key, SP_PKEY_RSA, 2048, &error), SP_OK);
	cr_assert_eq(sp_keyrecord_write(&large, &key), SP_OK);
	small_count = kept_of(sp_span_str(ED25519), 64u << 10);
	large_count = kept_of(sp_buffer_span(&large), 64u << 10);
	cr_expect_gt(large_count, 8);
	cr_expect_gt(small_count, large_count);
	cr_expect_lt(small_count, NAMES, "the bound is met");
	sp_buffer_free(&large);
	sp_pkey_free(&key);
}

/* What a name server may say: sixteen records of 60 KB. */
Test(keycache_bounds, a_name_beyond_the_bound_does_not_stay)
{
	enum { SIZE = 60000, COUNT = 16 };
	char *text = malloc(SIZE);
	struct sp_span values[COUNT], name = sp_span_str("huge");
	struct net net = net_init(&net_ops, values, COUNT);
	struct sp_resolver *resolver = &net.base;
	struct sp_keycache *cache = open_cache(&resolver, 4096, 256u << 10);
	struct sp_arena arena = {.chunk_bytes = 1024};
	struct sp_keywait wait = {.left = 1};
	const struct sp_keyset *set;

	cr_assert_not_null(text);
	memset(text, 'x', SIZE);
	for (size_t i = 0; i < COUNT; i++)
		values[i] = sp_span(text, SIZE);
	cr_assert_eq(
		sp_keycache_begin(cache, &name, 1, &set, &wait, &arena), SP_OK);
	net_answer(&net);
	cr_assert_eq(sp_keycache_settle(cache, &set, 1), SP_OK);
	cr_expect_eq(set->count, COUNT);
	cr_expect_eq(set->records[0].reason, SP_REASON_KEY_SYNTAX);
	cr_expect_gt(stats_of(cache).bytes, COUNT * SIZE, "while it is held");
	sp_keycache_put(cache, &set, 1);
	cr_expect_eq(stats_of(cache).bytes, 0);
	sp_keycache_close(cache);
	sp_arena_free(&arena);
	free(text);
}

static void never_ready(struct sp_keywait *wait)
{
	(void)wait;
}

/* One set of eight places, all of them held: nobody may ask again. */
Test(keycache_bounds, a_name_without_a_place_is_asked_for_once)
{
	enum { COUNT = 64, TIMES = 3 };
	struct sp_span value = sp_span_str(ED25519);
	struct net net = net_init(&net_ops, &value, 1);
	struct sp_resolver *resolver = &net.base;
	struct sp_keycache *cache = open_cache(&resolver, 1, 0);
	struct sp_keywait wait = {.left = 1, .ready = never_ready};
	struct sp_arena arena = {.chunk_bytes = 1024};
	const struct sp_keyset *sets[TIMES][COUNT];
	struct sp_span names[COUNT];
	char text[COUNT][32];

	make_names(names, text, COUNT);
	for (size_t i = 0; i < TIMES; i++) {
		cr_assert_eq(sp_keycache_begin(cache, names, COUNT, sets[i],
				     &wait, &arena),
			SP_OK);
		cr_expect_eq(net.count, COUNT, "turn %zu", i);
		/* The last turn finds answers that are held. */
		if (i == 1)
			net_answer(&net);
	}
	cr_expect_eq(wait.left, 1);
	net_answer(&net); /* what should not have been asked again */
	for (size_t i = 0; i < TIMES; i++) {
		cr_assert_eq(sp_keycache_settle(cache, sets[i], COUNT), SP_OK);
		for (size_t j = 0; j < COUNT; j++)
			cr_expect_eq(sets[i][j], sets[0][j]);
	}
	for (size_t i = 0; i < TIMES; i++)
		sp_keycache_put(cache, sets[i], COUNT);
	/* Closing asserts that none is left outside. */
	sp_keycache_close(cache);
	sp_arena_free(&arena);
}

/* Verifies with the key until it is worth a table of its own. */
static void heat(struct sp_lanes *lanes, const struct sp_pkey *key)
{
	enum { JOBS = 64 };
	static const unsigned char digest[32];
	unsigned char signature[SP_ED25519_SIGNATURE_BYTES];
	struct sp_job jobs[JOBS];

	for (size_t i = 0; i <= JOBS; i++) {
		struct sp_job *job = &jobs[i ? i - 1 : 0];

		*job = (struct sp_job){
			.kind = i ? SP_JOB_VERIFY : SP_JOB_SIGN,
			.key = key,
			.hash = SP_SHA256,
			.digest = digest,
			.digest_size = sizeof(digest),
			.signature = signature,
			.signature_size = sizeof(signature),
		};
		sp_lanes_submit(lanes, job);
		if (i == 0)
			sp_lanes_run(lanes);
	}
	sp_lanes_run(lanes);
	cr_assert_eq(jobs[JOBS - 1].outcome, SP_JOB_DONE);
}

Test(keycache_bounds, tables_of_hot_keys_count)
{
	struct sp_lanes *lanes = sp_lanes_open();
	struct sp_pkey key = {.evp = NULL};
	struct sp_error error;
	size_t with, without, bytes_max;

	cr_assert_not_null(lanes);
	if (!sp_ed25519_kernel()) {
		sp_lanes_close(lanes);
		cr_skip("no kernel for Ed25519 on this machine");
	}
	cr_assert_eq(sp_pkey_generate(&key, SP_PKEY_ED25519, 0, &error), SP_OK);
	cr_expect_eq(sp_ed25519_table_bytes(), 0);
	heat(lanes, &key);
	cr_expect_eq(sp_ed25519_table_bytes(), sizeof(struct sp_ed25519_table));
	bytes_max = sizeof(struct sp_ed25519_table) + (32u << 10);
	with = kept_of(sp_span_str(ED25519), bytes_max);
	sp_lanes_close(lanes);
	cr_expect_eq(sp_ed25519_table_bytes(), 0);
	without = kept_of(sp_span_str(ED25519), bytes_max);
	cr_expect_gt(with, 8);
	cr_expect_lt(2 * with, without);
	sp_pkey_free(&key);
}

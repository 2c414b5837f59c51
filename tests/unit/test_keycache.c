/* SPDX-License-Identifier: Apache-2.0 */
/* The key cache (engine/keycache.h) over resolvers that count. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "engine/keycache.h"

#define ED25519 \
	"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define NAMES_MAX 256u

/* Knows the names that begin with prefix; "prefix" alone knows all. */
struct fake {
	struct sp_resolver base;
	const char *prefix;
	struct sp_answer answer;
	enum sp_status status;
	size_t calls;
	size_t names;
};

static enum sp_status lookup(struct sp_resolver *resolver,
	const struct sp_span *names, size_t count, struct sp_answer *answers,
	struct sp_arena *arena)
{
	struct fake *fake = (struct fake *)resolver;

	(void)arena;
	fake->calls++;
	fake->names += count;
	for (size_t i = 0; i < count; i++) {
		cr_assert_eq(answers[i].status, SP_ANSWER_UNKNOWN);
		if (sp_span_starts(names[i], fake->prefix))
			answers[i] = fake->answer;
	}
	return fake->status;
}

static void no_close(struct sp_resolver *resolver)
{
	(void)resolver;
}

static const struct sp_resolver_ops ops = {
	.name = "fake", .lookup = lookup, .close = no_close};

static struct sp_span ed25519_value = {ED25519, sizeof(ED25519) - 1};

static struct fake fake_init(const char *prefix, enum sp_answer_status status)
{
	return (struct fake){
		.base.ops = &ops,
		.prefix = prefix,
		.answer =
			{
				.status = status,
				.values = &ed25519_value,
				.count = status == SP_ANSWER_FOUND,
				.source = SP_KEY_SOURCE_FILE,
				.dnssec = SP_DNSSEC_SECURE,
			},
	};
}

static const struct sp_keyset *get(struct sp_keycache *cache, const char *name)
{
	struct sp_span span = sp_span_str(name);
	const struct sp_keyset *set;

	cr_assert_eq(sp_keycache_get(cache, &span, 1, &set), SP_OK);
	cr_assert_not_null(set);
	return set;
}

static enum sp_reason get_reason(struct sp_keycache *cache, const char *name)
{
	const struct sp_keyset *set = get(cache, name);
	enum sp_reason reason = set->reason;

	sp_keycache_put(cache, &set, 1);
	return reason;
}

Test(keycache, asks_once_and_keeps_the_parsed_key)
{
	struct fake fake = fake_init("", SP_ANSWER_FOUND);
	struct sp_resolver *resolver = &fake.base;
	struct sp_keycache *cache = sp_keycache_open(&resolver, 1, 0);
	const struct sp_keyset *first = get(cache, "s._domainkey.example.com");
	const struct sp_keyset *again = get(cache, "s._domainkey.example.com");
	struct sp_keycache_stats stats;

	cr_expect_eq(first, again);
	cr_expect_eq(first->reason, SP_REASON_OK);
	cr_expect_eq(first->source, SP_KEY_SOURCE_FILE);
	cr_expect_eq(first->dnssec, SP_DNSSEC_SECURE);
	cr_assert_eq(first->count, 1);
	cr_expect_eq(first->records[0].reason, SP_REASON_OK);
	cr_expect_eq(first->records[0].key.type, SP_PKEY_ED25519);
	cr_expect_eq(fake.calls, 1);
	sp_keycache_stats(cache, &stats);
	cr_expect_eq(stats.hits, 1);
	cr_expect_eq(stats.misses, 1);
	cr_expect_eq(stats.evictions, 0);
	sp_keycache_put(cache, &first, 1);
	sp_keycache_put(cache, &again, 1);
	sp_keycache_close(cache);
}

Test(keycache, asks_for_a_batch_in_one_call_and_for_each_name_once)
{
	struct fake fake = fake_init("", SP_ANSWER_FOUND);
	struct sp_resolver *resolver = &fake.base;
	struct sp_keycache *cache = sp_keycache_open(&resolver, 1, 0);
	const struct sp_span names[] = {
		sp_span_str("a"),
		sp_span_str("b"),
		sp_span_str("a"),
		sp_span_str("c"),
		sp_span_str("b"),
		sp_span_str("a"),
	};
	const struct sp_keyset *sets[6];

	for (int round = 0; round < 3; round++) {
		cr_assert_eq(sp_keycache_get(cache, names, 6, sets), SP_OK);
		cr_expect_eq(sets[0], sets[2]);
		cr_expect_eq(sets[0], sets[5]);
		cr_expect_eq(sets[1], sets[4]);
		cr_expect_neq(sets[0], sets[1]);
		cr_expect_neq(sets[0], sets[3]);
		sp_keycache_put(cache, sets, 6);
	}
	cr_expect_eq(fake.calls, 1);
	cr_expect_eq(fake.names, 3);
	sp_keycache_close(cache);
}

Test(keycache, takes_the_first_resolver_that_knows_the_name)
{
	struct fake first = fake_init("a", SP_ANSWER_NXDOMAIN);
	struct fake second = fake_init("ab", SP_ANSWER_SERVFAIL);
	struct fake third = fake_init("b", SP_ANSWER_FOUND);
	struct sp_resolver *resolvers[] = {
		&first.base, &second.base, &third.base};
	struct sp_keycache *cache = sp_keycache_open(resolvers, 3, 0);
	const struct sp_span names[] = {
		sp_span_str("b1"),
		sp_span_str("ab"),
		sp_span_str("nobody"),
		sp_span_str("b2"),
	};
	const struct sp_keyset *sets[4];

	cr_assert_eq(sp_keycache_get(cache, names, 4, sets), SP_OK);
	cr_expect_eq(sets[0]->reason, SP_REASON_OK);
	cr_expect_eq(sets[1]->reason, SP_REASON_KEY_NOT_FOUND);
	cr_expect_eq(sets[2]->reason, SP_REASON_KEY_NOT_FOUND);
	cr_expect_eq(sets[2]->source, SP_KEY_SOURCE_NONE);
	cr_expect_eq(sets[3]->reason, SP_REASON_OK);
	cr_expect_eq(first.names, 4);
	cr_expect_eq(second.names, 3);
	cr_expect_eq(third.names, 3);
	sp_keycache_put(cache, sets, 4);
	sp_keycache_close(cache);
}

/* RFC 6376 6.1.2, steps 2 and 3 */
Test(keycache, gives_every_answer_its_reason)
{
	static const struct {
		enum sp_answer_status status;
		enum sp_reason reason;
	} cases[] = {
		{SP_ANSWER_UNKNOWN, SP_REASON_KEY_NOT_FOUND},
		{SP_ANSWER_FOUND, SP_REASON_OK},
		{SP_ANSWER_NXDOMAIN, SP_REASON_KEY_NOT_FOUND},
		{SP_ANSWER_SERVFAIL, SP_REASON_DNS_FAILURE},
		{SP_ANSWER_TIMEOUT, SP_REASON_DNS_TIMEOUT},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake fake = fake_init("", cases[i].status);
		struct sp_resolver *resolver = &fake.base;
		struct sp_keycache *cache = sp_keycache_open(&resolver, 1, 0);

		cr_expect_eq(get_reason(cache, "x"), cases[i].reason);
		sp_keycache_close(cache);
	}
}

Test(keycache, without_resolvers_nothing_is_found)
{
	struct sp_keycache *cache = sp_keycache_open(NULL, 0, 0);

	cr_expect_eq(get_reason(cache, "x"), SP_REASON_KEY_NOT_FOUND);
	sp_keycache_close(cache);
}

Test(keycache, keeps_all_records_of_a_name_up_to_the_limit)
{
	struct sp_span values[SP_KEY_RECORDS_MAX + 1];
	struct fake fake = fake_init("", SP_ANSWER_FOUND);
	struct sp_resolver *resolver = &fake.base;
	struct sp_keycache *cache = sp_keycache_open(&resolver, 1, 0);
	const struct sp_keyset *set;

	for (size_t i = 0; i <= SP_KEY_RECORDS_MAX; i++)
		values[i] = i == 1 ? sp_span_str("v=spf1 -all") : ed25519_value;
	fake.answer.values = values;
	fake.answer.count = SP_KEY_RECORDS_MAX + 1;
	set = get(cache, "x");
	cr_assert_eq(set->count, SP_KEY_RECORDS_MAX);
	for (size_t i = 0; i < set->count; i++)
		cr_expect_eq(set->records[i].reason == SP_REASON_OK, i != 1);
	sp_keycache_put(cache, &set, 1);
	sp_keycache_close(cache);
}

static void get_many(
	struct sp_keycache *cache, size_t count, const struct sp_keyset **sets)
{
	static char text[NAMES_MAX][32];
	struct sp_span names[NAMES_MAX];

	for (size_t i = 0; i < count; i++) {
		snprintf(text[i], sizeof(text[i]), "name%zu", i);
		names[i] = sp_span_str(text[i]);
	}
	cr_assert_eq(sp_keycache_get(cache, names, count, sets), SP_OK);
}

Test(keycache, stays_within_its_bound_even_when_all_is_held)
{
	struct fake fake = fake_init("", SP_ANSWER_FOUND);
	struct sp_resolver *resolver = &fake.base;
	struct sp_keycache *cache = sp_keycache_open(&resolver, 1, 16);
	const struct sp_keyset *sets[NAMES_MAX];
	struct sp_keycache_stats stats;

	get_many(cache, NAMES_MAX, sets);
	for (size_t i = 0; i < NAMES_MAX; i++)
		cr_expect_eq(sets[i]->records[0].reason, SP_REASON_OK);
	sp_keycache_stats(cache, &stats);
	cr_expect_eq(stats.evictions, 0, "nothing held gives way");
	sp_keycache_put(cache, sets, NAMES_MAX);
	fake.names = 0;
	get_many(cache, NAMES_MAX, sets);
	cr_expect_geq(fake.names, NAMES_MAX - 16);
	sp_keycache_put(cache, sets, NAMES_MAX);
	sp_keycache_close(cache);
}

Test(keycache, what_is_used_outlives_what_is_not)
{
	struct fake fake = fake_init("", SP_ANSWER_FOUND);
	struct sp_resolver *resolver = &fake.base;
	struct sp_keycache *cache = sp_keycache_open(&resolver, 1, 8);
	struct sp_keycache_stats stats;

	get_reason(cache, "hot");
	for (size_t i = 0; i < 200; i++) {
		char name[16];

		snprintf(name, sizeof(name), "cold%zu", i);
		get_reason(cache, "hot");
		get_reason(cache, name);
	}
	sp_keycache_stats(cache, &stats);
	cr_expect_eq(
		stats.misses, 201, "%llu", (unsigned long long)stats.misses);
	cr_expect_eq(stats.hits, 200);
	cr_expect_eq(stats.evictions, 201 - 8);
	sp_keycache_close(cache);
}

Test(keycache, what_was_used_long_ago_gives_way_too)
{
	struct fake fake = fake_init("", SP_ANSWER_FOUND);
	struct sp_resolver *resolver = &fake.base;
	struct sp_keycache *cache = sp_keycache_open(&resolver, 1, 8);
	struct sp_keycache_stats stats;

	for (char name[] = "a"; name[0] < 'a' + 8; name[0]++) {
		get_reason(cache, name);
		get_reason(cache, name);
	}
	for (char name[] = "A"; name[0] < 'A' + 8; name[0]++)
		get_reason(cache, name);
	sp_keycache_stats(cache, &stats);
	cr_expect_eq(stats.evictions, 8);
	sp_keycache_close(cache);
}

Test(keycache, holds_nothing_when_a_resolver_is_in_trouble)
{
	struct fake fake = fake_init("", SP_ANSWER_FOUND);
	struct sp_resolver *resolver = &fake.base;
	struct sp_keycache *cache = sp_keycache_open(&resolver, 1, 0);
	const struct sp_span names[] = {
		sp_span_str("known"), sp_span_str("new")};
	const struct sp_keyset *sets[2];

	get_reason(cache, "known");
	fake.status = SP_IO;
	cr_expect_eq(sp_keycache_get(cache, names, 2, sets), SP_IO);
	fake.status = SP_OK;
	cr_expect_eq(get_reason(cache, "new"), SP_REASON_OK);
	/* Closing asserts that nothing is held. */
	sp_keycache_close(cache);
}

Test(keycache, closing_nothing_is_fine)
{
	sp_keycache_close(NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The key cache (engine/keycache.h) over resolvers that count. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "engine/keycache.h"
#include "tests/unit/net.h"

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

static struct sp_keycache *open_small(
	struct sp_resolver **resolver, size_t entries_max)
{
	const struct sp_keycache_options options = {.entries_max = entries_max};

	return sp_keycache_open(resolver, 1, &options);
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
	struct sp_keycache *cache = sp_keycache_open(&resolver, 1, NULL);
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
	struct sp_keycache *cache = sp_keycache_open(&resolver, 1, NULL);
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
	struct sp_keycache *cache = sp_keycache_open(resolvers, 3, NULL);
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
		struct sp_keycache *cache =
			sp_keycache_open(&resolver, 1, NULL);

		cr_expect_eq(get_reason(cache, "x"), cases[i].reason);
		sp_keycache_close(cache);
	}
}

Test(keycache, without_resolvers_nothing_is_found)
{
	struct sp_keycache *cache = sp_keycache_open(NULL, 0, NULL);

	cr_expect_eq(get_reason(cache, "x"), SP_REASON_KEY_NOT_FOUND);
	sp_keycache_close(cache);
}

Test(keycache, keeps_all_records_of_a_name_up_to_the_limit)
{
	struct sp_span values[SP_KEY_RECORDS_MAX + 1];
	struct fake fake = fake_init("", SP_ANSWER_FOUND);
	struct sp_resolver *resolver = &fake.base;
	struct sp_keycache *cache = sp_keycache_open(&resolver, 1, NULL);
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
	struct sp_keycache *cache = open_small(&resolver, 16);
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
	struct sp_keycache *cache = open_small(&resolver, 8);
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
	struct sp_keycache *cache = open_small(&resolver, 8);
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
	struct sp_keycache *cache = sp_keycache_open(&resolver, 1, NULL);
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

static void net_cancel(struct sp_resolver *resolver)
{
	struct net *net = (struct net *)resolver;

	net->answer.status = SP_ANSWER_TIMEOUT;
	net_answer(net);
}

static const struct sp_resolver_ops net_ops = {
	.name = "net",
	.lookup = lookup,
	.close = no_close,
	.start = net_start,
	.cancel = net_cancel,
};

static struct net net_init(enum sp_answer_status status, uint32_t ttl_s)
{
	return (struct net){
		.base.ops = &net_ops,
		.answer =
			{
				.status = status,
				.values = &ed25519_value,
				.count = status == SP_ANSWER_FOUND,
				.ttl_s = ttl_s,
				.source = SP_KEY_SOURCE_DNS,
				.dnssec = SP_DNSSEC_SECURE,
			},
	};
}

static int64_t test_clock_s;

static int64_t test_clock(void)
{
	return test_clock_s;
}

static struct sp_keycache *open_over(struct sp_resolver **resolver)
{
	const struct sp_keycache_options options = {.clock = test_clock};

	test_clock_s = 1000;
	return sp_keycache_open(resolver, 1, &options);
}

struct batch {
	struct sp_keywait wait; /* first */
	struct sp_arena arena;
	const struct sp_keyset *sets[2];
	int readies;
};

static void is_ready(struct sp_keywait *wait)
{
	((struct batch *)wait)->readies++;
}

static void begin(struct sp_keycache *cache, struct batch *batch)
{
	const struct sp_span names[] = {sp_span_str("one"), sp_span_str("two")};

	*batch = (struct batch){
		.wait = {.left = 1, .ready = is_ready},
		.arena.chunk_bytes = 1024,
	};
	cr_assert_eq(sp_keycache_begin(cache, names, 2, batch->sets,
			     &batch->wait, &batch->arena),
		SP_OK);
}

static void finish(struct sp_keycache *cache, struct batch *batch)
{
	cr_assert_eq(sp_keycache_settle(cache, batch->sets, 2), SP_OK);
	for (size_t i = 0; i < 2; i++)
		cr_expect_eq(batch->sets[i]->reason, SP_REASON_OK);
	sp_keycache_put(cache, batch->sets, 2);
	sp_arena_free(&batch->arena);
}

Test(keycache, asks_the_network_once_for_all_who_wait)
{
	struct net net = net_init(SP_ANSWER_FOUND, 300);
	struct sp_resolver *resolver = &net.base;
	struct sp_keycache *cache = open_over(&resolver);
	struct sp_keycache_stats stats;
	struct batch first, second, third;

	cr_expect(sp_keycache_waits(cache));
	begin(cache, &first);
	begin(cache, &second);
	cr_expect_eq(net.count, 2);
	cr_expect_eq(first.wait.left, 3);
	cr_expect_not(sp_keywait_last(&first.wait));
	net_answer(&net);
	/* The first has nothing else to do; the second still has. */
	cr_expect_eq(first.readies, 1);
	cr_expect_eq(second.readies, 0);
	cr_expect(sp_keywait_last(&second.wait));
	begin(cache, &third);
	cr_expect(sp_keywait_last(&third.wait), "all is there");
	finish(cache, &first);
	finish(cache, &second);
	finish(cache, &third);
	cr_expect_eq(net.count, 2);
	sp_keycache_stats(cache, &stats);
	cr_expect_eq(stats.misses, 2);
	sp_keycache_close(cache);
}

static void ask_and_put(struct sp_keycache *cache, struct net *net)
{
	struct batch batch;

	begin(cache, &batch);
	net_answer(net);
	sp_keycache_put(cache, batch.sets, 2);
	sp_arena_free(&batch.arena);
}

Test(keycache, forgets_answers_when_their_time_is_over)
{
	static const struct {
		enum sp_answer_status status;
		uint32_t ttl_s, kept_s;
	} cases[] = {
		{SP_ANSWER_FOUND, 0, SP_KEY_TTL_MIN_S},
		{SP_ANSWER_FOUND, 300, 300},
		{SP_ANSWER_FOUND, 1u << 30, SP_KEY_TTL_MAX_S},
		{SP_ANSWER_NXDOMAIN, 0, SP_KEY_TTL_MIN_S},
		{SP_ANSWER_NXDOMAIN, 120, 120},
		{SP_ANSWER_NXDOMAIN, 7200, SP_KEY_TTL_NONE_S},
		{SP_ANSWER_SERVFAIL, 7200, SP_KEY_TTL_FAILED_S},
		{SP_ANSWER_TIMEOUT, 7200, SP_KEY_TTL_FAILED_S},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct net net = net_init(cases[i].status, cases[i].ttl_s);
		struct sp_resolver *resolver = &net.base;
		struct sp_keycache *cache = open_over(&resolver);

		ask_and_put(cache, &net);
		test_clock_s += cases[i].kept_s - 1;
		ask_and_put(cache, &net);
		cr_expect_eq(net.count, 2, "case %zu", i);
		test_clock_s++;
		ask_and_put(cache, &net);
		cr_expect_eq(net.count, 4, "case %zu", i);
		sp_keycache_close(cache);
	}
}

Test(keycache, cancelling_leaves_nobody_waiting)
{
	struct net net = net_init(SP_ANSWER_FOUND, 300);
	struct sp_resolver *resolver = &net.base;
	struct sp_keycache *cache = open_over(&resolver);
	struct batch batch;

	begin(cache, &batch);
	cr_expect_not(sp_keywait_last(&batch.wait));
	sp_keycache_cancel(cache);
	cr_expect_eq(batch.readies, 1);
	cr_assert_eq(sp_keycache_settle(cache, batch.sets, 2), SP_OK);
	cr_expect_eq(batch.sets[0]->reason, SP_REASON_DNS_TIMEOUT);
	sp_keycache_put(cache, batch.sets, 2);
	sp_arena_free(&batch.arena);
	sp_keycache_close(cache);
}

/* A cache with two keys that hold for 300 s, as bytes. */
static void save_some(struct sp_buffer *bytes)
{
	struct net net = net_init(SP_ANSWER_FOUND, 300);
	struct sp_resolver *resolver = &net.base;
	struct sp_keycache *cache = open_over(&resolver);
	struct batch batch;

	begin(cache, &batch);
	net_answer(&net);
	finish(cache, &batch);
	cr_assert_eq(sp_keycache_save(cache, 5000, bytes), SP_OK);
	sp_keycache_close(cache);
}

/* How many of the two names had to be asked for after loading at now. */
static size_t asked_after_loading(struct sp_span bytes, int64_t now)
{
	struct net net = net_init(SP_ANSWER_FOUND, 300);
	struct sp_resolver *resolver = &net.base;
	struct sp_keycache *cache = open_over(&resolver);
	struct sp_error error;
	struct batch batch;

	cr_assert_eq(sp_keycache_load(cache, bytes, now, "file", &error), SP_OK,
		"%s", error.text);
	begin(cache, &batch);
	net_answer(&net);
	finish(cache, &batch);
	sp_keycache_close(cache);
	return net.count;
}

Test(keycache, is_kept_for_the_next_run_as_long_as_it_holds)
{
	struct sp_buffer bytes = {0};

	save_some(&bytes);
	cr_expect_eq(asked_after_loading(sp_buffer_span(&bytes), 5000), 0);
	cr_expect_eq(asked_after_loading(sp_buffer_span(&bytes), 5299), 0);
	cr_expect_eq(asked_after_loading(sp_buffer_span(&bytes), 5300), 2);
	/* A clock that was set back. */
	cr_expect_eq(asked_after_loading(sp_buffer_span(&bytes), 0), 0);
	sp_buffer_free(&bytes);
}

Test(keycache, damaged_files_are_refused_by_name)
{
	struct net net = net_init(SP_ANSWER_FOUND, 300);
	struct sp_resolver *resolver = &net.base;
	struct sp_keycache *cache = open_over(&resolver);
	struct sp_buffer bytes = {0};
	struct sp_error error;

	save_some(&bytes);
	for (size_t i = 0; i < bytes.size; i++) {
		bytes.data[i] ^= 1;
		cr_expect_eq(sp_keycache_load(cache, sp_buffer_span(&bytes),
				     5000, "the-file", &error),
			SP_CONFIG, "byte %zu", i);
		cr_expect(strstr(error.text, "the-file: "));
		bytes.data[i] ^= 1;
		cr_expect_eq(sp_keycache_load(cache, sp_span(bytes.data, i),
				     5000, "the-file", &error),
			SP_CONFIG, "cut at %zu", i);
	}
	sp_buffer_free(&bytes);
	sp_keycache_close(cache);
}

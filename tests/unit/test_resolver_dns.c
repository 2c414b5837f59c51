/* SPDX-License-Identifier: Apache-2.0 */
/* The DNS resolver (io/resolver_dns.h) against servers that misbehave. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "io/resolver_dns.h"
#include "tests/unit/nameserver.h"

#define TIMEOUT_MS 1400u /* tries of 200, 400 and 800 ms */

struct fixture {
	struct nameserver server;
	struct sp_resolver *resolver;
	struct sp_arena arena;
};

static struct sp_resolver *open_resolver(
	const char *const *servers, size_t count, struct sp_dns_options options)
{
	struct sp_resolver *resolver;
	struct sp_error error;

	options.servers = servers;
	options.server_count = count;
	cr_assert_eq(sp_resolver_open_dns(&resolver, &options, &error), SP_OK,
		"%s", error.text);
	return resolver;
}

static void open_with(
	struct fixture *fixture, bool tcp, struct sp_dns_options options)
{
	const char *address = fixture->server.address;

	*fixture = (struct fixture){.arena.chunk_bytes = 4096};
	cr_assert(nameserver_open(&fixture->server, tcp));
	if (!options.timeout_ms)
		options.timeout_ms = TIMEOUT_MS;
	fixture->resolver = open_resolver(&address, 1, options);
}

static void close_all(struct fixture *fixture)
{
	sp_resolver_close(fixture->resolver);
	nameserver_close(&fixture->server);
	sp_arena_free(&fixture->arena);
}

static struct sp_answer ask_of(
	struct sp_resolver *resolver, const char *name, struct sp_arena *arena)
{
	struct sp_span span = sp_span_str(name);
	struct sp_answer answer;

	cr_assert_eq(resolver->ops->lookup(resolver, &span, 1, &answer, arena),
		SP_OK);
	return answer;
}

static struct sp_answer ask(struct fixture *fixture, const char *name)
{
	return ask_of(fixture->resolver, name, &fixture->arena);
}

static struct sp_dns_stats stats_of(struct fixture *fixture)
{
	struct sp_dns_stats stats;

	sp_resolver_dns_stats(fixture->resolver, &stats);
	return stats;
}

static double now_s(void)
{
	return (double)sp_clock_ns() / 1e9;
}

/* RFC 6376 3.6.2.2: strings of a record are joined */
Test(resolver_dns, brings_all_records_with_their_strings_joined)
{
	struct fixture f;
	struct sp_answer answer;

	open_with(&f, true, (struct sp_dns_options){0});
	answer = ask(&f, "txt.example");
	cr_assert_eq(answer.status, SP_ANSWER_FOUND);
	cr_assert_eq(answer.count, 1);
	cr_expect(sp_span_is(answer.values[0], "v=DKIM1; p=txt.example"));
	cr_expect_eq(answer.ttl_s, 300);
	cr_expect_eq(answer.source, SP_KEY_SOURCE_DNS);
	answer = ask(&f, "two.example");
	cr_assert_eq(answer.count, 2);
	cr_expect(sp_span_is(answer.values[0], "erste Zeil"));
	cr_expect(sp_span_is(answer.values[1], "zweite"));
	cr_expect_eq(answer.ttl_s, 100);
	cr_expect_eq(stats_of(&f).queries, 2);
	close_all(&f);
}

Test(resolver_dns, follows_aliases_in_the_answer_and_beyond_it)
{
	struct fixture f;
	struct sp_answer answer;

	open_with(&f, true, (struct sp_dns_options){0});
	answer = ask(&f, "alias.example");
	cr_assert_eq(answer.count, 1);
	cr_expect(sp_span_is(answer.values[0], "v=DKIM1; p=txt.target"));
	cr_expect_eq(answer.ttl_s, 200);
	cr_expect_eq(stats_of(&f).queries, 1);
	answer = ask(&f, "away.example");
	cr_assert_eq(answer.count, 1);
	cr_expect(sp_span_is(answer.values[0], "v=DKIM1; p=txt.target"));
	cr_expect_eq(stats_of(&f).queries, 3);
	cr_expect_eq(ask(&f, "loop.example").status, SP_ANSWER_SERVFAIL);
	close_all(&f);
}

/* RFC 2308 sections 2 and 5 */
Test(resolver_dns, tells_no_such_name_from_failure)
{
	struct fixture f;
	struct sp_answer answer;

	open_with(&f, true, (struct sp_dns_options){0});
	answer = ask(&f, "nx.example");
	cr_expect_eq(answer.status, SP_ANSWER_NXDOMAIN);
	cr_expect_eq(answer.ttl_s, 60, "the SOA's last number");
	cr_expect_eq(ask(&f, "none.example").status, SP_ANSWER_NXDOMAIN);
	cr_expect_eq(ask(&f, "owner.example").status, SP_ANSWER_NXDOMAIN);
	cr_expect_eq(stats_of(&f).queries, 3);
	cr_expect_eq(ask(&f, "fail.example").status, SP_ANSWER_SERVFAIL);
	cr_expect_eq(ask(&f, "junk.example").status, SP_ANSWER_SERVFAIL);
	cr_expect_eq(stats_of(&f).failures, 2);
	close_all(&f);
}

Test(resolver_dns, names_that_dns_cannot_hold_do_not_exist)
{
	static const char label[] = "1234567890123456789012345678901234567890"
				    "123456789012345678901234.example";
	struct fixture f;

	open_with(&f, true, (struct sp_dns_options){0});
	cr_expect_eq(ask(&f, label).status, SP_ANSWER_NXDOMAIN);
	cr_expect_eq(ask(&f, "a..b").status, SP_ANSWER_NXDOMAIN);
	cr_expect_eq(ask(&f, "").status, SP_ANSWER_NXDOMAIN);
	cr_expect_eq(f.server.queries, 0);
	close_all(&f);
}

Test(resolver_dns, large_answers_come_by_tcp_and_are_bounded)
{
	struct fixture f;
	struct sp_answer answer;

	open_with(&f, true, (struct sp_dns_options){0});
	answer = ask(&f, "big.example");
	cr_assert_eq(answer.status, SP_ANSWER_FOUND);
	cr_assert_eq(answer.count, 1);
	cr_expect_eq(answer.values[0].size, 60000);
	answer = ask(&f, "many.example");
	cr_assert_eq(answer.status, SP_ANSWER_FOUND);
	cr_expect_eq(answer.count, SP_DNS_VALUES_MAX);
	cr_expect_eq(f.server.tcp, 2);
	cr_expect_eq(stats_of(&f).tcp, 2);
	close_all(&f);
}

Test(resolver_dns, a_truncated_answer_without_tcp_is_a_failure)
{
	struct fixture f;

	open_with(&f, false, (struct sp_dns_options){0});
	cr_expect_eq(ask(&f, "big.example").status, SP_ANSWER_SERVFAIL);
	cr_expect_eq(ask(&f, "txt.example").status, SP_ANSWER_FOUND);
	close_all(&f);
}

/* RFC 2181 section 9: what is there of it is no answer */
Test(resolver_dns, an_answer_truncated_in_tcp_is_a_failure)
{
	struct fixture f;

	open_with(&f, true, (struct sp_dns_options){0});
	cr_expect_eq(ask(&f, "half.example").status, SP_ANSWER_SERVFAIL);
	cr_expect_geq(f.server.tcp, 1);
	close_all(&f);
}

/* RFC 5452 section 3 */
Test(resolver_dns, ignores_lies_about_ids_and_names)
{
	static const char *const names[] = {"id.example", "other.example"};
	struct fixture f;

	open_with(&f, true, (struct sp_dns_options){0});
	for (size_t i = 0; i < 2; i++) {
		struct sp_answer answer = ask(&f, names[i]);

		cr_assert_eq(answer.status, SP_ANSWER_FOUND);
		cr_assert_eq(answer.count, 1);
		cr_expect_not(sp_span_is(answer.values[0], "v=DKIM1; p=LIE"));
	}
	close_all(&f);
}

Test(resolver_dns, asks_again_when_an_answer_is_lost)
{
	struct fixture f;

	open_with(&f, true, (struct sp_dns_options){0});
	cr_expect_eq(ask(&f, "lost.example").status, SP_ANSWER_FOUND);
	cr_expect_eq(f.server.queries, 2);
	cr_expect_eq(stats_of(&f).retries, 1);
	close_all(&f);
}

Test(resolver_dns, silence_costs_the_budget_once)
{
	struct fixture f;
	double start = now_s();

	open_with(&f, true, (struct sp_dns_options){.timeout_ms = 350});
	cr_expect_eq(ask(&f, "mute.example").status, SP_ANSWER_TIMEOUT);
	cr_expect_geq(f.server.queries, 2, "%u", f.server.queries);
	cr_expect_geq(now_s() - start, 0.3);
	cr_expect_eq(stats_of(&f).timeouts, 1);
	close_all(&f);
}

Test(resolver_dns, when_nobody_answers_names_do_not_wait_one_after_the_other)
{
	struct fixture f;
	struct sp_span names[400];
	struct sp_answer answers[400];
	double start = now_s();

	open_with(&f, true,
		(struct sp_dns_options){.timeout_ms = 350, .window = 4});
	atomic_store(&f.server.deaf, true);
	for (size_t i = 0; i < 400; i++)
		names[i] = sp_span_str("txt.example");
	cr_assert_eq(f.resolver->ops->lookup(
			     f.resolver, names, 400, answers, &f.arena),
		SP_OK);
	for (size_t i = 0; i < 400; i++)
		cr_assert_eq(answers[i].status, SP_ANSWER_TIMEOUT);
	/* 100 windows of 350 ms each would be 35 s. */
	cr_expect_leq(now_s() - start, 10.0);
	atomic_store(&f.server.deaf, false);
	/* A probe finds out that the server is back. */
	for (int i = 0; i < 100; i++) {
		if (ask(&f, "txt.example").status == SP_ANSWER_FOUND)
			break;
		nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	}
	cr_expect_eq(ask(&f, "txt.example").status, SP_ANSWER_FOUND);
	close_all(&f);
}

static void *revive_later(void *server)
{
	nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	nameserver_revive(server);
	return NULL;
}

Test(resolver_dns, a_server_that_dies_and_comes_back_costs_time_only)
{
	struct fixture f;
	pthread_t thread;

	open_with(&f, true, (struct sp_dns_options){.timeout_ms = 20000});
	cr_expect_eq(ask(&f, "txt.one").status, SP_ANSWER_FOUND);
	nameserver_die(&f.server);
	cr_assert_eq(pthread_create(&thread, NULL, revive_later, &f.server), 0);
	cr_expect_eq(ask(&f, "txt.two").status, SP_ANSWER_FOUND);
	pthread_join(thread, NULL);
	cr_expect_geq(stats_of(&f).retries, 1);
	close_all(&f);
}

Test(resolver_dns, goes_on_to_the_next_server)
{
	struct nameserver dead, alive;
	const char *servers[] = {dead.address, alive.address};
	struct sp_arena arena = {.chunk_bytes = 4096};
	struct sp_resolver *resolver;

	cr_assert(nameserver_open(&dead, false));
	cr_assert(nameserver_open(&alive, false));
	atomic_store(&dead.deaf, true);
	resolver = open_resolver(
		servers, 2, (struct sp_dns_options){.timeout_ms = TIMEOUT_MS});
	cr_expect_eq(ask_of(resolver, "txt.example", &arena).status,
		SP_ANSWER_FOUND);
	nameserver_die(&dead);
	cr_expect_eq(
		ask_of(resolver, "txt.other", &arena).status, SP_ANSWER_FOUND);
	cr_expect_eq(alive.queries, 2);
	nameserver_revive(&dead);
	sp_resolver_close(resolver);
	nameserver_close(&dead);
	nameserver_close(&alive);
	sp_arena_free(&arena);
}

/* RFC 6840 5.7 and 5.8; the server is on loopback */
Test(resolver_dns, keeps_what_a_trusted_server_says_of_dnssec)
{
	struct fixture f;

	open_with(&f, true, (struct sp_dns_options){0});
	cr_expect_eq(ask(&f, "txt.example").dnssec, SP_DNSSEC_INSECURE);
	atomic_store(&f.server.authentic, true);
	cr_expect_eq(ask(&f, "txt.example").dnssec, SP_DNSSEC_SECURE);
	cr_expect_eq(ask(&f, "away.example").dnssec, SP_DNSSEC_SECURE);
	close_all(&f);
}

Test(resolver_dns, has_thousands_of_names_under_way)
{
	enum { COUNT = 4000 };
	static struct sp_span names[COUNT];
	static struct sp_answer answers[COUNT];
	static char text[COUNT][32];
	struct fixture f;
	double start;

	open_with(&f, true,
		(struct sp_dns_options){.timeout_ms = 20000, .window = COUNT});
	atomic_store(&f.server.late_ms, 200);
	for (size_t i = 0; i < COUNT; i++) {
		snprintf(text[i], sizeof(text[i]), "late.n%zu", i);
		names[i] = sp_span_str(text[i]);
	}
	start = now_s();
	cr_assert_eq(f.resolver->ops->lookup(
			     f.resolver, names, COUNT, answers, &f.arena),
		SP_OK);
	for (size_t i = 0; i < COUNT; i++) {
		cr_assert_eq(answers[i].status, SP_ANSWER_FOUND);
		cr_assert_eq(answers[i].values[0].size, strlen(text[i]) + 11);
	}
	/* One behind the other they would take 800 s. */
	cr_expect_leq(now_s() - start, 60.0);
	close_all(&f);
}

Test(resolver_dns, keeps_to_the_rate_limit)
{
	struct sp_span names[30];
	struct sp_answer answers[30];
	struct fixture f;
	double start = now_s();

	open_with(&f, true, (struct sp_dns_options){.qps = 50});
	for (size_t i = 0; i < 30; i++)
		names[i] = sp_span_str("txt.example");
	cr_assert_eq(f.resolver->ops->lookup(
			     f.resolver, names, 30, answers, &f.arena),
		SP_OK);
	/* A burst of six, then one each 20 ms. */
	cr_expect_geq(now_s() - start, 0.4);
	cr_expect_eq(answers[29].status, SP_ANSWER_FOUND);
	close_all(&f);
}

/* One query a second: the second try would leave long after the budget. */
Test(resolver_dns, the_rate_limit_does_not_lengthen_the_budget)
{
	struct fixture f;

	open_with(
		&f, true, (struct sp_dns_options){.qps = 1, .timeout_ms = 300});
	cr_expect_eq(ask(&f, "fail.example").status, SP_ANSWER_SERVFAIL);
	cr_expect_eq(stats_of(&f).queries, 1);
	close_all(&f);
}

struct probe {
	struct sp_query base;
	atomic_int done;
};

static void probe_done(struct sp_query *query, const struct sp_answer *answer)
{
	struct probe *probe = (struct probe *)query;

	atomic_store(&probe->done, 1 + (int)answer->status);
}

Test(resolver_dns, cancelling_and_closing_answer_what_is_under_way)
{
	struct probe probes[] = {
		{.base = {.name = sp_span_str("mute.a"), .done = probe_done}},
		{.base = {.name = sp_span_str("mute.b"), .done = probe_done}},
	};
	struct fixture f;

	open_with(&f, true, (struct sp_dns_options){.timeout_ms = 60000});
	f.resolver->ops->start(f.resolver, &probes[0].base);
	f.resolver->ops->cancel(f.resolver);
	cr_expect_eq(ask(&f, "txt.example").status, SP_ANSWER_TIMEOUT);
	f.resolver->ops->start(f.resolver, &probes[1].base);
	close_all(&f);
	for (size_t i = 0; i < 2; i++)
		cr_expect_eq(probes[i].done, 1 + SP_ANSWER_TIMEOUT);
}

Test(resolver_dns, tells_addresses_from_other_words)
{
	static const char *const good[] = {
		"127.0.0.1", "192.0.2.1#5353", "::1", "2001:db8::1#53"};
	static const char *const bad[] = {"", "#53", "localhost", "1.2.3",
		"127.0.0.1#", "127.0.0.1#0", "127.0.0.1#65536", "::1#x",
		"127.0.0.1:53", "127.0.0.1 "};
	const struct sp_dns_options options = {
		.servers = &bad[2], .server_count = 1};
	struct sp_resolver *resolver;
	struct sp_error error;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect(sp_resolver_dns_address(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(sp_resolver_dns_address(bad[i]), "%s", bad[i]);
	cr_assert_eq(
		sp_resolver_open_dns(&resolver, &options, &error), SP_CONFIG);
	cr_expect(strstr(error.text, "localhost"), "%s", error.text);
}

/* As resolv.conf(5) has it; a word that only looks like it is none. */
Test(resolver_dns, trusts_what_the_system_trusts)
{
	static const struct {
		const char *conf, *variable;
		bool trusts;
	} cases[] = {
		{"", NULL, false},
		{"nameserver 192.0.2.1\n", NULL, false},
		{"options trust-ad\n", NULL, true},
		{"options trust-ad", NULL, true},
		{"nameserver ::1\noptions\tedns0  trust-ad\tndots:2\n", NULL,
			true},
		{"options edns0\noptions trust-ad\n", NULL, true},
		{"options edns0 trust-ad\r\n", NULL, true},
		{"options no-trust-ad\n", NULL, false},
		{"options trust-add\n", NULL, false},
		{"optionstrust-ad\n", NULL, false},
		{"options", NULL, false},
		{"options ", NULL, false},
		{" options trust-ad\n", NULL, false},
		{"# options trust-ad\n;options trust-ad\n", NULL, false},
		{"search trust-ad\n", NULL, false},
		{"", "ndots:1 trust-ad", true},
		{"", "trust-ad", true},
		{"", "", false},
		{"options trust-ad\n", "ndots:1", true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(sp_resolver_dns_trusts(sp_span_str(cases[i].conf),
				     cases[i].variable),
			cases[i].trusts, "%s", cases[i].conf);
}

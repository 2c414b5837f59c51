/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys: a record parsed (RFC 6376 3.6.1) against what OpenSSL takes for
 * the key in it, and a hit in the cache, alone and while another thread hits
 * the same names, against parsing the record again.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include <openssl/x509.h>

#include "bench/bench.h"
#include "bench/measure.h"
#include "engine/keycache.h"

#define NAMES 32u /* of a batch */

struct state {
	struct sp_buffer value; /* the record */
	unsigned char *der;
	int der_size;
	struct sp_resolver *resolver;
	struct sp_keycache *cache;
	pthread_t rival; /* asks for the same names all the time */
	atomic_bool over;
	struct sp_span names[NAMES];
	char text[NAMES][64];
};

static void parse(void *arg)
{
	struct state *state = arg;

	for (unsigned i = 0; i < NAMES; i++) {
		struct sp_keyrecord record;

		bench_need(sp_keyrecord_parse(&record,
				   sp_buffer_span(&state->value)) == SP_OK &&
				   record.reason == SP_REASON_OK,
			"a key is not read");
		sp_keyrecord_free(&record);
	}
}

static void parse_by_openssl(void *arg)
{
	struct state *state = arg;

	for (unsigned i = 0; i < NAMES; i++) {
		const unsigned char *at = state->der;
		EVP_PKEY *key = d2i_PUBKEY(NULL, &at, state->der_size);

		bench_need(key != NULL, "OpenSSL does not read the key");
		EVP_PKEY_free(key);
	}
}

static void hit(void *arg)
{
	struct state *state = arg;
	const struct sp_keyset *sets[NAMES];

	bench_need(sp_keycache_get(state->cache, state->names, NAMES, sets) ==
			   SP_OK,
		"the cache fails");
	sp_keycache_put(state->cache, sets, NAMES);
}

static void *rival(void *arg)
{
	struct state *state = arg;

	while (!atomic_load_explicit(&state->over, memory_order_relaxed))
		hit(state);
	return NULL;
}

/* On the other processors: this thread is bound to one. */
static void start_rival(struct state *state)
{
	cpu_set_t others = measure_others();
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setaffinity_np(&attributes, sizeof(others), &others);
	bench_need(
		pthread_create(&state->rival, &attributes, rival, state) == 0,
		"no thread");
	pthread_attr_destroy(&attributes);
}

static void stop_rival(struct state *state)
{
	atomic_store(&state->over, true);
	pthread_join(state->rival, NULL);
}

/* With so many different names, to which the others are equal. */
static void open_state(struct state *state, unsigned distinct)
{
	struct sp_pkey key = {.evp = NULL};
	struct sp_buffer zone = {.data = NULL};
	struct sp_resolver *resolver = NULL;
	struct sp_error error;

	bench_need(sp_pkey_generate(&key, SP_PKEY_RSA, 2048, &error) == SP_OK &&
			   sp_keyrecord_write(&state->value, &key) == SP_OK,
		"no RSA key can be made");
	state->der_size = i2d_PUBKEY(key.evp, &state->der);
	for (unsigned i = 0; i < NAMES; i++) {
		snprintf(state->text[i], sizeof(state->text[i]),
			"s%u._domainkey.example.com", i % distinct);
		state->names[i] = sp_span_str(state->text[i]);
		if (i < distinct)
			sp_buffer_add_format(&zone, "%s\t%.*s\n",
				state->text[i],
				SP_SPAN_ARGS(sp_buffer_span(&state->value)));
	}
	bench_need(sp_resolver_open_text(&resolver, sp_buffer_span(&zone),
			   "bench", &error) == SP_OK,
		"no resolver");
	state->resolver = resolver;
	state->cache = sp_keycache_open(&state->resolver, 1, NULL);
	bench_need(state->cache != NULL, "out of memory");
	sp_buffer_free(&zone);
	sp_pkey_free(&key);
}

static void close_state(struct state *state)
{
	sp_keycache_close(state->cache);
	sp_resolver_close(state->resolver);
	OPENSSL_free(state->der);
	sp_buffer_free(&state->value);
}

void bench_keys(struct bench *bench)
{
	static const struct {
		const char *name, *baseline;
		void (*ours)(void *), (*base)(void *);
		bool rival;
	} cases[] = {
		{"keyrecord-parse", "openssl-d2i", parse, parse_by_openssl,
			false},
		{"keycache-hit", "keyrecord-parse", hit, parse, false},
		{"keycache-hit-two-workers", "keyrecord-parse", hit, parse,
			true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct state state = {.der = NULL};
		struct bench_item item = {
			.group = "engine",
			.variant = "rsa2048",
			.baseline = cases[i].baseline,
			.unit = BENCH_LATENCY,
			.work = NAMES,
			.ours = cases[i].ours,
			.base = cases[i].base,
		};

		snprintf(item.name, sizeof(item.name), "%s", cases[i].name);
		if (!bench_wants(bench, &item))
			continue;
		/* One name for both is the hardest: all meet at its entry. */
		open_state(&state, cases[i].rival ? 1 : NAMES);
		if (cases[i].rival)
			start_rival(&state);
		bench_measure(bench, &item, &state);
		if (cases[i].rival)
			stop_rival(&state);
		close_state(&state);
	}
}

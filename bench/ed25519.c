/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 in lanes (RFC 8032) against OpenSSL with contexts kept per key:
 * signing, and verifying with keys met for the first time and with one that
 * has its table. Where there is no kernel the lanes call OpenSSL themselves.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "crypto/ed25519.h"

#define KEYS SP_ED25519_BATCH

enum task { SIGN, VERIFY_COLD, VERIFY_HOT, TASKS };
static const char *const names[TASKS] = {
	"ed25519-sign", "ed25519-verify-cold", "ed25519-verify-hot"};
static const unsigned fills[] = {1, 8};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Keys, a signature by each, and what either way keeps of them. */
struct state {
	const struct sp_ed25519_kernel *kernel; /* NULL: lanes */
	struct sp_ed25519_table *hot;
	struct sp_lanes *lanes;
	struct sp_pkey keys[KEYS];
	EVP_MD_CTX *sign[KEYS], *verify[KEYS];
	unsigned char digests[KEYS][32], signatures[KEYS][64];
	struct sp_job jobs[KEYS], *list[KEYS];
	enum task task;
	unsigned count;
};

static void need(bool right)
{
	bench_need(right, "Ed25519 fails");
}

static void open_state(struct state *state)
{
	struct sp_error error;

	if (state->lanes)
		return;
	state->kernel = sp_ed25519_kernel();
	state->lanes = sp_lanes_open();
	need(state->lanes != NULL);
	for (unsigned i = 0; i < KEYS; i++) {
		struct sp_pkey *key = &state->keys[i];

		need(sp_pkey_generate(key, SP_PKEY_ED25519, 0, &error) ==
			SP_OK);
		state->sign[i] = EVP_MD_CTX_new();
		state->verify[i] = EVP_MD_CTX_new();
		need(EVP_DigestSignInit(
			     state->sign[i], NULL, NULL, NULL, key->evp) == 1 &&
			EVP_DigestVerifyInit(state->verify[i], NULL, NULL, NULL,
				key->evp) == 1);
		memset(state->digests[i], (int)i, 32);
		state->list[i] = &state->jobs[i];
	}
	if (state->kernel) {
		state->hot = aligned_alloc(64, sizeof(*state->hot));
		need(state->hot && state->kernel->build(state->hot,
					   state->keys[0].ed25519->public));
	}
}

static void close_state(struct state *state)
{
	for (unsigned i = 0; i < KEYS; i++) {
		EVP_MD_CTX_free(state->sign[i]);
		EVP_MD_CTX_free(state->verify[i]);
		sp_pkey_free(&state->keys[i]);
	}
	free(state->hot);
	sp_lanes_close(state->lanes);
}

/* A hot key is everybody's; otherwise each job has its own. */
static unsigned key_of(const struct state *state, unsigned job)
{
	return state->task == VERIFY_HOT ? 0 : job;
}

static void set_task(struct state *state, enum task task, unsigned count)
{
	state->task = task;
	state->count = count;
	for (unsigned i = 0; i < count; i++)
		state->jobs[i] = (struct sp_job){
			.kind = task == SIGN ? SP_JOB_SIGN : SP_JOB_VERIFY,
			.key = &state->keys[key_of(state, i)],
			.digest = state->digests[i],
			.digest_size = 32,
			.signature = state->signatures[i],
			.signature_size = 64,
		};
}

static void by_lanes(void *arg)
{
	struct state *state = arg;

	if (!state->kernel) {
		for (unsigned i = 0; i < state->count; i++)
			sp_lanes_submit(state->lanes, state->list[i]);
		sp_lanes_run(state->lanes);
	} else if (state->task == SIGN) {
		state->kernel->sign(
			sp_ed25519_base(), state->list, state->count);
	} else {
		state->kernel->verify(sp_ed25519_base(),
			state->task == VERIFY_HOT ? state->hot : NULL,
			state->list, state->count);
	}
	for (unsigned i = 0; i < state->count; i++)
		need(state->jobs[i].outcome == SP_JOB_DONE);
}

static void by_openssl(void *arg)
{
	struct state *state = arg;

	for (unsigned i = 0; i < state->count; i++) {
		EVP_MD_CTX *sign = state->sign[key_of(state, i)];
		EVP_MD_CTX *verify = state->verify[key_of(state, i)];
		size_t size = 64;

		if (state->task == SIGN)
			need(EVP_DigestSignInit(sign, NULL, NULL, NULL, NULL) ==
					1 &&
				EVP_DigestSign(sign, state->signatures[i],
					&size, state->digests[i], 32) == 1);
		else
			need(EVP_DigestVerifyInit(
				     verify, NULL, NULL, NULL, NULL) == 1 &&
				EVP_DigestVerify(verify, state->signatures[i],
					64, state->digests[i], 32) == 1);
	}
}

static void measure(struct bench *bench, struct state *state,
	struct bench_item *item, enum task task, unsigned count)
{
	item->work = count;
	if (!bench_wants(bench, item))
		return;
	open_state(state);
	set_task(state, task, count);
	for (unsigned i = 0; i < count; i++) {
		/* Something to verify, by the key that will. */
		EVP_MD_CTX *sign = state->sign[key_of(state, i)];
		size_t size = 64;

		need(EVP_DigestSignInit(sign, NULL, NULL, NULL, NULL) == 1 &&
			EVP_DigestSign(sign, state->signatures[i], &size,
				state->digests[i], 32) == 1);
	}
	bench_measure(bench, item, state);
}

void bench_ed25519(struct bench *bench)
{
	static struct state state;
	const struct sp_ed25519_kernel *kernel = sp_ed25519_kernel();

	for (int task = 0; task < TASKS; task++) {
		struct bench_item item = {
			.group = "crypto",
			.baseline = "openssl-evp",
			.unit = BENCH_OPS,
			.ours = by_lanes,
			.base = by_openssl,
		};

		bench_variant(&item, kernel ? kernel->name : "openssl");
		snprintf(item.name, sizeof(item.name), "%s", names[task]);
		measure(bench, &state, &item, (enum task)task, KEYS);
		for (size_t i = 0; i < COUNT(fills); i++) {
			snprintf(item.name, sizeof(item.name), "%s-%u",
				names[task], fills[i]);
			measure(bench, &state, &item, (enum task)task,
				fills[i]);
		}
	}
	close_state(&state);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA through the lanes against OpenSSL with a context kept per key (RFC 8017
 * 8.2): by size of the key, by how full the lanes are, and one signature
 * alone. What the lanes do beside the arithmetic (padding, the check of every
 * signature) is theirs to pay.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/rsa.h>

#include "bench/bench.h"
#include "crypto/lanes.h"
#include "crypto/rsa_kernel.h"

#define JOBS_MAX 64u
#define BASE_JOBS 4u

static const unsigned sizes[] = {1024, 2048, 3072, 4096};
static const unsigned fills[] = {1, 2, 4, 8, 16};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct state {
	struct sp_lanes *lanes;
	struct sp_pkey key;
	EVP_PKEY_CTX *evp;
	struct sp_job jobs[JOBS_MAX];
	unsigned count; /* of jobs in a batch */
	unsigned char digests[JOBS_MAX][32];
	unsigned char signatures[JOBS_MAX][512];
};

static void by_lanes(void *arg)
{
	struct state *state = arg;

	for (unsigned i = 0; i < state->count; i++)
		sp_lanes_submit(state->lanes, &state->jobs[i]);
	sp_lanes_run(state->lanes);
	for (unsigned i = 0; i < state->count; i++)
		bench_need(state->jobs[i].outcome == SP_JOB_DONE,
			"a signature is wrong");
}

static unsigned base_jobs(const struct state *state)
{
	return state->count < BASE_JOBS ? state->count : BASE_JOBS;
}

static void sign_by_openssl(void *arg)
{
	struct state *state = arg;

	for (unsigned i = 0; i < base_jobs(state); i++) {
		size_t size = sizeof(state->signatures[0]);

		bench_need(EVP_PKEY_sign(state->evp, state->signatures[i],
				   &size, state->digests[i], 32) == 1,
			"OpenSSL does not sign");
	}
}

static void verify_by_openssl(void *arg)
{
	struct state *state = arg;

	for (unsigned i = 0; i < base_jobs(state); i++)
		bench_need(EVP_PKEY_verify(state->evp, state->signatures[i],
				   state->key.signature_bytes,
				   state->digests[i], 32) == 1,
			"OpenSSL does not verify");
}

static void set_openssl(struct state *state, enum sp_job_kind kind)
{
	EVP_PKEY_CTX_free(state->evp);
	state->evp = EVP_PKEY_CTX_new(state->key.evp, NULL);
	bench_need(state->evp &&
			   (kind == SP_JOB_SIGN ? EVP_PKEY_sign_init(state->evp)
						: EVP_PKEY_verify_init(
							  state->evp)) == 1 &&
			   EVP_PKEY_CTX_set_rsa_padding(
				   state->evp, RSA_PKCS1_PADDING) == 1 &&
			   EVP_PKEY_CTX_set_signature_md(
				   state->evp, EVP_sha256()) == 1,
		"OpenSSL has no RSA");
}

static void set_jobs(struct state *state, enum sp_job_kind kind, unsigned count)
{
	state->count = count;
	for (unsigned i = 0; i < count; i++) {
		memset(state->digests[i], (int)i, 32);
		state->jobs[i] = (struct sp_job){
			.kind = kind,
			.key = &state->key,
			.hash = SP_SHA256,
			.digest = state->digests[i],
			.digest_size = 32,
			.signature = state->signatures[i],
			.signature_size = state->key.signature_bytes,
		};
	}
}

/* A key is made when the first item wants it: large ones take a second. */
static void set_key(struct state *state, unsigned bits)
{
	struct sp_error error;

	if (state->key.bits == bits)
		return;
	sp_pkey_free(&state->key);
	bench_need(sp_pkey_generate(&state->key, SP_PKEY_RSA, bits, &error) ==
			   SP_OK,
		"no RSA key can be made");
}

static void measure(struct bench *bench, struct state *state,
	struct bench_item *item, unsigned bits, unsigned count,
	enum sp_job_kind kind)
{
	const struct sp_rsa_kernel *kernel = sp_rsa_kernel();

	item->group = "crypto";
	item->baseline = "openssl-evp";
	item->work = count;
	item->base_work = count < BASE_JOBS ? count : BASE_JOBS;
	item->ours = by_lanes;
	item->base = kind == SP_JOB_SIGN ? sign_by_openssl : verify_by_openssl;
	bench_variant(item, kernel ? kernel->name : "openssl");
	if (!bench_wants(bench, item))
		return;
	set_key(state, bits);
	if (kind == SP_JOB_VERIFY) {
		set_jobs(state, SP_JOB_SIGN, count);
		by_lanes(state);
	}
	set_jobs(state, kind, count);
	set_openssl(state, kind);
	bench_measure(bench, item, state);
}

static void measure_size(
	struct bench *bench, struct state *state, unsigned bits)
{
	static const char *const verbs[] = {
		[SP_JOB_SIGN] = "sign", [SP_JOB_VERIFY] = "verify"};

	for (int kind = SP_JOB_SIGN; kind <= SP_JOB_VERIFY; kind++) {
		struct bench_item item = {.unit = BENCH_OPS};

		snprintf(item.name, sizeof(item.name), "rsa%u-%s", bits,
			verbs[kind]);
		measure(bench, state, &item, bits, JOBS_MAX,
			(enum sp_job_kind)kind);
		for (size_t i = 0; i < COUNT(fills) && bits == 2048; i++) {
			snprintf(item.name, sizeof(item.name), "rsa%u-%s-%u",
				bits, verbs[kind], fills[i]);
			measure(bench, state, &item, bits, fills[i],
				(enum sp_job_kind)kind);
		}
	}
}

void bench_rsa(struct bench *bench)
{
	static struct state state;
	struct bench_item lonely = {
		.name = "rsa2048-sign-lonely", .unit = BENCH_LATENCY};

	state.lanes = sp_lanes_open();
	bench_need(state.lanes != NULL, "out of memory");
	for (size_t i = 0; i < COUNT(sizes); i++) {
		measure_size(bench, &state, sizes[i]);
		if (sizes[i] == 2048)
			measure(bench, &state, &lonely, sizes[i], 1,
				SP_JOB_SIGN);
	}
	EVP_PKEY_CTX_free(state.evp);
	sp_pkey_free(&state.key);
	sp_lanes_close(state.lanes);
}

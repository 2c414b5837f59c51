/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 in lanes (RFC 8032 5.1) against OpenSSL: with the kernel of this
 * machine, and with the plain C model of it.
 */
#include "crypto/ed25519.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/pkey_parts.h"
#include "tests/unit/ed25519_cases.h"
#include "tests/unit/lane_ops.h"

TestSuite(ed25519);

#define BATCH SP_ED25519_BATCH

static struct sp_ed25519_table *build(
	const struct lane_ops *ops, const unsigned char *public)
{
	struct sp_ed25519_table *table =
		aligned_alloc(64, sizeof(struct sp_ed25519_table));

	cr_assert(table);
	if (ops->kernel->build(table, public))
		return table;
	free(table);
	return NULL;
}

/* Keys from seeds: 0 to 255 in every byte, and all zeros and ones. */
static void make_key(struct sp_pkey *key, unsigned i)
{
	unsigned char seed[32];

	memset(seed, i % 5 == 0 ? 0 : i % 5 == 1 ? 0xff : (int)i, 32);
	seed[0] ^= (unsigned char)(i / 5);
	cr_assert(sp_pkey_adopt(key, SP_PKEY_ED25519,
		EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32),
		true));
	if (!key->ed25519)
		key->ed25519 = sp_ed25519_key_open(key->evp, true);
	cr_assert(key->ed25519);
}

static void openssl_signs(const struct sp_pkey *key, unsigned char out[64],
	const unsigned char *message, size_t message_size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t size = 64;

	cr_assert_eq(
		EVP_DigestSignInit(context, NULL, NULL, NULL, key->evp), 1);
	cr_assert_eq(
		EVP_DigestSign(context, out, &size, message, message_size), 1);
	EVP_MD_CTX_free(context);
}

/* Signs count messages with count keys, and holds each against OpenSSL's. */
static void check_signing(const struct lane_ops *ops,
	const struct sp_ed25519_table *base, const struct sp_pkey *keys,
	size_t count, unsigned round)
{
	unsigned char messages[BATCH][SP_ED25519_MESSAGE_BYTES_MAX];
	unsigned char signatures[BATCH + 1][64], wanted[64];
	struct sp_job jobs[BATCH], *list[BATCH];

	memset(signatures, 0xee, sizeof(signatures));
	for (size_t i = 0; i < count; i++) {
		memset(messages[i], (int)(i * 7 + round), sizeof(messages[i]));
		jobs[i] = (struct sp_job){
			.kind = SP_JOB_SIGN,
			.key = &keys[(i * 3 + round) % BATCH],
			.digest = messages[i],
			.digest_size = round % 2 ? 32 : (i * 5 + round) % 48,
			.signature = signatures[i],
		};
		list[i] = &jobs[i];
	}
	ops->kernel->sign(base, list, count);
	for (size_t i = 0; i < count; i++) {
		cr_assert_eq(jobs[i].outcome, SP_JOB_DONE);
		cr_assert_eq(jobs[i].signature_size, 64);
		openssl_signs(
			jobs[i].key, wanted, messages[i], jobs[i].digest_size);
		cr_assert_eq(memcmp(signatures[i], wanted, 64), 0,
			"%s: %zu of %zu, round %u", ops->name, i, count, round);
	}
	for (size_t i = 0; i < 64; i++)
		cr_assert_eq(signatures[count][i], 0xee);
}

/* RFC 8032 5.1.6: there is only one right signature. */
Test(ed25519, signs_byte_for_byte_as_openssl_in_batches_of_any_size)
{
	struct sp_pkey keys[BATCH];

	for (unsigned i = 0; i < BATCH; i++)
		make_key(&keys[i], i);
	for (const struct lane_ops *const *ops = lane_ops_all(); *ops; ops++) {
		struct sp_ed25519_table *base = build(*ops, NULL);

		for (size_t count = 1; count <= BATCH; count += (*ops)->stride)
			for (unsigned round = 0; round < 8; round++)
				check_signing(*ops, base, keys, count, round);
		free(base);
	}
	for (unsigned i = 0; i < BATCH; i++)
		sp_pkey_free(&keys[i]);
}

/* Cases, keys and jobs of a batch. */
struct bench {
	struct ed25519_case cases[BATCH];
	struct sp_pkey keys[BATCH];
	struct sp_job jobs[BATCH], *list[BATCH];
	bool right[BATCH];
	size_t count;
};

static void bench_open(struct bench *bench, size_t count, uint64_t *random)
{
	bench->count = count;
	for (size_t i = 0; i < count; i++) {
		do
			ed25519_case_make(&bench->cases[i], random);
		while (bench->cases[i].message_size >
			SP_ED25519_MESSAGE_BYTES_MAX);
		bench->right[i] = ed25519_case_is_right(&bench->cases[i]);
		ed25519_case_key(&bench->keys[i], &bench->cases[i]);
		bench->jobs[i] =
			ed25519_case_job(&bench->keys[i], &bench->cases[i]);
		bench->list[i] = &bench->jobs[i];
	}
}

static void bench_close(struct bench *bench)
{
	for (size_t i = 0; i < bench->count; i++)
		sp_pkey_free(&bench->keys[i]);
}

static void expect(const struct bench *bench, size_t i, const char *kernel,
	const char *how)
{
	cr_assert_eq(bench->jobs[i].outcome,
		bench->right[i] ? SP_JOB_DONE : SP_JOB_WRONG,
		"%s, %s: %zu of %zu should be %d", kernel, how, i, bench->count,
		bench->right[i]);
}

static void check_verifying(struct bench *bench, const struct lane_ops *ops,
	const struct sp_ed25519_table *base)
{
	ops->kernel->verify(base, NULL, bench->list, bench->count);
	for (size_t i = 0; i < bench->count; i++)
		expect(bench, i, ops->name, "cold");
}

/* With a table of the key alone; a key without a point has none. */
static void check_hot(struct bench *bench, const struct lane_ops *ops,
	const struct sp_ed25519_table *base)
{
	for (size_t i = 0; i < bench->count; i++) {
		struct sp_ed25519_table *hot =
			build(ops, bench->cases[i].public);

		bench->jobs[i].outcome = SP_JOB_WRONG;
		if (hot)
			ops->kernel->verify(base, hot, &bench->list[i], 1);
		expect(bench, i, ops->name, "hot");
		free(hot);
	}
}

/* RFC 8032 5.1.7, and where it leaves a choice. */
Test(ed25519, judges_as_openssl_whatever_the_signature)
{
	struct bench bench;
	uint64_t random = 20261121;
	unsigned right = 0, cases = 0;

	for (const struct lane_ops *const *ops = lane_ops_all(); *ops; ops++) {
		struct sp_ed25519_table *base = build(*ops, NULL);

		for (size_t count = 1; count <= BATCH;
			count += (*ops)->stride) {
			bench_open(&bench, count, &random);
			check_verifying(&bench, *ops, base);
			if (count % 4 == 0)
				check_hot(&bench, *ops, base);
			for (size_t i = 0; i < count; i++)
				right += bench.right[i];
			cases += (unsigned)count;
			bench_close(&bench);
		}
		free(base);
	}
	cr_assert(right > cases / 4 && right < cases * 3 / 4, "%u of %u", right,
		cases);
}

/* A lane must not look into its neighbour. */
Test(ed25519, finds_the_wrong_one_in_any_lane)
{
	struct bench bench;
	uint64_t random = 7;

	bench_open(&bench, BATCH, &random);
	for (const struct lane_ops *const *ops = lane_ops_all(); *ops; ops++) {
		struct sp_ed25519_table *base = build(*ops, NULL);

		for (size_t i = 0; i < BATCH; i++) {
			unsigned char *byte = &bench.cases[i].signature[i];

			*byte ^= 1;
			bench.right[i] = ed25519_case_is_right(&bench.cases[i]);
			check_verifying(&bench, *ops, base);
			*byte ^= 1;
			bench.right[i] = ed25519_case_is_right(&bench.cases[i]);
		}
		free(base);
	}
	bench_close(&bench);
}

/* A few keys at a time, more in all than a thread keeps tables. */
static void run_lanes(
	struct sp_lanes *lanes, struct bench *bench, unsigned round)
{
	struct sp_job jobs[BATCH];
	size_t from[BATCH];

	for (size_t i = 0; i < bench->count; i++) {
		from[i] = round == 0 ? i : (i * 5 + round / 3) % 12;
		jobs[i] = ed25519_case_job(
			&bench->keys[from[i]], &bench->cases[from[i]]);
		sp_lanes_submit(lanes, &jobs[i]);
	}
	sp_lanes_run(lanes);
	for (size_t i = 0; i < bench->count; i++)
		cr_assert_eq(jobs[i].outcome,
			bench->right[from[i]] ? SP_JOB_DONE : SP_JOB_WRONG,
			"round %u, job %zu", round, i);
}

Test(ed25519, lanes_judge_alike_while_keys_grow_hot_and_cold)
{
	struct sp_lanes *lanes = sp_lanes_open();
	struct bench bench;
	uint64_t random = 99;

	bench_open(&bench, BATCH, &random);
	for (unsigned round = 0; round < 64; round++)
		run_lanes(lanes, &bench, round);
	cr_assert_eq(sp_lanes_stats(lanes)->verified_ed25519, 64 * BATCH);
	bench_close(&bench);
	sp_lanes_close(lanes);
}

Test(ed25519, cap_leaves_it_all_to_openssl)
{
	struct sp_error error;
	struct sp_pkey key;

	cr_assert_eq(sp_cpu_cap("scalar", &error), SP_OK);
	cr_assert_null(sp_ed25519_kernel());
	cr_assert_eq(sp_pkey_generate(&key, SP_PKEY_ED25519, 0, &error), SP_OK);
	cr_assert_null(key.ed25519);
	sp_pkey_free(&key);
	cr_assert_eq(sp_cpu_cap("avx2", &error), SP_OK);
	cr_assert_null(sp_ed25519_kernel());
	cr_assert_eq(sp_cpu_cap("auto", &error), SP_OK);
	cr_assert_eq(sp_ed25519_kernel() != NULL,
		sp_cpu_has(SP_FEATURE_AVX512) && sp_cpu_has(SP_FEATURE_IFMA));
}

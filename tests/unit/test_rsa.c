/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA in eight lanes behind the jobs (RFC 8017 8.2): the same bytes and the
 * same answers as OpenSSL, whatever stands beside a job.
 */
#include <criterion/criterion.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "crypto/pkey_parts.h"
#include "crypto/rsa.h"
#include "tests/unit/parse.h"
#include "tests/unit/rsa_batch.h"

TestSuite(rsa);

enum part { N, E, D, P, Q, DP, DQ, QINV, PARTS };

static const char *const part_names[PARTS] = {OSSL_PKEY_PARAM_RSA_N,
	OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
	OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
	OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
	OSSL_PKEY_PARAM_RSA_COEFFICIENT1};

/* A key made of the primes with the exponent e. */
static void make_key(
	struct sp_pkey *key, const BIGNUM *p, const BIGNUM *q, unsigned e)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BN_CTX *context = BN_CTX_new();
	BIGNUM *part[PARTS], *p1 = BN_dup(p), *q1 = BN_dup(q), *phi = BN_new();
	EVP_PKEY *evp = NULL;
	OSSL_PARAM *params;

	for (int i = 0; i < PARTS; i++)
		part[i] = BN_new();
	cr_assert(BN_sub_word(p1, 1) && BN_sub_word(q1, 1));
	cr_assert(BN_mul(phi, p1, q1, context));
	cr_assert(BN_mul(part[N], p, q, context));
	cr_assert(BN_set_word(part[E], e));
	cr_assert(BN_mod_inverse(part[D], part[E], phi, context));
	cr_assert(BN_copy(part[P], p) && BN_copy(part[Q], q));
	cr_assert(BN_mod(part[DP], part[D], p1, context));
	cr_assert(BN_mod(part[DQ], part[D], q1, context));
	cr_assert(BN_mod_inverse(part[QINV], q, p, context));
	for (int i = 0; i < PARTS; i++)
		cr_assert(
			OSSL_PARAM_BLD_push_BN(build, part_names[i], part[i]));
	params = OSSL_PARAM_BLD_to_param(build);
	cr_assert_eq(EVP_PKEY_fromdata_init(maker), 1);
	cr_assert_eq(
		EVP_PKEY_fromdata(maker, &evp, EVP_PKEY_KEYPAIR, params), 1);
	cr_assert(sp_pkey_adopt(key, SP_PKEY_RSA, evp, true));
	cr_assert_eq(sp_pkey_check(key, "made", NULL), SP_OK);
	rsa_ready(key);
	for (int i = 0; i < PARTS; i++)
		BN_free(part[i]);
	BN_free(p1);
	BN_free(q1);
	BN_free(phi);
	BN_CTX_free(context);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(maker);
}

/* A prime of exactly so many bits that goes with the exponent e. */
static BIGNUM *make_prime(unsigned bits, unsigned e)
{
	BIGNUM *prime = BN_new(), *less = BN_new();

	do {
		cr_assert(BN_generate_prime_ex(
			prime, (int)bits, 0, NULL, NULL, NULL));
		cr_assert(BN_copy(less, prime) && BN_sub_word(less, 1));
	} while (BN_mod_word(less, e) == 0);
	BN_free(less);
	return prime;
}

/* Every number of jobs, so every lane and every way that a pass is left. */
Test(rsa, signs_the_same_bytes_in_batches_of_any_size)
{
	struct sp_lanes *ours = sp_lanes_open_with(rsa_kernel());
	struct sp_lanes *theirs = sp_lanes_open_with(NULL);

	for (unsigned bits = 1024; bits <= 4096; bits += 1024) {
		struct sp_pkey key;

		rsa_load(&key, bits);
		cr_assert(key.rsa && key.rsa->private_half);
		for (unsigned count = 1; count <= RSA_JOBS; count++)
			if (bits <= 2048 || count % 5 == 2)
				rsa_expect_same(ours, theirs, &key, 1, count);
		sp_pkey_free(&key);
	}
	cr_expect_gt(sp_lanes_stats(ours)->eight_lanes, 100);
	cr_expect_eq(sp_lanes_stats(theirs)->eight_lanes, 0);
	cr_expect_eq(sp_lanes_stats(ours)->faults, 0);
	sp_lanes_close(ours);
	sp_lanes_close(theirs);
}

Test(rsa, signs_with_another_key_in_every_lane)
{
	enum { KEYS = 7 };
	struct sp_lanes *ours = sp_lanes_open_with(rsa_kernel());
	struct sp_lanes *theirs = sp_lanes_open_with(NULL);
	struct sp_pkey keys[KEYS];

	for (unsigned i = 0; i < KEYS; i++) {
		cr_assert_eq(sp_pkey_generate(&keys[i], SP_PKEY_RSA,
				     i == 6 ? 2048 : 1024, NULL),
			SP_OK);
		rsa_ready(&keys[i]);
	}
	for (unsigned turn = 0; turn < 10; turn++)
		rsa_expect_same(ours, theirs, keys, KEYS, RSA_JOBS);
	cr_expect_gt(sp_lanes_stats(ours)->eight_lanes, 100);
	cr_expect_eq(sp_lanes_stats(ours)->faults, 0);
	for (unsigned i = 0; i < KEYS; i++)
		sp_pkey_free(&keys[i]);
	sp_lanes_close(ours);
	sp_lanes_close(theirs);
}

/* RFC 8017 3.2 wants no order of p and q; writers differ. */
Test(rsa, signs_with_p_below_q_and_above)
{
	struct sp_lanes *ours = sp_lanes_open_with(rsa_kernel());
	struct sp_lanes *theirs = sp_lanes_open_with(NULL);
	BIGNUM *p = make_prime(512, 65537), *q = make_prime(512, 65537);
	struct sp_pkey keys[2];

	make_key(&keys[0], p, q, 65537);
	make_key(&keys[1], q, p, 65537);
	for (unsigned i = 0; i < 2; i++)
		cr_assert(keys[i].rsa && keys[i].rsa->private_half);
	rsa_expect_same(ours, theirs, keys, 2, 16);
	cr_expect_eq(sp_lanes_stats(ours)->eight_lanes, 16);
	cr_expect_eq(sp_lanes_stats(ours)->faults, 0);
	for (unsigned i = 0; i < 2; i++)
		sp_pkey_free(&keys[i]);
	BN_free(p);
	BN_free(q);
	sp_lanes_close(ours);
	sp_lanes_close(theirs);
}

Test(rsa, leaves_other_keys_to_openssl)
{
	static const struct {
		unsigned p_bits, q_bits, e;
		bool private_half, public_half;
	} cases[] = {
		{544, 480, 65537, false, true},
		{514, 510, 65537, false, true},
		{512, 512, 3, false, false},
		{520, 520, 65537, false, false},
	};
	struct sp_lanes *ours = sp_lanes_open_with(rsa_kernel());
	struct sp_lanes *theirs = sp_lanes_open_with(NULL);

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		BIGNUM *p = make_prime(cases[i].p_bits, cases[i].e);
		BIGNUM *q = make_prime(cases[i].q_bits, cases[i].e);
		struct sp_pkey key;

		make_key(&key, p, q, cases[i].e);
		if (key.bits % 8 == 0) {
			cr_expect_eq(key.rsa != NULL, cases[i].public_half);
			cr_expect_eq(key.rsa && key.rsa->private_half,
				cases[i].private_half);
			rsa_expect_same(ours, theirs, &key, 1, 9);
		}
		sp_pkey_free(&key);
		BN_free(p);
		BN_free(q);
	}
	cr_expect_eq(sp_lanes_stats(ours)->eight_lanes, 0);
	sp_lanes_close(ours);
	sp_lanes_close(theirs);
}

/* Makes something else of a good signature. */
static void spoil(
	unsigned char *signature, const struct sp_pkey *key, unsigned how)
{
	const size_t size = key->signature_bytes;
	BIGNUM *n = NULL, *s = BN_bin2bn(signature, (int)size, NULL);

	cr_assert(EVP_PKEY_get_bn_param(key->evp, OSSL_PKEY_PARAM_RSA_N, &n));
	switch (how) {
	case 0: /* it stays good */
		break;
	case 1:
		BN_zero(s);
		break;
	case 2:
		BN_one(s);
		break;
	case 3:
		cr_assert(BN_sub(s, n, BN_value_one()));
		break;
	case 4:
		cr_assert(BN_copy(s, n));
		break;
	case 5: /* the same number, not below the modulus */
		cr_assert(BN_add(s, s, n));
		break;
	case 6: /* its negative */
		cr_assert(BN_sub(s, n, s));
		break;
	case 7:
		BN_zero(s);
		cr_assert(BN_set_bit(s, (int)size * 8) && BN_sub_word(s, 1));
		break;
	default:
		how -= 8;
		if (BN_is_bit_set(s, (int)how))
			cr_assert(BN_clear_bit(s, (int)how));
		else
			cr_assert(BN_set_bit(s, (int)how));
	}
	if (BN_num_bits(s) <= (int)size * 8)
		cr_assert_eq(BN_bn2binpad(s, signature, (int)size), (int)size);
	BN_free(n);
	BN_free(s);
}

/* Each answer is OpenSSL's. */
static void expect_same_answers(struct sp_lanes *ours, struct sp_lanes *theirs,
	struct rsa_batch *batch, unsigned count)
{
	enum sp_job_outcome outcomes[RSA_JOBS];

	rsa_batch_run(theirs, batch, count);
	for (unsigned i = 0; i < count; i++)
		outcomes[i] = batch->jobs[i].outcome;
	rsa_batch_run(ours, batch, count);
	for (unsigned i = 0; i < count; i++)
		cr_expect_eq(batch->jobs[i].outcome, outcomes[i],
			"job %u of %u", i, count);
}

static void check_answers(
	struct sp_lanes *ours, struct sp_lanes *theirs, unsigned bits)
{
	static struct rsa_batch good, bad;
	struct sp_pkey key, public;

	rsa_load(&key, bits);
	rsa_load_public(&public, &key);
	rsa_batch_sign(&good, &key, 1);
	rsa_batch_run(theirs, &good, RSA_JOBS);
	for (unsigned turn = 0; turn < bits + 8; turn += 5) {
		unsigned count = 1 + turn % RSA_JOBS;

		bad = good;
		for (unsigned i = 0; i < count; i++) {
			struct sp_job *job = &bad.jobs[i];

			job->kind = SP_JOB_VERIFY;
			job->key = &public;
			job->digest = bad.digests[i];
			job->signature = bad.signatures[i];
			if ((i + turn) % 3)
				spoil(job->signature, &public,
					(turn + i) % (bits + 8));
		}
		bad.digests[turn % count][turn % 20] ^= turn % 4 == 1;
		expect_same_answers(ours, theirs, &bad, count);
	}
	sp_pkey_free(&public);
	sp_pkey_free(&key);
}

/* RFC 8017 8.2.2 */
Test(rsa, answers_as_openssl_does)
{
	struct sp_lanes *ours = sp_lanes_open_with(rsa_kernel());
	struct sp_lanes *theirs = sp_lanes_open_with(NULL);

	for (unsigned bits = 1024; bits <= 4096; bits += 1024)
		check_answers(ours, theirs, bits);
	cr_expect_gt(sp_lanes_stats(ours)->eight_lanes, 1000);
	sp_lanes_close(ours);
	sp_lanes_close(theirs);
}

/* A public key tells its exponent only when it has been used for a while. */
Test(rsa, leaves_public_keys_with_other_exponents_to_openssl)
{
	struct sp_lanes *ours = sp_lanes_open_with(rsa_kernel());
	BIGNUM *p = make_prime(512, 3), *q = make_prime(512, 3);
	static struct rsa_batch batch;
	struct sp_pkey key, public;
	unsigned char *bytes = NULL;
	int size;

	make_key(&key, p, q, 3);
	size = i2d_PUBKEY(key.evp, &bytes);
	cr_assert_eq(parse_public(&public, SP_PKEY_RSA,
			     sp_span(bytes, (size_t)size)),
		SP_REASON_OK);
	rsa_ready(&public);
	rsa_batch_sign(&batch, &key, 1);
	rsa_batch_run(ours, &batch, RSA_JOBS);
	for (unsigned turn = 0; turn < 3; turn++) {
		for (unsigned i = 0; i < RSA_JOBS; i++) {
			batch.jobs[i].kind = SP_JOB_VERIFY;
			batch.jobs[i].key = &public;
		}
		rsa_batch_run(ours, &batch, RSA_JOBS);
		for (unsigned i = 0; i < RSA_JOBS; i++)
			cr_expect_eq(batch.jobs[i].outcome, SP_JOB_DONE);
	}
	cr_expect(!atomic_load(&public.rsa->public_half));
	cr_expect_eq(sp_lanes_stats(ours)->eight_lanes, 0);
	OPENSSL_free(bytes);
	sp_pkey_free(&public);
	sp_pkey_free(&key);
	BN_free(p);
	BN_free(q);
	sp_lanes_close(ours);
}

Test(rsa, makes_the_context_of_a_public_key_when_it_is_used_again)
{
	struct sp_lanes *lanes = sp_lanes_open_with(rsa_kernel());
	struct sp_pkey key, public;
	unsigned char *bytes = NULL;
	static struct rsa_batch batch;
	int size;

	rsa_load(&key, 1024);
	size = i2d_PUBKEY(key.evp, &bytes);
	cr_assert_eq(parse_public(&public, SP_PKEY_RSA,
			     sp_span(bytes, (size_t)size)),
		SP_REASON_OK);
	rsa_ready(&public);
	rsa_batch_sign(&batch, &key, 1);
	rsa_batch_run(lanes, &batch, RSA_JOBS);
	for (unsigned i = 0; i < RSA_JOBS; i++) {
		batch.jobs[i].kind = SP_JOB_VERIFY;
		batch.jobs[i].key = &public;
	}
	cr_expect(!atomic_load(&public.rsa->public_half));
	rsa_batch_run(lanes, &batch, 1);
	cr_expect(!atomic_load(&public.rsa->public_half));
	rsa_batch_run(lanes, &batch, RSA_JOBS);
	cr_expect(atomic_load(&public.rsa->public_half));
	for (unsigned i = 0; i < RSA_JOBS; i++)
		cr_expect_eq(batch.jobs[i].outcome, SP_JOB_DONE);
	OPENSSL_free(bytes);
	sp_pkey_free(&public);
	sp_pkey_free(&key);
	sp_lanes_close(lanes);
}

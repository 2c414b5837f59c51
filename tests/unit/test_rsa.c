/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA in eight lanes behind the jobs (RFC 8017 8.2): the same bytes and the
 * same answers as OpenSSL, whatever stands beside a job, and no wrong signature
 * whatever breaks.
 */
#include <criterion/criterion.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "crypto/lanes.h"
#include "crypto/pkey_parts.h"
#include "crypto/rsa.h"
#include "tests/unit/arithmetic.h"
#include "tests/unit/guard.h"

TestSuite(rsa);

enum { JOBS = 17 };

/* The kernel under test: the model where the machine has none. */
static const struct sp_rsa_kernel *kernel(void)
{
	return sp_rsa_kernel() ? sp_rsa_kernel() : arithmetic_model.rsa;
}

/* Keys have what lanes need only where there is a kernel. */
static void ready(struct sp_pkey *key)
{
	if (!key->rsa)
		key->rsa = sp_rsa_open(key->evp, key->private_half);
}

static void load(struct sp_pkey *key, unsigned bits)
{
	struct sp_error error = {0};
	char path[64];
	size_t size;
	char *text;

	snprintf(path, sizeof(path), "corpus/keys/rsa%u.pem", bits);
	text = test_read_file(path, &size);
	cr_assert(text, "%s", path);
	cr_assert_eq(sp_pkey_parse_private(
			     key, sp_span(text, size), path, NULL, &error),
		SP_OK, "%s", error.text);
	free(text);
	ready(key);
}

/* Its public half, used often enough to have lanes. */
static void load_public(struct sp_pkey *public, const struct sp_pkey *key)
{
	unsigned char *bytes = NULL;
	int size = i2d_PUBKEY(key->evp, &bytes);

	cr_assert_eq(sp_pkey_parse_public(
			     public, SP_PKEY_RSA, sp_span(bytes, (size_t)size)),
		SP_REASON_OK);
	OPENSSL_free(bytes);
	ready(public);
	for (unsigned i = 0; i < SP_RSA_USES_MIN; i++)
		(void)sp_rsa_public(public->rsa, public->evp);
	cr_assert(sp_rsa_public(public->rsa, public->evp));
}

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
	sp_pkey_adopt(key, evp, true);
	cr_assert_eq(sp_pkey_check(key, "made", NULL), SP_OK);
	ready(key);
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

/* Jobs, each with a digest and room of its own. */
struct batch {
	struct sp_job jobs[JOBS];
	unsigned char digests[JOBS][32];
	unsigned char signatures[JOBS][SP_PKEY_SIGNATURE_BYTES_MAX];
};

/* Random digests; keys in turns; now and then SHA-1. */
static void batch_sign(
	struct batch *batch, struct sp_pkey *keys, unsigned key_count)
{
	cr_assert_eq(RAND_bytes(batch->digests[0], sizeof(batch->digests)), 1);
	for (unsigned i = 0; i < JOBS; i++) {
		enum sp_digest_algorithm hash =
			i % 5 == 3 ? SP_SHA1 : SP_SHA256;

		batch->jobs[i] = (struct sp_job){
			.kind = SP_JOB_SIGN,
			.key = &keys[i % key_count],
			.hash = hash,
			.digest = batch->digests[i],
			.digest_size = sp_digest_bytes(hash),
			.signature = batch->signatures[i],
		};
	}
}

static void run(struct sp_lanes *lanes, struct batch *batch, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		sp_lanes_submit(lanes, &batch->jobs[i]);
	sp_lanes_run(lanes);
}

/* Signs count jobs in lanes and with OpenSSL: the same bytes. */
static void expect_same(struct sp_lanes *ours, struct sp_lanes *theirs,
	struct sp_pkey *keys, unsigned key_count, unsigned count)
{
	static struct batch batch, copy;

	batch_sign(&batch, keys, key_count);
	copy = batch;
	for (unsigned i = 0; i < JOBS; i++)
		copy.jobs[i].signature = copy.signatures[i];
	run(ours, &batch, count);
	run(theirs, &copy, count);
	for (unsigned i = 0; i < count; i++) {
		size_t size = batch.jobs[i].key->signature_bytes;

		cr_expect_eq(batch.jobs[i].outcome, SP_JOB_DONE);
		cr_expect_eq(batch.jobs[i].signature_size, size);
		cr_expect_eq(
			memcmp(batch.signatures[i], copy.signatures[i], size),
			0, "job %u of %u", i, count);
	}
}

/* Every number of jobs, so every lane and every way that a pass is left. */
Test(rsa, signs_the_same_bytes_in_batches_of_any_size)
{
	struct sp_lanes *ours = sp_lanes_open_with(kernel());
	struct sp_lanes *theirs = sp_lanes_open_with(NULL);

	for (unsigned bits = 1024; bits <= 4096; bits += 1024) {
		struct sp_pkey key;

		load(&key, bits);
		cr_assert(key.rsa && key.rsa->private_half);
		for (unsigned count = 1; count <= JOBS; count++)
			if (bits <= 2048 || count % 5 == 2)
				expect_same(ours, theirs, &key, 1, count);
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
	struct sp_lanes *ours = sp_lanes_open_with(kernel());
	struct sp_lanes *theirs = sp_lanes_open_with(NULL);
	struct sp_pkey keys[KEYS];

	for (unsigned i = 0; i < KEYS; i++) {
		cr_assert_eq(sp_pkey_generate(&keys[i], SP_PKEY_RSA,
				     i == 6 ? 2048 : 1024, NULL),
			SP_OK);
		ready(&keys[i]);
	}
	for (unsigned turn = 0; turn < 10; turn++)
		expect_same(ours, theirs, keys, KEYS, JOBS);
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
	struct sp_lanes *ours = sp_lanes_open_with(kernel());
	struct sp_lanes *theirs = sp_lanes_open_with(NULL);
	BIGNUM *p = make_prime(512, 65537), *q = make_prime(512, 65537);
	struct sp_pkey keys[2];

	make_key(&keys[0], p, q, 65537);
	make_key(&keys[1], q, p, 65537);
	for (unsigned i = 0; i < 2; i++)
		cr_assert(keys[i].rsa && keys[i].rsa->private_half);
	expect_same(ours, theirs, keys, 2, 16);
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
	struct sp_lanes *ours = sp_lanes_open_with(kernel());
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
			expect_same(ours, theirs, &key, 1, 9);
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
	struct batch *batch, unsigned count)
{
	enum sp_job_outcome outcomes[JOBS];

	run(theirs, batch, count);
	for (unsigned i = 0; i < count; i++)
		outcomes[i] = batch->jobs[i].outcome;
	run(ours, batch, count);
	for (unsigned i = 0; i < count; i++)
		cr_expect_eq(batch->jobs[i].outcome, outcomes[i],
			"job %u of %u", i, count);
}

static void check_answers(
	struct sp_lanes *ours, struct sp_lanes *theirs, unsigned bits)
{
	static struct batch good, bad;
	struct sp_pkey key, public;

	load(&key, bits);
	load_public(&public, &key);
	batch_sign(&good, &key, 1);
	run(theirs, &good, JOBS);
	for (unsigned turn = 0; turn < bits + 8; turn += 5) {
		unsigned count = 1 + turn % JOBS;

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
	struct sp_lanes *ours = sp_lanes_open_with(kernel());
	struct sp_lanes *theirs = sp_lanes_open_with(NULL);

	for (unsigned bits = 1024; bits <= 4096; bits += 1024)
		check_answers(ours, theirs, bits);
	cr_expect_gt(sp_lanes_stats(ours)->eight_lanes, 1000);
	sp_lanes_close(ours);
	sp_lanes_close(theirs);
}

Test(rsa, makes_the_context_of_a_public_key_when_it_is_used_again)
{
	struct sp_lanes *lanes = sp_lanes_open_with(kernel());
	struct sp_pkey key, public;
	unsigned char *bytes = NULL;
	static struct batch batch;
	int size;

	load(&key, 1024);
	size = i2d_PUBKEY(key.evp, &bytes);
	cr_assert_eq(sp_pkey_parse_public(&public, SP_PKEY_RSA,
			     sp_span(bytes, (size_t)size)),
		SP_REASON_OK);
	ready(&public);
	batch_sign(&batch, &key, 1);
	run(lanes, &batch, JOBS);
	for (unsigned i = 0; i < JOBS; i++) {
		batch.jobs[i].kind = SP_JOB_VERIFY;
		batch.jobs[i].key = &public;
	}
	cr_expect(!atomic_load(&public.rsa->public_half));
	run(lanes, &batch, 1);
	cr_expect(!atomic_load(&public.rsa->public_half));
	run(lanes, &batch, JOBS);
	cr_expect(atomic_load(&public.rsa->public_half));
	for (unsigned i = 0; i < JOBS; i++)
		cr_expect_eq(batch.jobs[i].outcome, SP_JOB_DONE);
	OPENSSL_free(bytes);
	sp_pkey_free(&public);
	sp_pkey_free(&key);
	sp_lanes_close(lanes);
}

/* Where a bit is flipped: a field of a pass before or after a step. */
enum stage {
	BEFORE_POWER,
	BEFORE_JOIN,
	AFTER_JOIN,
	BEFORE_OPEN,
	AFTER_OPEN,
};

static struct {
	enum stage stage;
	size_t offset; /* of the field's first limb in its pass */
	unsigned limb, lane, bit;
	unsigned done; /* how often it has happened */
} fault;

static void strike(enum stage stage, void *pass)
{
	struct sp_rsa_limb *field =
		(struct sp_rsa_limb *)((char *)pass + fault.offset);

	if (stage != fault.stage)
		return;
	field[fault.limb].lane[fault.lane] ^= UINT64_C(1) << fault.bit;
	fault.done++;
}

static void faulty_power(struct sp_rsa_private_pass *pass)
{
	strike(BEFORE_POWER, pass);
	kernel()->power(pass);
}

static void faulty_join(struct sp_rsa_private_pass *pass)
{
	strike(BEFORE_JOIN, pass);
	kernel()->join(pass);
	strike(AFTER_JOIN, pass);
}

static void faulty_open(struct sp_rsa_public_pass *pass)
{
	strike(BEFORE_OPEN, pass);
	kernel()->open(pass);
	strike(AFTER_OPEN, pass);
}

static const struct sp_rsa_kernel faulty = {
	.name = "faulty",
	.power = faulty_power,
	.join = faulty_join,
	.open = faulty_open,
};

#define PRIVATE(field) offsetof(struct sp_rsa_private_pass, field)
#define PUBLIC(field) offsetof(struct sp_rsa_public_pass, field)

static const struct {
	const char *what;
	enum stage stage;
	size_t offset;
	bool one_limb;
	unsigned lanes; /* where it must be noticed: 4 or all 8 */
} places[] = {
	{"modulus", BEFORE_POWER, PRIVATE(modulus), false, 8},
	{"inverse", BEFORE_POWER, PRIVATE(negative_inverse), true, 8},
	{"cube", BEFORE_POWER, PRIVATE(cube), false, 8},
	{"exponent", BEFORE_POWER, PRIVATE(exponent), false, 8},
	{"block", BEFORE_POWER, PRIVATE(block), false, 8},
	{"modulus", BEFORE_JOIN, PRIVATE(modulus), false, 8},
	{"power", BEFORE_JOIN, PRIVATE(power), false, 8},
	{"coefficient", BEFORE_JOIN, PRIVATE(coefficient), false, 4},
	{"signature", AFTER_JOIN, PRIVATE(signature), false, 4},
	{"public modulus", BEFORE_OPEN, PUBLIC(modulus), false, 8},
	{"public inverse", BEFORE_OPEN, PUBLIC(negative_inverse), true, 8},
	{"constant", BEFORE_OPEN, PUBLIC(constant), false, 8},
	{"public signature", BEFORE_OPEN, PUBLIC(signature), false, 8},
	{"public block", AFTER_OPEN, PUBLIC(block), false, 8},
};

/*
 * Eight jobs are two private passes and one check. Flips one bit at the place
 * in the lane; every signature that comes out is right all the same, and
 * exactly the job of that lane was made again.
 */
static void check_fault(struct sp_lanes *broken, struct sp_lanes *theirs,
	struct sp_pkey *key, unsigned place, unsigned lane)
{
	const bool private = places[place].stage <= AFTER_JOIN;
	uint64_t faults = sp_lanes_stats(broken)->faults;

	fault.stage = places[place].stage;
	fault.offset = places[place].offset;
	fault.lane = lane;
	fault.limb = places[place].one_limb ? 0 : (unsigned)rand() % 8;
	fault.bit = (unsigned)rand() % 52;
	fault.done = 0;
	expect_same(broken, theirs, key, 1, 8);
	cr_expect_eq(fault.done, private ? 2 : 1);
	if (lane < places[place].lanes)
		cr_expect_eq(sp_lanes_stats(broken)->faults - faults,
			private ? 2 : 1, "%s, lane %u, limb %u, bit %u",
			places[place].what, lane, fault.limb, fault.bit);
	else
		cr_expect_eq(sp_lanes_stats(broken)->faults, faults);
}

Test(rsa, lets_no_faulty_signature_out)
{
	struct sp_lanes *broken = sp_lanes_open_with(&faulty);
	struct sp_lanes *theirs = sp_lanes_open_with(NULL);

	for (unsigned bits = 1024; bits <= 2048; bits += 1024) {
		struct sp_pkey key;

		load(&key, bits);
		for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]);
			i++)
			for (unsigned lane = 0; lane < SP_RSA_LANES; lane++)
				check_fault(broken, theirs, &key, i, lane);
		sp_pkey_free(&key);
	}
	sp_lanes_close(broken);
	sp_lanes_close(theirs);
}

static bool all_zero(const void *memory, size_t size)
{
	const unsigned char *bytes = memory;

	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

static const struct sp_rsa_private_pass *seen;

static void seen_power(struct sp_rsa_private_pass *pass)
{
	seen = pass;
	kernel()->power(pass);
	cr_expect(!all_zero(pass, sizeof(*pass)));
}

Test(rsa, wipes_what_it_computed_with)
{
	const struct sp_rsa_kernel watched = {
		.power = seen_power,
		.join = kernel()->join,
		.open = kernel()->open,
	};
	struct sp_lanes *lanes = sp_lanes_open_with(&watched);
	static struct batch batch;

	for (unsigned bits = 1024; bits <= 4096; bits += 1024) {
		struct sp_pkey key;

		load(&key, bits);
		batch_sign(&batch, &key, 1);
		run(lanes, &batch, 4);
		cr_expect(seen && all_zero(seen, sizeof(*seen)));
		sp_pkey_free(&key);
	}
	sp_lanes_close(lanes);
}

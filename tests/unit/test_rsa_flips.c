/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA in eight lanes while a bit flips inside the kernel, or in the padding and
 * in the check (RFC 8017 8.2): no wrong signature comes out, and each that was
 * wrong is counted and made again.
 *
 * crypto/rsa_lanes.c is built into this test with copies that can go wrong, in
 * place of the library's.
 */
#include <criterion/criterion.h>
#include <endian.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "crypto/rsa_lanes.h"
#include "crypto/secret.h"
#include "tests/unit/flipping.h"
#include "tests/unit/rsa_batch.h"

TestSuite(rsa_flips);

static struct rsa_batch batch;
static unsigned char expected[RSA_JOBS][SP_PKEY_SIGNATURE_BYTES_MAX];

/* Copies and fills of rsa_lanes.c, and which one is hit (from 1; 0: none). */
static unsigned copies, copy_hit;

/* Those that hand over what has been checked are let alone. */
static void *passed_copy(void *to, size_t size)
{
	const unsigned char *first = batch.signatures[0];
	unsigned char *bytes = to;
	const bool checked =
		bytes >= first && bytes < first + sizeof(batch.signatures);

	if (!checked && ++copies == copy_hit)
		bytes[(unsigned)rand() % size] ^=
			(unsigned char)(1u << (unsigned)rand() % 8);
	return to;
}

#define memcpy(to, from, size) passed_copy(memcpy(to, from, size), size)
#define memset(to, byte, size) passed_copy(memset(to, byte, size), size)
/* NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "crypto/rsa_lanes.c"
#undef memcpy
#undef memset

static const struct sp_rsa_kernel *flipping;

/* What runs the steps; one of them flips. */
static const struct sp_rsa_kernel *power_kernel, *join_kernel, *open_kernel;

/* What a run showed before anything was made again: a bit for each job. */
static unsigned wrong;
static struct sp_rsa_public_pass opened; /* by a run in which nothing is */
static bool nothing_flips;
static unsigned copies_to_power, copies_to_open;

static void watched_power(struct sp_rsa_private_pass *pass)
{
	copies_to_power = copies;
	power_kernel->power(pass);
}

static void watched_join(struct sp_rsa_private_pass *pass)
{
	join_kernel->join(pass);
}

static void watched_open(struct sp_rsa_public_pass *pass)
{
	const struct sp_rsa_lanes *lanes =
		(void *)((char *)pass - offsetof(struct sp_rsa_lanes, public));
	const size_t size = batch.jobs[0].key->signature_bytes;

	copies_to_open = copies;
	for (unsigned i = 0; i < JOBS; i++)
		if (memcmp(lanes->signatures[i], expected[i], size) != 0)
			wrong |= 1u << i;
	pass->known = false; /* so that every step is done */
	open_kernel->open(pass);
	if (nothing_flips)
		opened = *pass;
	for (unsigned i = 0; i < pass->limbs; i++)
		for (unsigned lane = 0; lane < SP_RSA_LANES; lane++)
			if (pass->block[i].lane[lane] !=
				opened.block[i].lane[lane])
				wrong |= 1u << lane;
}

static const struct sp_rsa_kernel watched = {
	.name = "watched",
	.power = watched_power,
	.join = watched_join,
	.open = watched_open,
};

#define PRIVATE(name, count) offsetof(struct sp_rsa_private_pass, name), count
#define PUBLIC(name, count) offsetof(struct sp_rsa_public_pass, name), count

/* Limbs that all sizes have. */
enum { PRIME = 10, MODULUS = 20 };

enum { COPIES = 24 }; /* that are hit, of each size and step */

static const struct stage {
	const char *what;
	struct flip flip;
} stages[] = {
	{"differences of the primes",
		{FLIP_POWER, FLIP_DIFFERENCES, FLIP_AND, 0, 1000, 0, 0}},
	{"the block divided by R",
		{FLIP_POWER, FLIP_REDUCE, FLIP_MADD, 0, 400, 0, 0}},
	{"the block in Montgomery's form",
		{FLIP_POWER, FLIP_MULTIPLY, FLIP_MADD, 0, 0, 0, 0}},
	{"table", {FLIP_POWER, FLIP_MULTIPLY, FLIP_MADD, 1, 6, 0, 0}},
	{"first lookup", {FLIP_POWER, FLIP_LOOKUP, FLIP_BLEND, 0, 1000, 0, 0}},
	{"accumulator",
		{FLIP_POWER, FLIP_MULTIPLY, FLIP_MADD, 100, 1000, 0, 0}},
	{"sum", {FLIP_POWER, FLIP_MULTIPLY, FLIP_SUM, 100, 1000, 0, 0}},
	{"carry", {FLIP_POWER, FLIP_MULTIPLY, FLIP_SHIFT, 100, 1000, 0, 0}},
	{"limb", {FLIP_POWER, FLIP_MULTIPLY, FLIP_AND, 100, 1000, 0, 0}},
	{"looked up limb",
		{FLIP_POWER, FLIP_MULTIPLY, FLIP_BLEND, 100, 1000, 0, 0}},
	{"entry that is wanted",
		{FLIP_POWER, FLIP_MULTIPLY, FLIP_MASK, 100, 1000, 0, 0}},
	{"table in memory", {FLIP_POWER, FLIP_MULTIPLY, FLIP_MADD, 100, 800,
				    PRIVATE(table, 16 * PRIME)}},
	{"primes in memory", {FLIP_POWER, FLIP_MULTIPLY, FLIP_MADD, 100, 1000,
				     PRIVATE(modulus, PRIME)}},
	{"exponents in memory", {FLIP_POWER, FLIP_MULTIPLY, FLIP_MADD, 0, 500,
					PRIVATE(exponent, 4)}},
	{"power in memory", {FLIP_POWER, FLIP_MULTIPLY, FLIP_MADD, 100, 1000,
				    PRIVATE(power, PRIME)}},
	{"last reduction",
		{FLIP_POWER, FLIP_REDUCE, FLIP_MADD, 600, 1000, 0, 0}},
	{"power less the prime",
		{FLIP_POWER, FLIP_SUBTRACT, FLIP_BLEND, 0, 1000, 0, 0}},
	{"which is taken of the two",
		{FLIP_POWER, FLIP_SUBTRACT, FLIP_MASK, 0, 1000, 0, 0}},
	{"difference of the powers",
		{FLIP_JOIN, FLIP_REST, FLIP_SUM, 0, 600, 0, 0}},
	{"lanes of q for those of p",
		{FLIP_JOIN, FLIP_REST, FLIP_SWAP, 0, 1000, 0, 0}},
	{"its carries", {FLIP_JOIN, FLIP_CARRY, FLIP_SHIFT, 0, 200, 0, 0}},
	{"times the coefficient",
		{FLIP_JOIN, FLIP_MULTIPLY, FLIP_MADD, 0, 1000, 0, 0}},
	{"coefficient in memory", {FLIP_JOIN, FLIP_DIFFERENCES, FLIP_SUM, 0, 0,
					  PRIVATE(coefficient, PRIME)}},
	{"h made the least",
		{FLIP_JOIN, FLIP_SUBTRACT, FLIP_BLEND, 0, 1000, 0, 0}},
	{"q times h", {FLIP_JOIN, FLIP_KARATSUBA, FLIP_MADD, 0, 1000, 0, 0}},
	{"limbs of the signature",
		{FLIP_JOIN, FLIP_CARRY, FLIP_AND, 400, 1000, 0, 0}},
	{"differences of the modulus",
		{FLIP_OPEN, FLIP_DIFFERENCES, FLIP_AND, 0, 1000, 0, 0}},
	{"square of the check",
		{FLIP_OPEN, FLIP_MULTIPLY, FLIP_MADD, 0, 880, 0, 0}},
	{"carry of the check",
		{FLIP_OPEN, FLIP_MULTIPLY, FLIP_SHIFT, 0, 1000, 0, 0}},
	{"last product of the check",
		{FLIP_OPEN, FLIP_MULTIPLY, FLIP_MADD, 950, 1000, 0, 0}},
	{"modulus in memory", {FLIP_OPEN, FLIP_MULTIPLY, FLIP_MADD, 0, 900,
				      PUBLIC(modulus, MODULUS)}},
	{"constant in memory", {FLIP_OPEN, FLIP_MULTIPLY, FLIP_MADD, 0, 800,
				       PUBLIC(constant, MODULUS)}},
	{"block made the least",
		{FLIP_OPEN, FLIP_SUBTRACT, FLIP_BLEND, 0, 1000, 0, 0}},
};
#define STAGES (sizeof(stages) / sizeof(stages[0]))

static unsigned noticed[STAGES]; /* faults, in all sizes */

/* One run of the first count jobs, and whether only what is right came out. */
static uint64_t run(struct sp_lanes *lanes, unsigned count)
{
	const uint64_t before = sp_lanes_stats(lanes)->faults;

	wrong = 0;
	copies = 0;
	memset(batch.signatures, 0, sizeof(batch.signatures));
	rsa_batch_run(lanes, &batch, count);
	wrong &= (1u << count) - 1;
	for (unsigned i = 0; i < count; i++) {
		const struct sp_job *job = &batch.jobs[i];

		cr_assert_eq(job->outcome, SP_JOB_DONE);
		cr_assert_eq(job->signature_size, job->key->signature_bytes);
		cr_assert_eq(memcmp(job->signature, expected[i],
				     job->signature_size),
			0);
	}
	return sp_lanes_stats(lanes)->faults - before;
}

/* Jobs of a key, and what is right. */
static void prepare(struct sp_lanes *lanes, struct sp_pkey *key)
{
	struct sp_lanes *theirs = sp_lanes_open_with(NULL);

	rsa_batch_sign(&batch, key, 1);
	rsa_batch_run(theirs, &batch, JOBS);
	sp_lanes_close(theirs);
	memcpy(expected, batch.signatures, sizeof(expected));
	power_kernel = join_kernel = open_kernel = rsa_kernel();
	copy_hit = 0;
	nothing_flips = true;
	cr_assert_eq(run(lanes, JOBS), 0);
	nothing_flips = false;
	cr_assert_eq(wrong, 0);
}

/* Four jobs are one private pass, eight fill a public one. */
static void check_stage(struct sp_lanes *lanes, size_t i, uint8_t mask)
{
	const struct flip *flip = &stages[i].flip;
	uint64_t faults;

	power_kernel = flip->phase == FLIP_POWER ? flipping : rsa_kernel();
	join_kernel = flip->phase == FLIP_JOIN ? flipping : rsa_kernel();
	open_kernel = flip->phase == FLIP_OPEN ? flipping : rsa_kernel();
	if (!flip_arm(flip, mask))
		return; /* numbers of this size have nothing like it */
	faults = run(lanes, flip->phase == FLIP_OPEN ? JOBS : HALF);
	cr_expect(flip_done(), "%s", stages[i].what);
	cr_expect_eq(faults, (unsigned)__builtin_popcount(wrong),
		"%s, lanes %02x", stages[i].what, mask);
	noticed[i] += (unsigned)faults;
}

static void check_size(unsigned bits, unsigned stride)
{
	struct sp_lanes *lanes = sp_lanes_open_with(&watched);
	struct sp_pkey key;

	rsa_load(&key, bits);
	prepare(lanes, &key);
	power_kernel = join_kernel = open_kernel = flipping;
	flip_count();
	cr_assert_eq(run(lanes, HALF), 0);
	flip_counted();
	for (size_t i = 0; i < STAGES; i++)
		for (unsigned lane = (unsigned)i % stride; lane < SP_RSA_LANES;
			lane += stride)
			check_stage(lanes, i, (uint8_t)(1u << lane));
	sp_pkey_free(&key);
	sp_lanes_close(lanes);
}

/* The larger the numbers, the fewer lanes in each stage: it takes long. */
Test(rsa_flips, let_no_wrong_signature_out_of_the_kernel)
{
	const bool fast = sp_rsa_kernel() && sp_cpu_has(SP_FEATURE_IFMA);
	const unsigned bits_max = fast ? 4096 : 1024;

	flipping = fast ? &flipping_ifma : &flipping_model;
	for (unsigned bits = 1024; bits <= bits_max; bits += 1024)
		check_size(bits, fast ? bits / 1024 : 4);
	for (size_t i = 0; fast && i < STAGES; i++)
		cr_expect_gt(noticed[i], 0, "%s", stages[i].what);
}

/*
 * Padding and conversion of what is signed and of what is checked; the padded
 * digest that the check compares with. A bit may fall into a word beyond the
 * limb that is taken from it, and is nothing then.
 */
static void flip_copies(struct sp_lanes *lanes, unsigned from, unsigned to)
{
	uint64_t faults = 0;

	for (unsigned i = 0; i < COPIES; i++) {
		uint64_t found;

		copy_hit = from + 1 + (unsigned)rand() % (to - from);
		found = run(lanes, JOBS);
		cr_expect_geq(found, (unsigned)__builtin_popcount(wrong));
		cr_expect_leq(found, 1);
		faults += found;
	}
	copy_hit = 0;
	cr_expect_gt(faults, COPIES / 8);
}

Test(rsa_flips, let_no_wrong_signature_out_of_padding_and_check)
{
	struct sp_lanes *lanes = sp_lanes_open_with(&watched);

	for (unsigned bits = 1024; bits <= 4096; bits += 1024) {
		struct sp_pkey key;
		unsigned before, open, all;

		rsa_load(&key, bits);
		prepare(lanes, &key);
		before = copies_to_power;
		open = copies_to_open;
		all = copies;
		cr_assert(before < open && open < all);
		flip_copies(lanes, 0, before);
		flip_copies(lanes, before, open);
		flip_copies(lanes, open, all);
		sp_pkey_free(&key);
	}
	sp_lanes_close(lanes);
}

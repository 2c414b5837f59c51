/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA in eight lanes when something breaks: no wrong signature comes out
 * whatever bit flips where, and nothing secret stays behind.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/unit/rsa_batch.h"

TestSuite(rsa_faults);

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
	rsa_kernel()->power(pass);
}

static void faulty_join(struct sp_rsa_private_pass *pass)
{
	strike(BEFORE_JOIN, pass);
	rsa_kernel()->join(pass);
	strike(AFTER_JOIN, pass);
}

static void faulty_open(struct sp_rsa_public_pass *pass)
{
	strike(BEFORE_OPEN, pass);
	rsa_kernel()->open(pass);
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
	rsa_expect_same(broken, theirs, key, 1, 8);
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

		rsa_load(&key, bits);
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
	rsa_kernel()->power(pass);
	cr_expect(!all_zero(pass, sizeof(*pass)));
}

Test(rsa, wipes_what_it_computed_with)
{
	const struct sp_rsa_kernel watched = {
		.power = seen_power,
		.join = rsa_kernel()->join,
		.open = rsa_kernel()->open,
	};
	struct sp_lanes *lanes = sp_lanes_open_with(&watched);
	static struct rsa_batch batch;

	for (unsigned bits = 1024; bits <= 4096; bits += 1024) {
		struct sp_pkey key;

		rsa_load(&key, bits);
		rsa_batch_sign(&batch, &key, 1);
		rsa_batch_run(lanes, &batch, 4);
		cr_expect(seen && all_zero(seen, sizeof(*seen)));
		sp_pkey_free(&key);
	}
	sp_lanes_close(lanes);
}

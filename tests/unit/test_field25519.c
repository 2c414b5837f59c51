/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic of the Ed25519 lanes against OpenSSL's big numbers: operands
 * at every bound that docs/CRYPTO.md claims, and random ones.
 */
#include <criterion/criterion.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <string.h>

#include "tests/unit/lane_ops.h"

TestSuite(field25519);

#define ROUNDS 400u
#define ROWS_MAX 16u

/* Rows in and out, and numbers to reckon with. */
struct desk {
	uint64_t in[ROWS_MAX][LANES], out[ROWS_MAX][LANES];
	uint64_t random; /* xorshift: runs are repeatable */
	BN_CTX *context;
	BIGNUM *p, *order, *a, *b, *c, *wanted, *got;
};

static BIGNUM *number(const char *hex)
{
	BIGNUM *n = NULL;

	cr_assert(BN_hex2bn(&n, hex) > 0);
	return n;
}

static void desk_open(struct desk *desk)
{
	*desk = (struct desk){
		.random = 0x9e3779b97f4a7c15,
		.context = BN_CTX_new(),
		.p = number("7fffffffffffffffffffffffffffffff"
			    "ffffffffffffffffffffffffffffffed"),
		.order = number("10000000000000000000000000000000"
				"14def9dea2f79cd65812631a5cf5d3ed"),
		.a = BN_new(),
		.b = BN_new(),
		.c = BN_new(),
		.wanted = BN_new(),
		.got = BN_new(),
	};
}

static void desk_close(struct desk *desk)
{
	BIGNUM *const all[] = {desk->p, desk->order, desk->a, desk->b, desk->c,
		desk->wanted, desk->got};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		BN_free(all[i]);
	BN_CTX_free(desk->context);
}

static uint64_t random_word(struct desk *desk)
{
	desk->random ^= desk->random << 13;
	desk->random ^= desk->random >> 7;
	desk->random ^= desk->random << 17;
	return desk->random;
}

/* The number of count rows of one lane, each bits further up. */
static void value(BIGNUM *out, const uint64_t (*rows)[LANES], unsigned count,
	unsigned bits, unsigned lane)
{
	BIGNUM *row = BN_new();

	BN_zero(out);
	for (unsigned i = count; i-- > 0;) {
		cr_assert(BN_lshift(out, out, (int)bits));
		cr_assert(BN_set_word(row, rows[i][lane]));
		cr_assert(BN_add(out, out, row));
	}
	BN_free(row);
}

#define TIGHT ((1ull << 51) + (1ull << 18) - 1)
#define FACTOR ((1ull << 52) - 1)
#define LOOSE (~0ull - 1)

/* Limbs up to max: all edges, edges mixed, or random. */
static void fill_limbs(struct desk *desk, unsigned rows, uint64_t max)
{
	const uint64_t edges[] = {0, 1, 18, 19, (1ull << 51) - 20,
		(1ull << 51) - 19, (1ull << 51) - 1, 1ull << 51, max - 1, max};

	for (unsigned lane = 0; lane < LANES; lane++) {
		unsigned kind = random_word(desk) % 3;
		uint64_t same = edges[random_word(desk) % 10];

		for (unsigned i = 0; i < rows; i++) {
			uint64_t word = random_word(desk);

			if (i % 5 == 0)
				same = edges[random_word(desk) % 10];
			desk->in[i][lane] = kind == 0   ? same
					    : kind == 1 ? edges[word % 10]
							: word % (max + 1);
		}
	}
}

/* The canonical limbs that came out, and that they are. */
static void got_canonical(struct desk *desk, unsigned lane)
{
	for (unsigned i = 0; i < 5; i++)
		cr_assert_lt(desk->out[i][lane], 1ull << 51);
	value(desk->got, desk->out, 5, 51, lane);
	cr_assert_lt(BN_cmp(desk->got, desk->p), 0);
}

static void expect(const struct desk *desk, const struct lane_ops *ops,
	const char *what, unsigned lane)
{
	cr_assert_eq(BN_cmp(desk->got, desk->wanted), 0, "%s: %s, lane %u",
		ops->name, what, lane);
}

enum field_op { ADD, SUB, MUL, NEGATE, SQUARE, CANONICAL, CARRY, FIELD_OPS };

/* What the operation should give, of a and b. */
static void reckon(struct desk *desk, enum field_op op)
{
	BIGNUM *out = desk->wanted, *zero = BN_new();

	BN_zero(zero);
	if (op == ADD)
		BN_mod_add(out, desk->a, desk->b, desk->p, desk->context);
	else if (op == SUB)
		BN_mod_sub(out, desk->a, desk->b, desk->p, desk->context);
	else if (op == MUL)
		BN_mod_mul(out, desk->a, desk->b, desk->p, desk->context);
	else if (op == NEGATE)
		BN_mod_sub(out, zero, desk->a, desk->p, desk->context);
	else if (op == SQUARE)
		BN_mod_sqr(out, desk->a, desk->p, desk->context);
	else
		BN_nnmod(out, desk->a, desk->p, desk->context);
	BN_free(zero);
}

static void check_field_op(
	struct desk *desk, const struct lane_ops *ops, enum field_op op)
{
	lane_op *const functions[FIELD_OPS] = {ops->add, ops->sub, ops->mul,
		ops->negate, ops->square, ops->canonical, ops->carry};
	static const char *const names[FIELD_OPS] = {
		"add", "sub", "mul", "negate", "square", "canonical", "carry"};
	static const uint64_t bounds[FIELD_OPS] = {
		TIGHT, TIGHT, FACTOR, TIGHT, FACTOR, TIGHT, LOOSE};

	fill_limbs(desk, 10, bounds[op]);
	functions[op](desk->out, desk->in);
	for (unsigned lane = 0; lane < LANES; lane++) {
		value(desk->a, desk->in, 5, 51, lane);
		value(desk->b, desk->in + 5, 5, 51, lane);
		reckon(desk, op);
		if (op == CARRY) {
			for (unsigned i = 0; i < 5; i++)
				cr_assert_leq(desk->out[i][lane], TIGHT);
			value(desk->c, desk->out, 5, 51, lane);
			BN_nnmod(desk->got, desk->c, desk->p, desk->context);
		} else {
			got_canonical(desk, lane);
		}
		expect(desk, ops, names[op], lane);
	}
}

Test(field25519, adds_and_multiplies_up_to_its_bounds)
{
	struct desk desk;

	desk_open(&desk);
	for (const struct lane_ops *const *ops = lane_ops_all(); *ops; ops++)
		for (unsigned i = 0; i < ROUNDS; i++)
			for (int op = 0; op < FIELD_OPS; op++)
				check_field_op(&desk, *ops, (enum field_op)op);
	desk_close(&desk);
}

static void check_powers(struct desk *desk, const struct lane_ops *ops)
{
	for (unsigned root = 0; root < 2; root++) {
		fill_limbs(desk, 5, TIGHT);
		(root ? ops->root_power : ops->invert)(desk->out, desk->in);
		BN_copy(desk->b, desk->p); /* p - 2, or (p - 5) / 8 */
		BN_sub_word(desk->b, root ? 5 : 2);
		BN_rshift(desk->b, desk->b, root ? 3 : 0);
		for (unsigned lane = 0; lane < LANES; lane++) {
			value(desk->a, desk->in, 5, 51, lane);
			BN_mod_exp(desk->wanted, desk->a, desk->b, desk->p,
				desk->context);
			got_canonical(desk, lane);
			expect(desk, ops, root ? "root" : "invert", lane);
		}
	}
}

Test(field25519, raises_to_its_powers)
{
	struct desk desk;

	desk_open(&desk);
	for (const struct lane_ops *const *ops = lane_ops_all(); *ops; ops++)
		for (unsigned i = 0; i < ROUNDS / 8; i++)
			check_powers(&desk, *ops);
	desk_close(&desk);
}

/* rows words of a lane, little-endian, from a number. */
static void put_number(struct desk *desk, unsigned row, unsigned rows,
	unsigned lane, const BIGNUM *n)
{
	unsigned char bytes[64];

	cr_assert_eq(
		BN_bn2lebinpad(n, bytes, (int)(8 * rows)), (int)(8 * rows));
	for (unsigned i = 0; i < rows; i++)
		memcpy(&desk->in[row + i][lane], bytes + 8 * i, 8);
}

/* A number below 2^bits: random, near a multiple of L, or of few bits. */
static void any_number(struct desk *desk, BIGNUM *out, unsigned bits)
{
	unsigned kind = random_word(desk) % 4;

	BN_zero(out);
	for (unsigned i = 0; i < 8; i++) {
		BN_lshift(out, out, 64);
		BN_add_word(out, kind == 0 ? ~0ull : random_word(desk));
	}
	BN_mask_bits(out, (int)bits);
	if (kind == 1) { /* a multiple of L, one more, one less */
		BN_div(desk->c, NULL, out, desk->order, desk->context);
		BN_mul(out, desk->c, desk->order, desk->context);
		if (random_word(desk) % 3 == 0 && !BN_is_zero(out))
			BN_sub_word(out, 1);
		else
			BN_add_word(out, random_word(desk) % 2);
	} else if (kind == 2) {
		BN_mask_bits(out, (int)(random_word(desk) % bits));
	}
	if (BN_num_bits(out) > (int)bits)
		BN_mask_bits(out, (int)bits);
}

static void check_wide(struct desk *desk, const struct lane_ops *ops)
{
	uint64_t in[8][LANES];

	for (unsigned lane = 0; lane < LANES; lane++) {
		any_number(desk, desk->a, 512);
		put_number(desk, 0, 8, lane, desk->a);
	}
	memcpy(in, desk->in, sizeof(in));
	ops->wide(desk->out, desk->in);
	for (unsigned lane = 0; lane < LANES; lane++) {
		value(desk->a, in, 8, 64, lane);
		BN_nnmod(desk->wanted, desk->a, desk->order, desk->context);
		value(desk->got, desk->out, 4, 64, lane);
		expect(desk, ops, "wide", lane);
	}
}

/* a and c below L, b below 2^255 */
static void check_mul_add(struct desk *desk, const struct lane_ops *ops)
{
	for (unsigned lane = 0; lane < LANES; lane++) {
		for (unsigned i = 0; i < 3; i++) {
			any_number(desk, desk->a, 255);
			if (i != 1)
				BN_nnmod(desk->a, desk->a, desk->order,
					desk->context);
			put_number(desk, 4 * i, 4, lane, desk->a);
		}
	}
	ops->mul_add(desk->out, desk->in);
	for (unsigned lane = 0; lane < LANES; lane++) {
		value(desk->a, desk->in, 4, 64, lane);
		value(desk->b, desk->in + 4, 4, 64, lane);
		value(desk->c, desk->in + 8, 4, 64, lane);
		BN_mul(desk->wanted, desk->a, desk->b, desk->context);
		BN_mod_add(desk->wanted, desk->wanted, desk->c, desk->order,
			desk->context);
		value(desk->got, desk->out, 4, 64, lane);
		expect(desk, ops, "mul_add", lane);
	}
}

Test(field25519, reckons_modulo_the_order)
{
	struct desk desk;

	desk_open(&desk);
	for (const struct lane_ops *const *ops = lane_ops_all(); *ops; ops++) {
		for (unsigned i = 0; i < ROUNDS; i++) {
			check_wide(&desk, *ops);
			check_mul_add(&desk, *ops);
		}
	}
	desk_close(&desk);
}

/* RFC 6234: one padded block; the lanes' sizes differ. */
static void check_sha512(
	struct desk *desk, const struct lane_ops *ops, size_t size)
{
	unsigned char blocks[LANES][128] = {{0}}, digest[64];

	for (unsigned lane = 0; lane < LANES; lane++) {
		size_t bytes = (size + 13 * lane) % 112;

		for (size_t i = 0; i < bytes; i++)
			blocks[lane][i] = (unsigned char)random_word(desk);
		blocks[lane][bytes] = 0x80;
		blocks[lane][126] = (unsigned char)(bytes * 8 >> 8);
		blocks[lane][127] = (unsigned char)(bytes * 8);
		for (unsigned i = 0; i < 16; i++) {
			uint64_t word;

			memcpy(&word, blocks[lane] + 8 * i, 8);
			desk->in[i][lane] = __builtin_bswap64(word);
		}
	}
	ops->sha512(desk->out, desk->in);
	for (unsigned lane = 0; lane < LANES; lane++) {
		EVP_Digest(blocks[lane], (size + 13 * lane) % 112, digest, NULL,
			EVP_sha512(), NULL);
		for (unsigned i = 0; i < 8; i++) {
			uint64_t word;

			memcpy(&word, digest + 8 * i, 8);
			cr_assert_eq(desk->out[i][lane],
				__builtin_bswap64(word), "%s: lane %u",
				ops->name, lane);
		}
	}
}

Test(field25519, hashes_eight_blocks)
{
	struct desk desk;

	desk_open(&desk);
	for (const struct lane_ops *const *ops = lane_ops_all(); *ops; ops++)
		for (size_t size = 0; size < 112; size++)
			check_sha512(&desk, *ops, size);
	desk_close(&desk);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The RSA kernel in which once, inside, a bit flips: in what one vector
 * operation says, or in memory while the kernel runs.
 */
#ifndef SP_TESTS_UNIT_FLIPPING_H
#define SP_TESTS_UNIT_FLIPPING_H

#include "crypto/rsa_kernel.h"

enum flip_phase { FLIP_POWER, FLIP_JOIN, FLIP_OPEN, FLIP_PHASES };

/* The function at work (crypto/montgomery.h and below), and all else. */
enum flip_part {
	FLIP_REST,
	FLIP_DIFFERENCES,
	FLIP_REDUCE,
	FLIP_MULTIPLY,
	FLIP_LOOKUP,
	FLIP_SUBTRACT,
	FLIP_KARATSUBA,
	FLIP_CARRY,
	FLIP_PARTS,
};

/* The operation whose result is hit. */
enum flip_kind {
	FLIP_MADD,
	FLIP_SUM, /* and differences, also where a mask says so */
	FLIP_SHIFT, /* carries */
	FLIP_AND, /* limbs that were cut to size */
	FLIP_BLEND, /* what was read from a table, what was subtracted */
	FLIP_MASK, /* the lanes that this is done in */
	FLIP_SWAP, /* lanes of q that come to those of p */
	FLIP_KINDS,
};

struct flip {
	enum flip_phase phase;
	enum flip_part part;
	enum flip_kind kind;
	/* The operations of this kind that may be hit, in thousandths. */
	unsigned from, to;
	/* If not 0, a field of the pass in memory is hit meanwhile: where it
	 * begins, and of how many limbs one is chosen. */
	size_t field;
	unsigned limbs;
};

/* How often is each operation done? Before and after a run of the kernel. */
void flip_count(void);
void flip_counted(void);

/*
 * The next run, with numbers of the size that was counted, is hit: in all lanes
 * of the mask, at a place that rand() chooses. False when numbers of this size
 * have no such operation.
 */
bool flip_arm(const struct flip *flip, uint8_t lanes);

/* Has it happened? */
bool flip_done(void);

/* The kernel over the model, and over the machine's instructions. */
extern const struct sp_rsa_kernel flipping_model, flipping_ifma;

/*
 * For flipping_body.h. Per operation, counted down: minus how often it was done
 * since all were zero; before a hit, how often it will be until then. One step
 * down and a test are all that an operation costs.
 */
typedef uint64_t flip_counters[FLIP_PARTS][FLIP_KINDS];
extern flip_counters flip_left[FLIP_PHASES];

/* At zero: hits a vector, or memory of the pass; lanes of a mask. */
void flip_strike(void *pass, uint64_t words[SP_RSA_LANES]);
uint8_t flip_strike_mask(void);

#endif

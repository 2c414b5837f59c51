/* SPDX-License-Identifier: Apache-2.0 */
/* Which operation of the RSA kernel goes wrong: counting and aiming. */
#include "tests/unit/flipping.h"

#include <stdlib.h>
#include <string.h>

flip_counters flip_left[FLIP_PHASES];
static flip_counters counted[FLIP_PHASES];
static struct flip aim;
static uint8_t aim_lanes;
static bool done;

void flip_count(void)
{
	memset(flip_left, 0, sizeof(flip_left));
}

void flip_counted(void)
{
	memcpy(counted, flip_left, sizeof(counted));
}

bool flip_arm(const struct flip *flip, uint8_t lanes)
{
	uint64_t count = -counted[flip->phase][flip->part][flip->kind];
	uint64_t from = count * flip->from / 1000;
	uint64_t to = count * flip->to / 1000;

	if (count == 0)
		return false;
	if (to > from)
		from += (uint64_t)rand() % (to - from);
	flip_count();
	flip_left[flip->phase][flip->part][flip->kind] = from + 1;
	aim = *flip;
	aim_lanes = lanes;
	done = false;
	return true;
}

bool flip_done(void)
{
	return done;
}

/* In each lane another bit of a limb. */
static void hit(uint64_t words[SP_RSA_LANES])
{
	for (unsigned i = 0; i < SP_RSA_LANES; i++)
		if (aim_lanes >> i & 1)
			words[i] ^= UINT64_C(1)
				    << (unsigned)rand() % SP_RSA_LIMB_BITS;
}

void flip_strike(void *pass, uint64_t words[SP_RSA_LANES])
{
	struct sp_rsa_limb *field = (void *)((char *)pass + aim.field);

	done = true;
	hit(aim.field ? field[(unsigned)rand() % aim.limbs].lane : words);
}

uint8_t flip_strike_mask(void)
{
	done = true;
	return aim_lanes;
}

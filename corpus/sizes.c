/* SPDX-License-Identifier: Apache-2.0 */
/* The log-normal distribution, in integers. */
#include "corpus/sizes.h"

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))

/* Its quantiles with sigma 0.6, 1024 = the mean. A table, since exp() is not
 * the same to the last bit everywhere. */
static const uint16_t sizes[] = {202, 261, 298, 329, 355, 379, 401, 421, 441,
	459, 478, 496, 513, 531, 548, 565, 582, 599, 616, 632, 649, 666, 683,
	701, 718, 737, 755, 773, 792, 810, 830, 849, 869, 890, 911, 933, 956,
	979, 1003, 1028, 1053, 1080, 1108, 1137, 1168, 1200, 1234, 1269, 1307,
	1348, 1392, 1439, 1489, 1545, 1607, 1676, 1754, 1845, 1950, 2081, 2246,
	2473, 2832, 3666};

/* A size between two neighbours of the table. */
uint32_t sizes_draw(struct random *random, uint32_t mean)
{
	uint32_t at = random_below(random, COUNT(sizes) - 1);
	uint64_t part = random_below(random, 1024);
	uint64_t factor = sizes[at] * (1024 - part) + sizes[at + 1] * part;

	return (uint32_t)(factor * mean >> 20);
}

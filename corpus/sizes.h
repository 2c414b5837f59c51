/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes of messages: log-normal around a mean. */
#ifndef SP_CORPUS_SIZES_H
#define SP_CORPUS_SIZES_H

#include "corpus/random.h"

/* Messages of a smaller mean are made of less: of what is in the others, their
 * sizes would be all alike, and larger than that. */
#define SIZES_SMALL (10u << 10)

/* Sigma is 0.6: half of the messages have 0.56 to 1.25 of the mean. */
uint32_t sizes_draw(struct random *random, uint32_t mean);

#endif

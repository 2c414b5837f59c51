/* SPDX-License-Identifier: Apache-2.0 */
/* Welch's t of work timed on a machine with neighbours. */
#include "tests/unit/times.h"

#include <math.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * A neighbour makes everything slower for milliseconds, and an interrupt makes
 * one sample far slower. So what counts is not the time of a sample but its
 * place among those just before and after it, from the quickest (0) on.
 */
#define BLOCK 64u
#define BLOCKS_MAX 1600u /* some 100,000 samples */
#define ROUND 160u /* blocks until the next look at a leaky kernel */
#define T_MAX 4.5 /* once in 100,000 by chance */

struct sample {
	double ns;
	unsigned class;
};

/* Mean and squares of the differences from it, as they come (Welford). */
struct class
{
	double count, mean, squares;
};

static int compare(const void *a, const void *b)
{
	double x = ((const struct sample *)a)->ns;
	double y = ((const struct sample *)b)->ns;

	return (x > y) - (x < y);
}

static void class_add(struct class *class, double value)
{
	double change = value - class->mean;

	class->count++;
	class->mean += change / class->count;
	class->squares += change * (value - class->mean);
}

static void add_block(struct class *classes, times_work *work, void *context)
{
	struct sample samples[BLOCK];
	unsigned char random[BLOCK];

	if (RAND_bytes(random, sizeof(random)) != 1)
		abort();
	for (unsigned i = 0; i < BLOCK; i++) {
		samples[i].class = random[i] & 1;
		samples[i].ns = work(context, samples[i].class);
	}
	qsort(samples, BLOCK, sizeof(samples[0]), compare);
	for (unsigned i = 0; i < BLOCK; i++)
		class_add(&classes[samples[i].class], i);
}

static double welch(const struct class *a, const struct class *b)
{
	return fabs(a->mean - b->mean) /
	       sqrt(a->squares / (a->count - 1) / a->count +
		       b->squares / (b->count - 1) / b->count);
}

/* |t| after all blocks, or after a round in which it is more than enough. */
static double work_until(double enough, times_work *work, void *context)
{
	struct class classes[2] = {{.count = 0}};
	double t = 0;

	for (unsigned i = 0; i < BLOCKS_MAX && !(t > enough); i++) {
		add_block(classes, work, context);
		if ((i + 1) % ROUND == 0)
			t = welch(&classes[0], &classes[1]);
	}
	return t;
}

bool times_tell_apart(
	const char *what, times_work *work, void *leaky, void *sound)
{
	double found = work_until(T_MAX, work, leaky);
	double t = work_until(INFINITY, work, sound);

	/* A leak is there the next time too. */
	if (t > T_MAX)
		t = work_until(INFINITY, work, sound);
	printf("%s: leaky kernel |t| = %.1f, kernel |t| = %.1f\n", what, found,
		t);
	return found > T_MAX && t < T_MAX;
}

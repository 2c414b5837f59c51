/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two functions timed in turns, and what the samples say.
 *
 * A sample is as many calls as take about half a millisecond; samples of the
 * two alternate, each going first as often as the other. The ratio is the
 * median of the ratios of neighbouring samples: what slows the machine for
 * longer than a sample slows both, and what does not is an outlier.
 */
#ifndef SP_BENCH_MEASURE_H
#define SP_BENCH_MEASURE_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct measure {
	double ours_ns, base_ns; /* medians, of one call */
	double ratio; /* base_ns / ours_ns, median of neighbours */
	double spread; /* half the distance of the quartiles, of the ratio */
	unsigned rounds;
	double ghz; /* cycles per nanosecond while it ran */
};

#define MEASURE_ROUNDS_MIN 7u
#define MEASURE_ROUNDS_MAX 2001u

struct measure_plan {
	void (*ours)(void *state);
	void (*base)(void *state);
	void *state;
	/* Before each sample, not timed; a sample is one call then. Or NULL. */
	void (*reset)(void *state);
	bool wall; /* the clock on the wall, not the thread's CPU time */
	uint64_t time_ms; /* about; at least MEASURE_ROUNDS_MIN rounds */
};

struct measure measure_pair(const struct measure_plan *plan);

#define MEASURE_FIRST_TURN "turn"

/*
 * Pairs with the process at the other end of two FIFOs: only one of them works
 * at a time, and a turn is a sample, or whatever lies between two items. So two
 * programs are measured as close to each other as one is with its baseline;
 * measure_sample() then takes the place of measure_pair(). Both must measure
 * the same items in the same order. Who finds MEASURE_FIRST_TURN in its FIFO
 * begins, and says how many rounds an item has. False with errno when a FIFO
 * cannot be opened. Should the other stay silent for long, the program ends
 * with words. End gives all turns to the other.
 */
bool measure_turns_begin(const char *in, const char *out);
void measure_turns_end(void);

/*
 * Times plan->ours in turns with the other process. Returns the samples in ns
 * of one call, count of them, good until the next call: sample i was taken
 * right before or after the other's sample i.
 */
const double *measure_sample(const struct measure_plan *plan, unsigned *count);

/* Calls ours once; a name of its own, for callgrind's --toggle-collect. */
void measure_once(void (*ours)(void *), void *state);

/* Keeps this thread on the CPU it is on. */
void measure_pin(void);

/* For another thread, after measure_pin(): the other CPUs that the process may
 * use; if there are none, the same one. */
cpu_set_t measure_others(void);

/*
 * Cycles per nanosecond of this thread's CPU time, by a chain of additions
 * each of which waits for the one before: one cycle each on every processor
 * we know.
 */
double measure_ghz(void);

#endif

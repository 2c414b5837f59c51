/* SPDX-License-Identifier: Apache-2.0 */
/* Interleaved timing, medians, and the length of a cycle. */
#include "bench/measure.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"

#define SAMPLE_NS 5e5
#define CALLS_MAX 1e7
#define CHAIN_LINKS 20000u
#define CHAIN_TRIES 5u
#define SILENCE_MS 60000 /* the other makes a large key, or is no more */
#define PAIR_NS 1e6 /* of a sample in turns with another process */
#define WARMING 4 /* one of so many calls goes before, untimed */
#define NO_MORE 0

/* FIFOs, or -1: nobody to take turns with. A word that goes through them is
 * the number of rounds of its writer's item. */
static int turn_in = -1, turn_out = -1;
static uint32_t turn_word;
static bool turn_first;

/* CPUs of the process when it began, and the one of measure_pin(). */
static cpu_set_t given, pinned;

static double now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of sorted samples; part is 0 to 1. */
static double quantile(const double *samples, unsigned count, double part)
{
	return samples[(unsigned)(part * (double)(count - 1) + 0.5)];
}

static double median(double *samples, unsigned count)
{
	qsort(samples, count, sizeof(samples[0]), ascending);
	return quantile(samples, count, 0.5);
}

void measure_pin(void)
{
	int cpu = sched_getcpu();

	CPU_ZERO(&pinned);
	if (cpu >= 0 && cpu < CPU_SETSIZE)
		CPU_SET(cpu, &pinned);
	if (sched_getaffinity(0, sizeof(given), &given) != 0)
		given = pinned;
	/* Only steadier with it; a container may forbid it. */
	if (CPU_COUNT(&pinned) > 0)
		(void)sched_setaffinity(0, sizeof(pinned), &pinned);
}

cpu_set_t measure_others(void)
{
	cpu_set_t others;

	/* What is in one of the two only: the CPU we are on is in both. */
	CPU_XOR(&others, &given, &pinned);
	return CPU_COUNT(&others) > 0 ? others : given;
}

static void wait_turn(void)
{
	struct pollfd ready = {.fd = turn_in, .events = POLLIN};

	if (turn_in < 0)
		return;
	bench_need(poll(&ready, 1, SILENCE_MS) == 1 &&
			   read(turn_in, &turn_word, sizeof(turn_word)) ==
				   (ssize_t)sizeof(turn_word),
		"the other one is silent");
	if (turn_word == NO_MORE) {
		close(turn_in);
		turn_in = -1;
	}
}

static void give_turn(uint32_t word)
{
	bench_need(turn_out < 0 || write(turn_out, &word, sizeof(word)) ==
					   (ssize_t)sizeof(word),
		"the other one cannot be told");
}

bool measure_turns_begin(const char *in, const char *out)
{
	/* Both ways, or opening would wait for the other. */
	turn_in = open(in, O_RDWR | O_CLOEXEC);
	turn_out = turn_in < 0 ? -1 : open(out, O_RDWR | O_CLOEXEC);
	if (turn_out < 0)
		return false;
	wait_turn();
	turn_first =
		memcmp(&turn_word, MEASURE_FIRST_TURN, sizeof(turn_word)) == 0;
	return true;
}

void measure_turns_end(void)
{
	give_turn(NO_MORE);
}

#define LINK \
	x++; \
	__asm__ volatile("" : "+r"(x));
#define LINKS_10 LINK LINK LINK LINK LINK LINK LINK LINK LINK LINK

double measure_ghz(void)
{
	double best = 0;

	for (unsigned try = 0; try < CHAIN_TRIES; try++) {
		double start = now_ns(CLOCK_THREAD_CPUTIME_ID), ghz;
		uint64_t x = try;

		for (unsigned i = 0; i < CHAIN_LINKS; i += 20) {
			LINKS_10 LINKS_10
		}
		ghz = CHAIN_LINKS / (now_ns(CLOCK_THREAD_CPUTIME_ID) - start);
		best = ghz > best ? ghz : best;
	}
	return best;
}

__attribute__((noinline)) void measure_once(void (*ours)(void *), void *state)
{
	ours(state);
	/* Or it is a jump, and callgrind sees no function to toggle at. */
	__asm__ volatile("" ::: "memory");
}

struct way {
	void (*call)(void *);
	const struct measure_plan *plan;
	unsigned calls; /* of a sample */
	double samples[MEASURE_ROUNDS_MAX]; /* ns per call */
};

static double sample(const struct way *way)
{
	const struct measure_plan *plan = way->plan;
	clockid_t clock =
		plan->wall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
	double start;

	if (plan->reset)
		plan->reset(plan->state);
	start = now_ns(clock);
	for (unsigned i = 0; i < way->calls; i++)
		way->call(plan->state);
	return (now_ns(clock) - start) / way->calls;
}

/* Warms up and finds how many calls a sample of about so many ns has. Returns
 * its length in ns. */
static double prepare(struct way *way, double sample_ns)
{
	double ns;

	way->calls = 1;
	(void)sample(way);
	ns = sample(way);
	if (way->plan->reset)
		return ns;
	while (ns * way->calls < sample_ns / 4 && way->calls < CALLS_MAX) {
		way->calls *= 2;
		ns = sample(way);
	}
	if (ns * way->calls < sample_ns)
		way->calls = (unsigned)(sample_ns / (ns > 0 ? ns : 1)) + 1;
	return ns * way->calls;
}

static unsigned rounds_of(double round_ns, uint64_t time_ms)
{
	double rounds = (double)time_ms * 1e6 / round_ns;

	if (rounds < MEASURE_ROUNDS_MIN)
		return MEASURE_ROUNDS_MIN;
	/* Odd, so that the middle is one of them. */
	return rounds < MEASURE_ROUNDS_MAX ? (unsigned)rounds | 1u
					   : MEASURE_ROUNDS_MAX;
}

struct measure measure_pair(const struct measure_plan *plan)
{
	static struct way ways[2]; /* too much for a stack */
	static double ratios[MEASURE_ROUNDS_MAX];
	struct measure measure = {.ghz = measure_ghz()};
	double round_ns, low, high;

	ways[0].call = plan->ours;
	ways[1].call = plan->base;
	ways[0].plan = ways[1].plan = plan;
	round_ns = prepare(&ways[0], SAMPLE_NS) + prepare(&ways[1], SAMPLE_NS);
	measure.rounds = rounds_of(round_ns, plan->time_ms);
	for (unsigned round = 0; round < measure.rounds; round++) {
		struct way *first = &ways[round % 2];
		struct way *second = &ways[1 - round % 2];

		first->samples[round] = sample(first);
		second->samples[round] = sample(second);
		ratios[round] = ways[1].samples[round] / ways[0].samples[round];
	}
	measure.ours_ns = median(ways[0].samples, measure.rounds);
	measure.base_ns = median(ways[1].samples, measure.rounds);
	measure.ratio = median(ratios, measure.rounds);
	low = quantile(ratios, measure.rounds, 0.25);
	high = quantile(ratios, measure.rounds, 0.75);
	measure.spread = (high - low) / 2 / measure.ratio;
	return measure;
}

const double *measure_sample(const struct measure_plan *plan, unsigned *count)
{
	static struct way way;
	double sample_ns;

	way.call = plan->ours;
	way.plan = plan;
	sample_ns = prepare(&way, PAIR_NS);
	*count = turn_first ? rounds_of(2 * sample_ns, plan->time_ms)
			    : turn_word;
	for (unsigned round = 0; round < *count; round++) {
		bench_need(turn_in >= 0, "the other one measures less");
		/* What the other one had in the caches comes back first. */
		for (unsigned i = way.calls / WARMING; i > 0; i--)
			way.call(plan->state);
		way.samples[round] = sample(&way);
		give_turn(*count);
		wait_turn();
	}
	return way.samples;
}

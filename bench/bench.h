/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The benchmarks inside the program ("sealpress bench"): each item is one way
 * to do some work and a baseline that does the like, timed in turns within one
 * run, so that what the machine does to one it does to the other.
 *
 * bench/ is linked into the program by the one name sp_command_bench (see
 * cli/commands.h); nothing includes it, and the library holds none of it.
 */
#ifndef SP_BENCH_BENCH_H
#define SP_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_NAME_BYTES 48u
#define BENCH_VARIANT_BYTES 24u

enum bench_unit {
	BENCH_OPS, /* work is operations; reported as ops/s */
	BENCH_BYTES, /* work is bytes; reported as GB/s */
	BENCH_LATENCY, /* work is operations; reported as us, less is better */
};

struct bench_item {
	const char *group; /* "crypto", "canon", "io", "engine" */
	char name[BENCH_NAME_BYTES];
	char variant[BENCH_VARIANT_BYTES]; /* which kernel or backend */
	const char *baseline;
	enum bench_unit unit;
	double work, base_work; /* of one call; base_work 0: the same */
	void (*ours)(void *state);
	void (*base)(void *state);
	/* Also in the kernel, or on other threads: the clock on the wall
	 * instead of the thread's CPU time. */
	bool wall;
	/* Called before each sample, which then is one call; or NULL. */
	void (*reset)(void *state);
};

struct bench {
	char **filters; /* borrowed; NULL: everything */
	size_t filter_count;
	bool json;
	bool list; /* name the items, measure none */
	bool once; /* call ours once, for profilers; time nothing */
	uint64_t time_ms; /* for each item, about */
	const char *turns; /* "IN,OUT", FIFOs shared with another; or NULL */
	size_t found; /* items that the filters let through */
	bool stop; /* a group had trouble, said in words */
};

/*
 * True when the item is to be measured: make what it needs, then call
 * bench_measure(). In a list it prints the name and is false.
 */
bool bench_wants(struct bench *bench, const struct bench_item *item);

/* Sets the variant: in small letters, a dash for a space. */
void bench_variant(struct bench_item *item, const char *name);

/* Times the item and prints its line. state goes to both functions. */
void bench_measure(
	struct bench *bench, const struct bench_item *item, void *state);

/* Ends the program with these words. */
_Noreturn void bench_fail(const char *what);

/* A benchmark in which something fails measures nothing. */
static inline void bench_need(bool right, const char *what)
{
	if (!right)
		bench_fail(what);
}

/* The groups, a file for each part. */
void bench_rsa(struct bench *bench);
void bench_ed25519(struct bench *bench);
void bench_sha256(struct bench *bench);
void bench_base64(struct bench *bench);
void bench_body(struct bench *bench);
void bench_header(struct bench *bench);
void bench_mbox(struct bench *bench);
void bench_files(struct bench *bench);
void bench_fields(struct bench *bench);
void bench_keys(struct bench *bench);
void bench_messages(struct bench *bench);
void bench_report(struct bench *bench);

#endif

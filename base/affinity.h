/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processors that a thread may run on. Linux only; elsewhere, and on
 * machines with more than CPU_SETSIZE of them, nothing is known and nothing is
 * pinned.
 */
#ifndef SP_BASE_AFFINITY_H
#define SP_BASE_AFFINITY_H

#include <sched.h>

struct sp_affinity {
	cpu_set_t cpus;
	unsigned count; /* 0: not known */
};

/* Those of the calling thread. */
void sp_affinity_get(struct sp_affinity *affinity);

/*
 * Keeps the calling thread on the nth of them, n below count. A failure is
 * passed over: the system places it then.
 */
void sp_affinity_pin(const struct sp_affinity *affinity, unsigned nth);

/* Lets the calling thread run on all of them again. */
void sp_affinity_restore(const struct sp_affinity *affinity);

/* How many processors this process may use, 1 at least. */
unsigned sp_affinity_count(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Processors of a thread, by sched_setaffinity(2). */
#include "base/affinity.h"

#include <unistd.h>

void sp_affinity_get(struct sp_affinity *affinity)
{
	affinity->count = 0;
	if (sched_getaffinity(0, sizeof(affinity->cpus), &affinity->cpus) == 0)
		affinity->count = (unsigned)CPU_COUNT(&affinity->cpus);
}

void sp_affinity_pin(const struct sp_affinity *affinity, unsigned nth)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &affinity->cpus) || nth-- > 0)
			continue;
		CPU_SET(cpu, &one);
		(void)sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

void sp_affinity_restore(const struct sp_affinity *affinity)
{
	if (affinity->count)
		(void)sched_setaffinity(
			0, sizeof(affinity->cpus), &affinity->cpus);
}

unsigned sp_affinity_count(void)
{
	struct sp_affinity affinity;
	long online;

	sp_affinity_get(&affinity);
	if (affinity.count)
		return affinity.count;
	online = sysconf(_SC_NPROCESSORS_ONLN);
	return online < 1 ? 1 : (unsigned)online;
}

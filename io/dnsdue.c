/* SPDX-License-Identifier: Apache-2.0 */
/* Names that wait for their next try, the first one due on top: a heap. */
#include "io/dnsflight.h"

void sp_dns_due_put(struct sp_dns_flight *flight, int64_t due_ms)
{
	struct sp_dns_flights *flights = flight->all;
	unsigned at = flights->due_count++;

	flight->due_ms = due_ms;
	while (at && flights->due[(at - 1) / 2]->due_ms > due_ms) {
		flights->due[at] = flights->due[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	flights->due[at] = flight;
}

static void sink(struct sp_dns_flights *flights, unsigned at)
{
	for (;;) {
		unsigned child = 2 * at + 1;
		struct sp_dns_flight *swap = flights->due[at];

		if (child + 1 < flights->due_count &&
			flights->due[child + 1]->due_ms <
				flights->due[child]->due_ms)
			child++;
		if (child >= flights->due_count ||
			flights->due[child]->due_ms >= swap->due_ms)
			return;
		flights->due[at] = flights->due[child];
		flights->due[child] = swap;
		at = child;
	}
}

struct sp_dns_flight *sp_dns_due_take(struct sp_dns_flights *flights)
{
	struct sp_dns_flight *flight = flights->due[0];

	flights->due[0] = flights->due[--flights->due_count];
	sink(flights, 0);
	return flight;
}

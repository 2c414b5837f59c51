/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does work take longer for one secret than for others? It is done in two
 * classes, in turn at random, and timed; Welch's t tells whether both could
 * take the same time.
 */
#ifndef SP_TESTS_UNIT_TIMES_H
#define SP_TESTS_UNIT_TIMES_H

#include <stdbool.h>

/* Does the work once, for class 0 or 1, and tells the nanoseconds it took. */
typedef double times_work(void *context, unsigned class);

/*
 * Works many times with each context. True when the classes take different
 * times with the leaky one and, as far as can be told, the same with the sound
 * one; says on stdout, after what, what was found.
 */
bool times_tell_apart(
	const char *what, times_work *work, void *leaky, void *sound);

#endif

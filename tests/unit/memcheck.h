/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets marked undefined under valgrind's memcheck: it complains where a
 * branch or an address depends on them.
 */
#ifndef SP_TESTS_UNIT_MEMCHECK_H
#define SP_TESTS_UNIT_MEMCHECK_H

#include <stdbool.h>

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define HAVE_MEMCHECK true
#else
#define VALGRIND_MAKE_MEM_UNDEFINED(data, size) 0
#define VALGRIND_MAKE_MEM_DEFINED(data, size) 0
#define HAVE_MEMCHECK false
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true /* neither valgrind nor the clock can look through */
#else
#define SANITIZED false
#endif

/*
 * Runs the program again under valgrind, with the arguments "sound" and
 * "leaky". True when there was a complaint about the second alone, or there is
 * no valgrind; says on stdout what was found.
 */
bool memcheck_tells_apart(const char *self);

#endif

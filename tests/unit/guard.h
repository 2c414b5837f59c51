/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for tests that ends at an unmapped page, so that reading or writing
 * one byte too far crashes.
 */
#ifndef SP_TESTS_UNIT_GUARD_H
#define SP_TESTS_UNIT_GUARD_H

#include <stddef.h>

/* A copy of size bytes that ends right before an unmapped page. */
char *guard_copy(const void *data, size_t size);
void guard_free(char *copy, size_t size);

/* A whole file, NUL behind it; NULL when it is not there. Free with free(). */
char *test_read_file(const char *path, size_t *size);

#endif

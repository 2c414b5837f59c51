/* SPDX-License-Identifier: Apache-2.0 */
/* Temporary folders and files for tests; every failure ends the test. */
#ifndef SP_TESTS_UNIT_FOLDER_H
#define SP_TESTS_UNIT_FOLDER_H

#include <stddef.h>

/* A new empty folder below $TMPDIR or /tmp. */
char *test_folder(void);

/* "dir/name", in one of a few static buffers used in turn. */
const char *test_path(const char *dir, const char *name);

/* Writes a file; folders on the way to it are made. */
void test_write(
	const char *dir, const char *name, const void *data, size_t size);

/* The same for text. */
void test_write_text(const char *dir, const char *name, const char *text);

/* Removes the folder with all that is in it. */
void test_folder_free(char *dir);

#endif

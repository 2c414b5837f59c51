/* SPDX-License-Identifier: Apache-2.0 */
/* Guarded memory and files for tests. */
#include "tests/unit/guard.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t pages_for(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

char *guard_copy(const void *data, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t pages = pages_for(size);
	char *map = mmap(NULL, pages + page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert(map != MAP_FAILED);
	assert(mprotect(map + pages, page, PROT_NONE) == 0);
	if (size)
		memcpy(map + pages - size, data, size);
	return map + pages - size;
}

void guard_free(char *copy, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t pages = pages_for(size);

	munmap(copy + size - pages, pages + page);
}

char *test_read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	long length;

	if (!file)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) >= 0 &&
		fseek(file, 0, SEEK_SET) == 0 &&
		(text = malloc((size_t)length + 1))) {
		*size = fread(text, 1, (size_t)length, file);
		text[*size] = '\0';
	}
	fclose(file);
	return text;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Temporary folders for tests. */
#include "tests/unit/folder.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

char *test_folder(void)
{
	const char *base = getenv("TMPDIR");
	char *dir = NULL;

	assert(asprintf(&dir, "%s/sealpress-test.XXXXXX",
		       base ? base : "/tmp") > 0);
	assert(mkdtemp(dir));
	return dir;
}

const char *test_path(const char *dir, const char *name)
{
	static char paths[8][4096];
	static unsigned turn;
	char *path = paths[turn++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

void test_write(
	const char *dir, const char *name, const void *data, size_t size)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (char *slash = path + strlen(dir) + 1; (slash = strchr(slash, '/'));
		slash++) {
		*slash = '\0';
		mkdir(path, 0777);
		*slash = '/';
	}
	file = fopen(path, "wb");
	assert(file);
	if (size)
		assert(fwrite(data, 1, size, file) == size);
	assert(fclose(file) == 0);
}

void test_write_text(const char *dir, const char *name, const char *text)
{
	test_write(dir, name, text, strlen(text));
}

static int remove_one(
	const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

void test_folder_free(char *dir)
{
	assert(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
	free(dir);
}

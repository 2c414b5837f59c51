/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over its seeds without libFuzzer: every file of the
 * directories and every file named, and the empty input. `make check` links
 * each target with this, under whatever compiler and sanitizer it uses.
 */
#include <assert.h>
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What a target defines (libFuzzer's interface). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;

	assert(file != NULL);
	assert(fstat(fileno(file), &st) == 0);
	/* Exactly the size, so that a read too far is seen by ASan. */
	size_t size = (size_t)st.st_size;
	uint8_t *data = malloc(size ? size : 1);
	assert(data != NULL);
	assert(fread(data, 1, size, file) == size);
	fclose(file);
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

static size_t replay_directory(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);
	size_t files = 0;

	assert(count >= 0);
	for (int i = 0; i < count; i++) {
		char name[PATH_MAX];

		if (entries[i]->d_name[0] != '.') {
			snprintf(name, sizeof(name), "%s/%s", path,
				entries[i]->d_name);
			files += replay_file(name);
		}
		free(entries[i]);
	}
	free(entries);
	return files;
}

int main(int argc, char **argv)
{
	size_t files = 0;

	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) != 0) {
			fprintf(stderr, "%s: no such seeds\n", argv[i]);
			return 1;
		}
		files += S_ISDIR(st.st_mode) ? replay_directory(argv[i])
					     : replay_file(argv[i]);
	}
	printf("%zu seeds\n", files);
	return 0;
}

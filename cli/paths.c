/* SPDX-License-Identifier: Apache-2.0 */
/* Do outputs and inputs meet? Compared as real paths and as inodes. */
#include "cli/paths.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define OUTPUTS_MAX 16u

bool sp_path_is_folder(const char *path)
{
	size_t size = strlen(path);
	struct stat st;

	if (size && path[size - 1] == '/')
		return true;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/*
 * The absolute path without links, also of what does not exist yet in a
 * folder that does. False when there is none to compare.
 */
static bool real_path(const char *path, char out[PATH_MAX])
{
	char copy[PATH_MAX];
	size_t size = strlen(path);
	size_t used;
	char *slash;
	const char *last = copy;

	if (realpath(path, out))
		return true;
	while (size > 1 && path[size - 1] == '/')
		size--;
	if (size == 0 || size >= sizeof(copy))
		return false;
	memcpy(copy, path, size);
	copy[size] = '\0';
	slash = strrchr(copy, '/');
	if (slash) {
		*slash = '\0';
		last = slash + 1;
	}
	if (!realpath(!slash ? "." : *copy ? copy : "/", out))
		return false;
	used = strlen(out);
	if (used + 1 + strlen(last) >= PATH_MAX)
		return false;
	out[used] = '/';
	memcpy(out + used + 1, last, strlen(last) + 1);
	return true;
}

/* True when inner is outer or lies below it; both are real paths. */
static bool lies_in(const char *inner, const char *outer)
{
	size_t size = strlen(outer);

	return strncmp(inner, outer, size) == 0 &&
	       (inner[size] == '\0' || inner[size] == '/');
}

/* Devices and pipes take anything any number of times. */
static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
	       !S_ISDIR(st.st_mode);
}

bool sp_path_same_file(const char *a, const char *b)
{
	struct stat first, second;

	return stat(a, &first) == 0 && stat(b, &second) == 0 &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* True when a folder holds the named folder. */
static bool has_folder(const char *path, const char *name)
{
	char below[PATH_MAX];
	int size = snprintf(below, sizeof(below), "%s/%s", path, name);

	return size > 0 && (size_t)size < sizeof(below) &&
	       sp_path_is_folder(below);
}

static bool lies_in_part(const char *real, const char *folder, const char *part)
{
	char below[PATH_MAX];
	int size = snprintf(below, sizeof(below), "%s/%s", folder, part);

	return size > 0 && (size_t)size < sizeof(below) && lies_in(real, below);
}

/* Is real one of the folders that a Maildir has, or in one? */
static bool lies_in_maildir(const char *real, const char *folder)
{
	return lies_in_part(real, folder, "cur") ||
	       lies_in_part(real, folder, "new") ||
	       lies_in_part(real, folder, "tmp");
}

/*
 * Of a Maildir cur and new are read, of another folder everything; and an
 * output that is a folder is a Maildir.
 */
static bool meets(const char *output, const char *input)
{
	char out[PATH_MAX], in[PATH_MAX];

	if (sp_path_same_file(output, input))
		return true;
	if (!sp_path_is_folder(input) || !real_path(output, out) ||
		!real_path(input, in))
		return false;
	if (sp_path_is_folder(output) && lies_in_maildir(in, out))
		return true;
	if (has_folder(in, "cur") && has_folder(in, "new"))
		return lies_in_maildir(out, in);
	return lies_in(out, in);
}

static enum sp_status check_inputs(const struct sp_inputs *inputs,
	const struct sp_out_path *output, struct sp_error *error)
{
	for (size_t i = 0; i < inputs->count; i++) {
		const char *input = inputs->paths[i];

		if (strcmp(input, "-") != 0 && meets(output->path, input))
			return sp_error(error, SP_CONFIG,
				"%s: %s would be written into the input %s; "
				"choose another place",
				output->option, output->path, input);
	}
	if (inputs->files_from &&
		sp_path_same_file(output->path, inputs->files_from))
		return sp_error(error, SP_CONFIG,
			"%s: %s is what --files-from reads; choose another "
			"place",
			output->option, output->path);
	for (size_t i = 0; i < inputs->other_count; i++)
		if (sp_path_same_file(output->path, inputs->others[i]))
			return sp_error(error, SP_CONFIG,
				"%s: %s has the keys, tables or passphrase of "
				"this run; choose another place",
				output->option, output->path);
	return SP_OK;
}

static enum sp_status check_pair(const struct sp_out_path *a,
	const struct sp_out_path *b, struct sp_error *error)
{
	char first[PATH_MAX], second[PATH_MAX];

	if (strcmp(a->path, "-") == 0 && strcmp(b->path, "-") == 0)
		return sp_error(error, SP_CONFIG,
			"%s and %s both go to standard output; give one of "
			"them a file",
			a->option, b->option);
	if (strcmp(a->path, "-") == 0 || strcmp(b->path, "-") == 0 ||
		is_special(a->path))
		return SP_OK;
	if (sp_path_same_file(a->path, b->path) ||
		(real_path(a->path, first) && real_path(b->path, second) &&
			strcmp(first, second) == 0))
		return sp_error(error, SP_CONFIG,
			"%s and %s both name %s; choose two places", a->option,
			b->option, a->path);
	return SP_OK;
}

enum sp_status sp_paths_check(const struct sp_inputs *inputs,
	const struct sp_out_path *outputs, size_t count, struct sp_error *error)
{
	assert(count <= OUTPUTS_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct sp_out_path *output = &outputs[i];
		enum sp_status status = SP_OK;

		if (!output->path)
			continue;
		if (strcmp(output->path, "-") != 0 && !is_special(output->path))
			status = check_inputs(inputs, output, error);
		for (size_t j = 0; j < i && status == SP_OK; j++)
			if (outputs[j].path)
				status = check_pair(&outputs[j], output, error);
		if (status != SP_OK)
			return status;
	}
	return SP_OK;
}

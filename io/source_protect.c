/* SPDX-License-Identifier: Apache-2.0 */
/* A run does not write over what it reads: names that come from a list. */
#include <assert.h>
#include <sys/stat.h>

#include "io/source.h"
#include "io/source_parts.h"

void sp_source_protect(struct sp_source *source, const char *path)
{
	struct stat info;

	assert(source->protected_count < SP_SOURCE_PROTECTED_MAX);
	if (stat(path, &info) == 0 && S_ISREG(info.st_mode))
		source->protected[source->protected_count++] =
			(struct sp_file_id){info.st_dev, info.st_ino};
}

enum sp_status sp_source_check_listed(
	const struct sp_source *source, struct sp_error *error)
{
	const char *name = source->list.name;
	struct stat info;

	if (source->protected_count == 0 || stat(name, &info) != 0)
		return SP_OK;
	for (size_t i = 0; i < source->protected_count; i++)
		if (source->protected[i].device == info.st_dev &&
			source->protected[i].inode == info.st_ino)
			return sp_error(error, SP_CONFIG,
				"%s: is in the list %s and would be written "
				"over; choose another output",
				name, source->options.files_from);
	return SP_OK;
}

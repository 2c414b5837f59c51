/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps outputs away from inputs and from each other. */
#ifndef SP_CLI_PATHS_H
#define SP_CLI_PATHS_H

#include "cli/common.h"

struct sp_out_path {
	const char *option; /* that named it, for words */
	const char *path; /* "-": standard output; NULL: not used */
};

/* True when PATH is, or is written as, a folder: output is a Maildir then. */
bool sp_path_is_folder(const char *path);

/* Do both names lead to one file or folder, which is there? */
bool sp_path_same_file(const char *a, const char *b);

/*
 * SP_CONFIG with words when an output is an input, lies where an input is
 * read from (so that it would be read too), or is another output, or when
 * standard output would have to take two things.
 */
enum sp_status sp_paths_check(const struct sp_inputs *inputs,
	const struct sp_out_path *outputs, size_t count, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a file that holds a secret. */
#ifndef SP_CLI_NEWFILE_H
#define SP_CLI_NEWFILE_H

#include "base/error.h"
#include "base/span.h"

/*
 * Makes path with these bytes and mode 0600, all or nothing: they are written
 * and flushed under a name of their own in the same folder first. An existing
 * file is replaced only with replace; without it SP_CONFIG names the remedy.
 */
enum sp_status sp_newfile_write(const char *path, struct sp_span bytes,
	bool replace, struct sp_error *error)
	__attribute__((warn_unused_result));

/* The same refusal early, before the work that makes the bytes. */
enum sp_status sp_newfile_check(const char *path, bool replace,
	struct sp_error *error) __attribute__((warn_unused_result));

#endif

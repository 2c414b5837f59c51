/* SPDX-License-Identifier: Apache-2.0 */
/* What an input is: looked at once, before any work begins. */
#ifndef SP_IO_INPUT_H
#define SP_IO_INPUT_H

#include "io/pipe.h"
#include "io/source.h"

enum sp_input_kind {
	SP_INPUT_KIND_FILE, /* one message */
	SP_INPUT_KIND_TREE,
	SP_INPUT_KIND_MAILDIR,
	SP_INPUT_KIND_MBOX, /* that can be read anywhere */
	SP_INPUT_KIND_PIPE, /* standard input, read as it comes */
	SP_INPUT_KIND_NETSTRING, /* the same, as netstrings */
};

struct sp_input {
	const char *path; /* borrowed */
	enum sp_input_kind kind;
	uint64_t bytes; /* of a FILE or MBOX */
};

/*
 * Looks at path. Of standard input that cannot be read twice the first bytes
 * go into pipe, which must be set up for it. SP_CONFIG or SP_IO with words.
 */
enum sp_status sp_input_look(struct sp_input *input, const char *path,
	enum sp_input_format format, struct sp_pipe *pipe,
	struct sp_error *error) __attribute__((warn_unused_result));

#endif

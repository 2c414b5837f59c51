/* SPDX-License-Identifier: Apache-2.0 */
/* Which name somebody meant: "did you mean". */
#ifndef SP_CLI_NEAREST_H
#define SP_CLI_NEAREST_H

#include "base/span.h"

struct sp_nearest {
	struct sp_span given;
	size_t apart; /* letters to change, at most */
	const char *name; /* the nearest so far; NULL: none is near */
};

void sp_nearest_begin(struct sp_nearest *nearest, struct sp_span given);

/* Takes name, which is borrowed, if it is nearer than those before. */
void sp_nearest_try(struct sp_nearest *nearest, const char *name);

#endif

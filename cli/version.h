/* SPDX-License-Identifier: Apache-2.0 */
/* What --version says. */
#ifndef SP_CLI_VERSION_H
#define SP_CLI_VERSION_H

#include <stdbool.h>
#include <stdio.h>

/* "sealpress 0.1.0"; details: what it was built with and what it found here. */
void sp_version_print(FILE *out, bool details);

#endif

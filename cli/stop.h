/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGINT and SIGTERM: the first asks the run to end well, the second ends the
 * program at once.
 */
#ifndef SP_CLI_STOP_H
#define SP_CLI_STOP_H

#include <stdatomic.h>

/*
 * Installs the handlers. A signal that was ignored from the start stays so
 * (nohup(1)).
 */
void sp_stop_install(void);

/* Not 0 once a signal came: its number. What a run watches. */
const atomic_int *sp_stop_flag(void);

#endif

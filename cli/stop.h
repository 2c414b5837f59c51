/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGINT and SIGTERM: the first asks the run to end well, the second ends the
 * program at once.
 */
#ifndef SP_CLI_STOP_H
#define SP_CLI_STOP_H

#include <stdatomic.h>

/*
 * Installs the handlers, which also write to end_fd (sp_source_end_fd) so that
 * nobody waits for input any more; it must stay open until
 * sp_stop_forget(). A signal that was
 * ignored from the start stays so (nohup(1)).
 */
void sp_stop_install(int end_fd);

/* No longer writes to end_fd, which may be closed then. */
void sp_stop_forget(void);

/* Not 0 once a signal came: its number. What a run watches. */
const atomic_int *sp_stop_flag(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The stop flag; the only state a signal handler can reach is global. */
#include "cli/stop.h"

#include <signal.h>
#include <stddef.h>

static atomic_int stop_signal;

static void on_signal(int number)
{
	int expected = 0;

	if (atomic_compare_exchange_strong(&stop_signal, &expected, number))
		return;
	/* Delivered when this handler returns. */
	signal(number, SIG_DFL);
	raise(number);
}

static void install(int number)
{
	struct sigaction old;
	/* No SA_RESTART: a read that waits for standard input has to end. */
	struct sigaction action = {.sa_handler = on_signal};

	sigemptyset(&action.sa_mask);
	if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(number, &action, NULL);
}

void sp_stop_install(void)
{
	install(SIGINT);
	install(SIGTERM);
}

const atomic_int *sp_stop_flag(void)
{
	return &stop_signal;
}

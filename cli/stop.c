/* SPDX-License-Identifier: Apache-2.0 */
/* The stop flag; the only state a signal handler can reach is global. */
#include "cli/stop.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

static atomic_int stop_signal;
static atomic_int input_end_fd = -1;

static void on_signal(int number)
{
	static const uint64_t one = 1;
	int expected = 0;
	int saved = errno;

	if (atomic_compare_exchange_strong(&stop_signal, &expected, number)) {
		/* A reader may be waiting for standard input. */
		if (write(atomic_load(&input_end_fd), &one, sizeof(one)) < 0)
			errno = saved;
		return;
	}
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

void sp_stop_install(int end_fd)
{
	atomic_store(&input_end_fd, end_fd);
	install(SIGINT);
	install(SIGTERM);
}

void sp_stop_forget(void)
{
	atomic_store(&input_end_fd, -1);
}

const atomic_int *sp_stop_flag(void)
{
	return &stop_signal;
}

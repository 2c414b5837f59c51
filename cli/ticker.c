/* SPDX-License-Identifier: Apache-2.0 */
/* The thread of a ticker. */
#include "cli/ticker.h"

#include <signal.h>
#include <time.h>

static void wait_or_end(struct sp_ticker *ticker)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ticker->interval_ms / 1000;
	until.tv_nsec += ticker->interval_ms % 1000 * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_cond_timedwait(&ticker->wake, &ticker->lock, &until);
}

static void *run(void *argument)
{
	struct sp_ticker *ticker = argument;

	pthread_mutex_lock(&ticker->lock);
	do {
		ticker->tick(ticker->context);
		if (!ticker->ending)
			wait_or_end(ticker);
	} while (!ticker->ending);
	pthread_mutex_unlock(&ticker->lock);
	return NULL;
}

void sp_ticker_start(struct sp_ticker *ticker, unsigned interval_ms,
	void (*tick)(void *context), void *context)
{
	pthread_condattr_t attributes;
	sigset_t all, old;

	*ticker = (struct sp_ticker){
		.interval_ms = interval_ms, .tick = tick, .context = context};
	pthread_mutex_init(&ticker->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&ticker->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	/* Signals are for the thread that reads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ticker->running =
		pthread_create(&ticker->thread, NULL, run, ticker) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void sp_ticker_stop(struct sp_ticker *ticker)
{
	if (!ticker->running)
		return;
	pthread_mutex_lock(&ticker->lock);
	ticker->ending = true;
	pthread_cond_signal(&ticker->wake);
	pthread_mutex_unlock(&ticker->lock);
	pthread_join(ticker->thread, NULL);
	pthread_cond_destroy(&ticker->wake);
	pthread_mutex_destroy(&ticker->lock);
	ticker->running = false;
}

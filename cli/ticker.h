/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that does something every so often while others work. */
#ifndef SP_CLI_TICKER_H
#define SP_CLI_TICKER_H

#include <pthread.h>
#include <stdbool.h>

struct sp_ticker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running;
	bool ending;
	unsigned interval_ms;
	void (*tick)(void *context);
	void *context;
};

/*
 * Calls tick(context) at once and then every interval_ms, in a thread of its
 * own, until sp_ticker_stop(). Where the system gives no thread nothing
 * happens.
 */
void sp_ticker_start(struct sp_ticker *ticker, unsigned interval_ms,
	void (*tick)(void *context), void *context);

/* Waits for the call under way. A cleared struct is fine. */
void sp_ticker_stop(struct sp_ticker *ticker);

#endif

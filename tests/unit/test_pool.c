/* SPDX-License-Identifier: Apache-2.0 */
/* The worker pool: order, bounds, stop, failure. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/affinity.h"
#include "engine/pool.h"

/* A made-up source of numbers; each batch is one number. */
struct bench {
	atomic_uint_fast64_t given; /* tickets handed out */
	uint64_t end; /* how many there are */
	uint64_t committed; /* in order: the next expected ticket */
	uint64_t parts; /* committed */
	bool out_of_order;
	uint64_t fail_process; /* ticket whose processing fails, or -1 */
	uint64_t fail_commit; /* ticket whose commit fails, or -1 */
	uint64_t stop_commit; /* ticket whose commit ends the run, or -1 */
	atomic_int open_batches;
	atomic_int cancels;
	atomic_int stop;
	uint64_t stop_at; /* raise *stop when this ticket is handed out */
};

#define NEVER UINT64_MAX
#define BENCH(count) \
	{ \
		.end = (count), .fail_process = NEVER, .fail_commit = NEVER, \
		.stop_commit = NEVER, .stop_at = NEVER \
	}

static void *worker_open(void *context)
{
	(void)context;
	return malloc(1);
}

static void *batch_open(void *context, struct sp_pool_slot *slot)
{
	struct bench *bench = context;
	uint64_t *batch = malloc(sizeof(*batch));

	(void)slot;
	*batch = NEVER;
	atomic_fetch_add(&bench->open_batches, 1);
	return batch;
}

static void batch_close(void *batch)
{
	free(batch);
}

static enum sp_status next(void *context, void *worker, void *batch,
	uint64_t *ticket, bool *end, struct sp_error *error)
{
	struct bench *bench = context;

	(void)worker;
	(void)error;
	*ticket = atomic_fetch_add(&bench->given, 1);
	if (*ticket >= bench->end) {
		*end = true;
		return SP_OK;
	}
	if (*ticket == bench->stop_at)
		atomic_store(&bench->stop, 1);
	*(uint64_t *)batch = *ticket;
	return SP_OK;
}

static enum sp_status process(void *context, void *worker, void *batch,
	bool *parked, struct sp_error *error)
{
	struct bench *bench = context;
	uint64_t ticket = *(uint64_t *)batch;

	(void)worker;
	(void)parked;
	/* Every seventh batch is slow: the others have to wait for it. */
	if (ticket % 7 == 0)
		usleep(500);
	if (ticket == bench->fail_process)
		return sp_error(error, SP_IO, "process %d", (int)ticket);
	return SP_OK;
}

static enum sp_status commit(
	void *context, void *worker, void *batch, struct sp_error *error)
{
	struct bench *bench = context;
	uint64_t ticket = *(uint64_t *)batch;

	(void)worker;
	if (ticket == bench->fail_commit)
		return sp_error(error, SP_IO, "commit %d", (int)ticket);
	if (ticket != bench->committed)
		bench->out_of_order = true;
	bench->committed++;
	return ticket == bench->stop_commit ? SP_STOPPED : SP_OK;
}

static void cancel(void *context)
{
	atomic_fetch_add(&((struct bench *)context)->cancels, 1);
}

static const struct sp_pool_ops ops = {
	.worker_open = worker_open,
	.worker_close = free,
	.batch_open = batch_open,
	.batch_close = batch_close,
	.next = next,
	.process = process,
	.commit = commit,
	.cancel = cancel,
};

static enum sp_status run(
	struct bench *bench, unsigned jobs, struct sp_error *error)
{
	return sp_pool_run(&ops, bench, jobs, 0, &bench->stop, error);
}

Test(pool, commits_every_batch_in_order_whatever_the_number_of_workers)
{
	for (unsigned jobs = 1; jobs <= 8; jobs++) {
		struct bench bench = BENCH(500);
		struct sp_error error;

		cr_assert_eq(run(&bench, jobs, &error), SP_OK);
		cr_assert_eq(bench.committed, 500, "%u workers: %llu", jobs,
			(unsigned long long)bench.committed);
		cr_assert_not(bench.out_of_order);
		cr_assert_eq(bench.cancels, 0);
	}
}

/* Of every third ticket there are three parts; its number plus so much. */
#define PART 3000u

static bool has_more_parts(const void *batch)
{
	uint64_t number = *(const uint64_t *)batch;

	return number % 3 == 0 && number < 2 * PART;
}

static enum sp_status next_part(
	void *context, void *worker, void *batch, struct sp_error *error)
{
	struct bench *bench = context;

	(void)worker;
	*(uint64_t *)batch += PART;
	return *(uint64_t *)batch == bench->fail_process
		       ? sp_error(error, SP_IO, "part")
		       : SP_OK;
}

/* What was committed in what order: tickets, and parts within them. */
static enum sp_status commit_parts(
	void *context, void *worker, void *batch, struct sp_error *error)
{
	struct bench *bench = context;
	uint64_t ticket = *(uint64_t *)batch % PART;
	uint64_t part = *(uint64_t *)batch / PART;
	uint64_t now = 3 * ticket + part;

	(void)worker;
	(void)error;
	if (bench->committed && now < bench->committed)
		bench->out_of_order = true;
	bench->committed = now + 1;
	bench->parts++;
	return SP_OK;
}

static struct sp_pool_ops ops_with_parts(enum sp_status (*commit_part)(
	void *, void *, void *, struct sp_error *))
{
	struct sp_pool_ops parts = ops;

	parts.has_more = has_more_parts;
	parts.more = next_part;
	parts.commit = commit_part;
	return parts;
}

Test(pool, commits_the_parts_of_a_ticket_one_after_the_other)
{
	struct sp_pool_ops parts = ops_with_parts(commit_parts);

	for (unsigned jobs = 1; jobs <= 8; jobs++) {
		struct bench bench = BENCH(300);
		struct sp_error error;

		cr_assert_eq(sp_pool_run(&parts, &bench, jobs, 0, NULL, &error),
			SP_OK);
		cr_assert_not(bench.out_of_order);
		cr_assert_eq(bench.parts, 300 + 2 * 100);
		cr_assert_eq(bench.cancels, 0);
	}
}

/* One that is asked to stop between two parts does not wait for the last. */
static enum sp_status commit_and_stop(
	void *context, void *worker, void *batch, struct sp_error *error)
{
	struct bench *bench = context;

	if (*(uint64_t *)batch == bench->stop_commit)
		atomic_store(&bench->stop, 1);
	return commit_parts(context, worker, batch, error);
}

Test(pool, stops_between_the_parts_of_a_ticket)
{
	struct sp_pool_ops parts = ops_with_parts(commit_and_stop);

	for (unsigned jobs = 1; jobs <= 8; jobs++) {
		struct bench bench = BENCH(300);
		struct sp_error error;

		bench.stop_commit = 90 + PART;
		cr_assert_eq(sp_pool_run(&parts, &bench, jobs, 0, &bench.stop,
				     &error),
			SP_STOPPED);
		cr_assert_eq(bench.committed, 3 * 90 + 2);
		cr_assert_not(bench.out_of_order);
	}
}

/* A part that fails wakes those that wait for their turn. */
Test(pool, ends_when_a_part_fails)
{
	struct sp_pool_ops parts = ops_with_parts(commit_parts);

	for (unsigned jobs = 1; jobs <= 8; jobs++) {
		struct bench bench = BENCH(300);
		struct sp_error error;

		bench.fail_process = 90 + PART;
		cr_assert_eq(sp_pool_run(&parts, &bench, jobs, 0, NULL, &error),
			SP_IO);
		cr_assert_str_eq(error.text, "part");
		cr_assert_eq(bench.committed, 3 * 90 + 1);
	}
}

/* Where each worker may run, and whether two share a processor. */
static atomic_int singles;
static atomic_uint_fast64_t used;

static void *worker_open_pinned(void *context)
{
	struct sp_affinity affinity;

	(void)context;
	sp_affinity_get(&affinity);
	atomic_fetch_add(&singles, affinity.count == 1);
	for (unsigned cpu = 0; cpu < 64; cpu++)
		if (affinity.count == 1 && CPU_ISSET(cpu, &affinity.cpus))
			atomic_fetch_or(&used, 1ULL << cpu);
	return malloc(1);
}

Test(pool, pins_workers_when_each_has_a_processor)
{
	struct sp_affinity before, after;
	struct sp_pool_ops pinned = ops;

	pinned.worker_open = worker_open_pinned;
	sp_affinity_get(&before);
	for (unsigned jobs = 1; jobs <= before.count + 1 && jobs <= 64;
		jobs++) {
		struct bench bench = BENCH(50);
		struct sp_error error;
		bool pins = jobs > 1 && jobs == before.count;

		atomic_store(&singles, 0);
		atomic_store(&used, 0);
		cr_assert_eq(
			sp_pool_run(&pinned, &bench, jobs, 0, NULL, &error),
			SP_OK);
		if (before.count > 1)
			cr_expect_eq(
				atomic_load(&singles), pins ? (int)jobs : 0);
		if (pins && before.count <= 64)
			cr_expect_eq(__builtin_popcountll(atomic_load(&used)),
				(int)jobs);
		sp_affinity_get(&after);
		cr_expect(CPU_EQUAL(&before.cpus, &after.cpus));
	}
}

Test(pool, bounds_the_number_of_batches)
{
	struct bench bench = BENCH(100);
	struct sp_error error;

	cr_assert_eq(run(&bench, 4, &error), SP_OK);
	cr_assert_eq(bench.open_batches, 8);
}

Test(pool, has_nothing_to_do_for_an_empty_source)
{
	struct bench bench = BENCH(0);
	struct sp_error error;

	cr_assert_eq(run(&bench, 3, &error), SP_OK);
	cr_assert_eq(bench.committed, 0);
}

Test(pool, commits_what_is_under_way_when_asked_to_stop)
{
	for (unsigned jobs = 1; jobs <= 4; jobs++) {
		struct bench bench = BENCH(100000);
		struct sp_error error;

		bench.stop_at = 40;
		cr_assert_eq(run(&bench, jobs, &error), SP_STOPPED);
		/* All that had a ticket, and no gap before it. */
		cr_assert_eq(bench.committed, bench.given);
		cr_assert_geq(bench.committed, 41);
		cr_assert_leq(bench.committed, 41 + jobs);
		cr_assert_not(bench.out_of_order);
	}
}

Test(pool, a_failed_batch_ends_the_run_and_commits_nothing_behind_it)
{
	for (unsigned jobs = 1; jobs <= 4; jobs++) {
		struct bench bench = BENCH(100000);
		struct sp_error error;

		bench.fail_process = 30;
		cr_assert_eq(run(&bench, jobs, &error), SP_IO);
		cr_assert_str_eq(error.text, "process 30");
		cr_assert_leq(bench.committed, 30);
		cr_assert_geq(bench.cancels, 1);
		cr_assert_not(bench.out_of_order);
	}
}

Test(pool, a_failed_commit_ends_the_run_with_its_words)
{
	struct bench bench = BENCH(100000);
	struct sp_error error;

	bench.fail_commit = 25;
	cr_assert_eq(run(&bench, 3, &error), SP_IO);
	cr_assert_str_eq(error.text, "commit 25");
	cr_assert_eq(bench.committed, 25);
}

Test(pool, a_commit_may_end_the_run_without_trouble)
{
	struct bench bench = BENCH(100000);
	struct sp_error error;

	bench.stop_commit = 12;
	cr_assert_eq(run(&bench, 4, &error), SP_STOPPED);
	cr_assert_eq(bench.committed, 13);
}

/*
 * Parking: every third ticket waits for a thread that resumes batches late, in
 * an order of its own.
 */
struct parked {
	struct bench bench; /* first */
	pthread_mutex_t lock;
	struct sp_pool_slot *slots[16]; /* of parked batches */
	unsigned count;
	unsigned resumed;
	bool closing;
};

struct slot_batch {
	uint64_t ticket; /* first, as the others have it */
	struct sp_pool_slot *slot;
};

static void *slot_batch_open(void *context, struct sp_pool_slot *slot)
{
	struct slot_batch *batch = malloc(sizeof(*batch));

	batch->ticket = NEVER;
	batch->slot = slot;
	atomic_fetch_add(&((struct bench *)context)->open_batches, 1);
	return batch;
}

static enum sp_status park_process(void *context, void *worker,
	void *batch_pointer, bool *parked, struct sp_error *error)
{
	struct parked *all = context;
	struct slot_batch *batch = batch_pointer;
	uint64_t ticket = batch->ticket;

	(void)worker;
	if (ticket % 3)
		return SP_OK;
	if (ticket % 6 == 0) {
		/* Sooner than it is parked. */
		*parked = true;
		sp_pool_resume(batch->slot);
		return SP_OK;
	}
	*parked = true;
	pthread_mutex_lock(&all->lock);
	all->slots[all->count++] = batch->slot;
	pthread_mutex_unlock(&all->lock);
	/* In trouble, too, the batch has to be waited for. */
	return ticket == all->bench.fail_process
		       ? sp_error(error, SP_IO, "process")
		       : SP_OK;
}

static enum sp_status park_resume(
	void *context, void *worker, void *batch, struct sp_error *error)
{
	struct parked *all = context;

	(void)worker;
	(void)error;
	pthread_mutex_lock(&all->lock);
	all->resumed += *(uint64_t *)batch % 3 == 0;
	pthread_mutex_unlock(&all->lock);
	return SP_OK;
}

static void *resume_some(void *argument)
{
	struct parked *all = argument;
	bool over = false;

	while (!over) {
		usleep(300);
		pthread_mutex_lock(&all->lock);
		over = all->closing;
		/* The youngest first, against the order of tickets. */
		while (all->count)
			sp_pool_resume(all->slots[--all->count]);
		pthread_mutex_unlock(&all->lock);
	}
	return NULL;
}

static enum sp_status run_parked(
	struct parked *all, unsigned jobs, struct sp_error *error)
{
	struct sp_pool_ops parking = ops;
	enum sp_status status;
	pthread_t thread;

	parking.batch_open = slot_batch_open;
	parking.process = park_process;
	parking.resume = park_resume;
	pthread_mutex_init(&all->lock, NULL);
	cr_assert_eq(pthread_create(&thread, NULL, resume_some, all), 0);
	status = sp_pool_run(
		&parking, &all->bench, jobs, 6, &all->bench.stop, error);
	pthread_mutex_lock(&all->lock);
	all->closing = true;
	pthread_mutex_unlock(&all->lock);
	pthread_join(thread, NULL);
	return status;
}

Test(pool, parked_batches_let_others_pass_and_keep_their_place)
{
	for (unsigned jobs = 1; jobs <= 4; jobs++) {
		struct parked all = {.bench = BENCH(300)};
		struct sp_error error;

		cr_assert_eq(run_parked(&all, jobs, &error), SP_OK);
		cr_assert_eq(all.bench.committed, 300);
		cr_assert_not(all.bench.out_of_order);
		cr_assert_eq(all.resumed, 100);
		cr_assert_leq(all.bench.open_batches,
			(int)(jobs == 1 ? 1 : 2 * jobs) + 6);
		cr_assert_gt(all.bench.open_batches, 1);
	}
}

Test(pool, a_failure_waits_for_parked_batches_before_they_go)
{
	for (unsigned jobs = 1; jobs <= 4; jobs++) {
		struct parked all = {.bench = BENCH(300)};
		struct sp_error error;

		all.bench.fail_process = 33;
		cr_assert_eq(run_parked(&all, jobs, &error), SP_IO);
		cr_assert_leq(all.bench.committed, 33);
		cr_assert_eq(all.count, 0);
	}
}

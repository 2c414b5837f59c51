/* SPDX-License-Identifier: Apache-2.0 */
/* The progress bar: what is done, how fast, how long still. */
#include "cli/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define BAR_CELLS 20
#define WIDTH_MIN 20
#define WIDTH_DEFAULT 80

double sp_clock_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Done share by bytes, else by files; negative when neither is known. */
static double share(const struct sp_progress_state *state)
{
	double done = -1;

	if (state->totals.bytes)
		done = (double)state->bytes / (double)state->totals.bytes;
	else if (state->totals.files)
		done = (double)state->messages / (double)state->totals.files;
	return done > 1 ? 1 : done;
}

static void format_bar(char *out, size_t room, double done)
{
	char cells[BAR_CELLS + 1];

	for (int i = 0; i < BAR_CELLS; i++)
		cells[i] = i < (int)(done * BAR_CELLS) ? '#' : '.';
	cells[BAR_CELLS] = '\0';
	snprintf(out, room, " [%s] %3d%%", cells, (int)(done * 100));
}

static void format_left(char *out, size_t room, double left_s)
{
	unsigned long left = (unsigned long)(left_s + 0.5);

	if (left >= 3600)
		snprintf(out, room, ", %lu:%02lu:%02lu left", left / 3600,
			left / 60 % 60, left % 60);
	else
		snprintf(out, room, ", %lu:%02lu left", left / 60, left % 60);
}

void sp_progress_format(char *out, size_t room, size_t width, const char *verb,
	const struct sp_progress_state *state)
{
	double elapsed = state->elapsed_s > 0.001 ? state->elapsed_s : 0.001;
	double done = share(state);
	char bar[BAR_CELLS + 16] = "";
	char left[48] = "";
	int size;

	out[0] = '\0';
	if (width < WIDTH_MIN)
		return;
	if (done >= 0)
		format_bar(bar, sizeof(bar), done);
	/* Too early to tell below a hundredth. */
	if (done > 0.01)
		format_left(left, sizeof(left), elapsed / done - elapsed);
	size = snprintf(out, room, "%s%s %llu messages, %.0f/s, %.1f MB/s%s",
		verb, bar, (unsigned long long)state->messages,
		(double)state->messages / elapsed,
		(double)state->bytes / elapsed / 1e6, left);
	/* The last column stays free, or some terminals wrap. */
	if (size > 0 && (size_t)size >= width && width <= room)
		out[width - 1] = '\0';
}

static size_t terminal_width(void)
{
	struct winsize size = {0};

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return WIDTH_DEFAULT;
	return size.ws_col;
}

static void draw(struct sp_progress *progress)
{
	struct sp_progress_state state = {
		.messages = atomic_load(&progress->stats->messages),
		.bytes = atomic_load(&progress->stats->bytes),
		.elapsed_s = sp_clock_s() - progress->start_s,
	};
	char bar[256];

	sp_source_totals(progress->source, &state.totals);
	sp_progress_format(
		bar, sizeof(bar), terminal_width(), progress->verb, &state);
	sp_console_bar(progress->console, bar);
}

static void wait_or_end(struct sp_progress *progress)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += SP_PROGRESS_INTERVAL_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_cond_timedwait(&progress->wake, &progress->lock, &until);
}

static void *run(void *argument)
{
	struct sp_progress *progress = argument;

	pthread_mutex_lock(&progress->lock);
	do {
		draw(progress);
		if (!progress->ending)
			wait_or_end(progress);
	} while (!progress->ending);
	pthread_mutex_unlock(&progress->lock);
	return NULL;
}

static bool wanted(const struct sp_common *common)
{
	if (common->progress == SP_PROGRESS_AUTO)
		return !common->quiet && isatty(STDERR_FILENO);
	return common->progress == SP_PROGRESS_ALWAYS;
}

void sp_progress_start(struct sp_progress *progress,
	const struct sp_common *common, struct sp_console *console,
	struct sp_source *source, const struct sp_run_stats *stats,
	const char *verb)
{
	*progress = (struct sp_progress){
		.console = console,
		.source = source,
		.stats = stats,
		.verb = verb,
		.start_s = sp_clock_s(),
	};
	if (!wanted(common))
		return;
	pthread_mutex_init(&progress->lock, NULL);
	pthread_cond_init(&progress->wake, NULL);
	/* Without the thread there is no bar, and that is all. */
	progress->running =
		pthread_create(&progress->thread, NULL, run, progress) == 0;
}

void sp_progress_stop(struct sp_progress *progress)
{
	if (!progress->running)
		return;
	pthread_mutex_lock(&progress->lock);
	progress->ending = true;
	pthread_cond_signal(&progress->wake);
	pthread_mutex_unlock(&progress->lock);
	pthread_join(progress->thread, NULL);
	pthread_cond_destroy(&progress->wake);
	pthread_mutex_destroy(&progress->lock);
	progress->running = false;
	sp_console_bar(progress->console, NULL);
}

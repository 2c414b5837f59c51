/* SPDX-License-Identifier: Apache-2.0 */
/* The progress bar: what is done, how fast, how long still. */
#include "cli/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/figures.h"

#define BAR_CELLS 20
#define WIDTH_MIN 20
#define WIDTH_DEFAULT 80
#define SHARES_SHOWN 3

double sp_clock_s(void)
{
	return (double)sp_clock_ns() / 1e9;
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
	size = snprintf(out, room,
		"%s%s %llu messages, %.0f/s, %.1f MB/s%s%s%.*s", verb, bar,
		(unsigned long long)state->messages,
		(double)state->messages / elapsed,
		(double)state->bytes / elapsed / 1e6, left,
		state->shares.size ? "; " : "", SP_SPAN_ARGS(state->shares));
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

static void add_shares(struct sp_buffer *out, const struct sp_run_stats *stats)
{
	struct sp_totals totals;

	sp_tally_sum(&totals, stats->tallies, stats->tally_count);
	sp_figures_shares(out, &totals, SHARES_SHOWN);
}

static void draw(void *context)
{
	struct sp_progress *progress = context;
	struct sp_progress_state state = {
		.messages = atomic_load(&progress->stats->messages),
		.bytes = atomic_load(&progress->stats->bytes),
		.elapsed_s = sp_clock_s() - progress->start_s,
	};
	struct sp_buffer shares = {.data = NULL};
	char bar[256];

	sp_source_totals(progress->source, &state.totals);
	if (progress->console->verbose)
		add_shares(&shares, progress->stats);
	state.shares = sp_buffer_span(&shares);
	sp_progress_format(
		bar, sizeof(bar), terminal_width(), progress->verb, &state);
	sp_buffer_free(&shares);
	sp_console_bar(progress->console, bar);
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
	if (wanted(common))
		sp_ticker_start(&progress->ticker, SP_PROGRESS_INTERVAL_MS,
			draw, progress);
}

void sp_progress_stop(struct sp_progress *progress)
{
	if (!progress->ticker.running)
		return;
	sp_ticker_stop(&progress->ticker);
	sp_console_bar(progress->console, NULL);
}

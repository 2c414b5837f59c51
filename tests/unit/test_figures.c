/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in words: shares of the stages, the progress bar. */
#include <criterion/criterion.h>

#include <string.h>

#include "cli/figures.h"
#include "cli/progress.h"

static struct sp_buffer out;

static void free_all(void)
{
	sp_buffer_free(&out);
}

TestSuite(figures, .fini = free_all);

static const char *shares(const struct sp_totals *totals, unsigned most)
{
	sp_buffer_clear(&out);
	sp_figures_shares(&out, totals, most);
	sp_buffer_add_char(&out, '\0');
	return out.data;
}

Test(figures, the_largest_shares_come_first)
{
	struct sp_totals totals = {.latency_ns = 0};

	cr_assert_str_eq(shares(&totals, 3), "");
	totals.stages[SP_STAGE_READ].ns = 150;
	totals.stages[SP_STAGE_BODIES].ns = 150;
	totals.stages[SP_STAGE_LANES].ns = 690;
	totals.stages[SP_STAGE_WAIT].ns = 1;
	totals.stages[SP_STAGE_COMMIT].ns = 9;
	cr_assert_str_eq(shares(&totals, SP_STAGE_COUNT),
		"lanes 69 %, read 15 %, bodies 15 %");
	cr_assert_str_eq(shares(&totals, 2), "lanes 69 %, read 15 %");
	cr_assert_str_eq(shares(&totals, 0), "");
}

Test(figures, the_bar_has_them_with_v)
{
	struct sp_progress_state state = {
		.messages = 10,
		.bytes = 2000000,
		.elapsed_s = 2,
		.shares = sp_span_str("lanes 69 %"),
	};
	char bar[256];

	sp_progress_format(bar, sizeof(bar), 120, "signing", &state);
	cr_assert_str_eq(bar, "signing 10 messages, 5/s, 1.0 MB/s; lanes 69 %");
	sp_progress_format(bar, sizeof(bar), 40, "signing", &state);
	cr_assert_eq(strlen(bar), 39);
	state.shares = sp_span(NULL, 0);
	sp_progress_format(bar, sizeof(bar), 120, "signing", &state);
	cr_assert_str_eq(bar, "signing 10 messages, 5/s, 1.0 MB/s");
}

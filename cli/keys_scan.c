/* SPDX-License-Identifier: Apache-2.0 */
/* The pass over mail that "keys harvest" and "keys check" begin with. */
#include "cli/keys.h"

#include <stdlib.h>

#include "cli/progress.h"
#include "cli/stop.h"
#include "engine/harvest.h"

enum sp_status sp_keys_scan(struct sp_harvest **harvest,
	struct sp_common *common, const struct sp_inputs *inputs,
	struct sp_run_stats *stats, struct sp_source_totals *totals,
	struct sp_error *error)
{
	struct sp_console *console = &common->console;
	struct sp_log log = sp_console_log(console);
	struct sp_source_options source_options =
		sp_inputs_source(inputs, &log);
	struct sp_harvest_options options = {
		.jobs = (unsigned)common->jobs,
		.reader = getenv("SEALPRESS_IO"),
		.log = &log,
		.limits = sp_inputs_limits(inputs),
		.stop = sp_stop_flag(),
	};
	struct sp_progress progress;
	enum sp_status status =
		sp_source_open(&options.source, &source_options, error);

	*harvest = NULL;
	if (status != SP_OK)
		return status;
	sp_stop_install(sp_source_end_fd(options.source));
	sp_progress_start(&progress, common, console, options.source, stats,
		"harvesting");
	status = sp_harvest_run(harvest, &options, stats, error);
	sp_progress_stop(&progress);
	sp_stop_forget();
	if (totals)
		sp_source_totals(options.source, totals);
	sp_source_close(options.source);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of "sealpress verify", and what is wrong with one. */
#ifndef SP_CLI_VERIFY_OPTIONS_H
#define SP_CLI_VERIFY_OPTIONS_H

#include "cli/common.h"
#include "cli/dns.h"
#include "cli/report.h"

#define SP_KEY_FILES_MAX 64u

struct sp_verify_command {
	struct sp_common common;
	struct sp_inputs inputs;
	const char *keys[SP_KEY_FILES_MAX];
	size_t key_count;
	struct sp_dns_command dns;
	int64_t at; /* SP_TIME_NOW or Unix seconds */
	bool at_message;
	bool historical;
	uint64_t signatures_max;
	const char *authres;
	const char *output;
	bool fail_fast;
	bool only_failures;
	struct sp_reports reports;
	size_t report_count; /* of --report */
};

/* Will name servers be asked? */
bool sp_verify_asks_dns(const struct sp_verify_command *command);

/* As sp_sign_command_parse(). */
bool sp_verify_command_parse(
	struct sp_verify_command *command, int argc, char **argv, int *status);

#endif

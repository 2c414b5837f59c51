/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of "sealpress sign", and what is wrong with one. */
#ifndef SP_CLI_SIGN_OPTIONS_H
#define SP_CLI_SIGN_OPTIONS_H

#include "cli/common.h"
#include "cli/report.h"
#include "cli/triples.h"

struct sp_sign_command {
	struct sp_common common;
	struct sp_inputs inputs;
	struct sp_triples triples;
	const char *key_table;
	const char *signing_table;
	struct sp_pkey_open_options key_options;
	int canon; /* header canonicalization * 2 + body's */
	const char *headers;
	bool oversign;
	int64_t timestamp; /* SP_TIME_NOW, SP_TIME_NONE or Unix seconds */
	int64_t expire_s; /* or SP_TIME_NONE */
	const char *identity;
	uint64_t body_length; /* or SP_LENGTH_NONE */
	bool copied_headers;
	const char *output;
	bool in_place;
	bool headers_only;
	int on_error; /* enum sp_on_error */
	struct sp_reports reports;
};

/*
 * Fills command from the command line. False when there is nothing left to
 * do, with the exit status in *status.
 */
bool sp_sign_command_parse(
	struct sp_sign_command *command, int argc, char **argv, int *status);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Is the right key published? For "keys check NAME" and "keygen --check". */
#ifndef SP_CLI_KEYS_CHECK_H
#define SP_CLI_KEYS_CHECK_H

#include "cli/keys.h"
#include "engine/keycheck.h"

/*
 * Asks the files, which are open, for a name (as sp_keys_name() writes it) and
 * prints what there is to say; key may be NULL. *good: no fault.
 */
enum sp_status sp_keys_check_name(struct sp_key_files *files, const char *name,
	const struct sp_pkey *key, bool *good, struct sp_error *error)
	__attribute__((warn_unused_result));

/* A line per finding: "NAME: WORD: words". */
void sp_keys_print_findings(
	struct sp_buffer *out, struct sp_span name, unsigned findings);

/*
 * Many names, with what they were used for; for "keys check" of archives and
 * corpora. Each name is shown twice, first with print false.
 */
struct sp_keys_audit;

struct sp_keys_audit *sp_keys_audit_open(void);
void sp_keys_audit_close(struct sp_keys_audit *audit);

/* One value of a name. SP_NO_MEMORY is the only trouble. */
enum sp_status sp_keys_audit_value(struct sp_keys_audit *audit,
	struct sp_span name, struct sp_span value, bool print,
	struct sp_buffer *out, struct sp_error *error)
	__attribute__((warn_unused_result));

/* How many values were shown, and how many had a fault. */
void sp_keys_audit_counts(
	const struct sp_keys_audit *audit, uint64_t *values, uint64_t *faults);

#endif

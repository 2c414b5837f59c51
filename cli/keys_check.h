/* SPDX-License-Identifier: Apache-2.0 */
/* Is the right key published? For "keys check NAME" and "keygen --check". */
#ifndef SP_CLI_KEYS_CHECK_H
#define SP_CLI_KEYS_CHECK_H

#include "cli/keys.h"
#include "engine/harvest.h"
#include "engine/keycheck.h"

/* How findings are printed: --as. */
enum sp_keys_check_form { SP_KEYS_CHECK_TEXT, SP_KEYS_CHECK_NDJSON };

/*
 * Asks the files, which are open, for a name (as sp_keys_name() writes it) and
 * prints what there is to say; key may be NULL. *good: no fault.
 */
enum sp_status sp_keys_check_name(struct sp_key_files *files, const char *name,
	const struct sp_pkey *key, enum sp_keys_check_form form, bool *good,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Something to say about a name. */
struct sp_keys_finding {
	struct sp_span name;
	const char *word;
	bool fault;
	const char *words;
	/* Of a name that a corpus asks for; NULL: nothing is known of it. */
	const struct sp_harvest_name *use;
};

/* A line: "NAME: WORD: words", or a JSON object. */
void sp_keys_print_finding(struct sp_buffer *out, enum sp_keys_check_form form,
	const struct sp_keys_finding *finding);

/* One for each bit of findings (engine/keycheck.h). */
void sp_keys_print_findings(struct sp_buffer *out, enum sp_keys_check_form form,
	struct sp_span name, unsigned findings);

/*
 * Many names, with what they were used for; for "keys check" of archives and
 * corpora. Each name is shown twice, first with print false.
 */
struct sp_keys_audit;

struct sp_keys_audit *sp_keys_audit_open(enum sp_keys_check_form form);
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

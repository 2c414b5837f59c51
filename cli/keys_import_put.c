/* SPDX-License-Identifier: Apache-2.0 */
/* Where all readers of "keys import" put their keys. */
#include "cli/keys_import.h"

#include "base/limits.h"

struct sp_archive_key sp_keys_import_default(
	const struct sp_keys_import *import)
{
	return (struct sp_archive_key){
		.first_seen = import->first_seen,
		.last_seen = import->last_seen,
		.source = import->source,
		.note = import->note,
	};
}

/* What is wrong with the key, or NULL. */
static const char *fault_of(const struct sp_archive_key *key)
{
	if (key->first_seen > key->last_seen)
		return "it was first seen after it was last seen; swap the "
		       "times";
	return NULL;
}

static void count(struct sp_keys_import *import, enum sp_archive_put outcome)
{
	switch (outcome) {
	case SP_ARCHIVE_ADDED:
		import->added++;
		break;
	case SP_ARCHIVE_EXTENDED:
		import->extended++;
		break;
	case SP_ARCHIVE_KNOWN:
		import->known++;
		break;
	case SP_ARCHIVE_REFUSED:
		import->refused++;
		break;
	}
}

enum sp_status sp_keys_import_put(struct sp_keys_import *import,
	const struct sp_archive_key *key, const char *path, size_t line,
	struct sp_error *error)
{
	char name[SP_DOMAIN_BYTES_MAX + 1];
	struct sp_archive_key put = *key;
	const char *fault = fault_of(key);
	enum sp_archive_put outcome;
	enum sp_status status;

	if (fault)
		return sp_error(
			error, SP_CONFIG, "%s:%zu: %s", path, line, fault);
	if (!sp_keys_name(name, key->name) ||
		key->value.size > SP_KEY_RECORD_BYTES_MAX) {
		import->passed_over++;
		return SP_OK;
	}
	put.name = sp_span_str(name);
	status = sp_archive_put(import->archive, &put, &outcome, error);
	if (status == SP_OK)
		count(import, outcome);
	return status;
}

void sp_keys_import_summary(
	const struct sp_keys_import *import, const char *path)
{
	if (import->common->quiet)
		return;
	printf("%s: %llu key%s added, %llu known for longer now, %llu known "
	       "already\n",
		path, (unsigned long long)import->added,
		sp_plural(import->added), (unsigned long long)import->extended,
		(unsigned long long)import->known);
	if (import->passed_over)
		printf("%llu record%s passed over: no key of DKIM, or longer "
		       "than %u bytes\n",
			(unsigned long long)import->passed_over,
			sp_plural(import->passed_over),
			SP_KEY_RECORD_BYTES_MAX);
	if (import->refused)
		printf("%llu key%s refused: for a name with %u already\n",
			(unsigned long long)import->refused,
			sp_plural(import->refused), SP_ARCHIVE_VALUES_MAX);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of --key, --domain and --selector. */
#include "cli/triples.h"

static bool is_complete(const struct sp_triple *triple)
{
	return triple->key && triple->domain && triple->selector;
}

/* Which group this is, in words: by the first thing it has. */
static enum sp_status incomplete(
	const struct sp_triple *triple, struct sp_error *error)
{
	const char *missing = !triple->key      ? "--key"
			      : !triple->domain ? "--domain"
						: "--selector";
	const char *option = triple->key      ? "--key"
			     : triple->domain ? "--domain"
					      : "--selector";
	const char *value = triple->key      ? triple->key
			    : triple->domain ? triple->domain
					     : triple->selector;

	return sp_error(error, SP_CONFIG,
		"%s %s has no %s; give each --key its own --domain and "
		"--selector",
		option, value, missing);
}

/* The group under way, or a new one; NULL when there are too many. */
static struct sp_triple *current(struct sp_triples *triples)
{
	if (triples->count &&
		!is_complete(&triples->triple[triples->count - 1]))
		return &triples->triple[triples->count - 1];
	if (triples->count == SP_KEYS_PER_MESSAGE_MAX)
		return NULL;
	return &triples->triple[triples->count++];
}

/* Sets the member at offset of the group under way. */
static enum sp_status put(struct sp_triples *triples, size_t offset,
	const char *value, struct sp_error *error)
{
	struct sp_triple *triple = current(triples);
	const char **member;

	if (!triple)
		return sp_error(error, SP_CONFIG,
			"more than %u --key options; use --key-table and "
			"--signing-table",
			SP_KEYS_PER_MESSAGE_MAX);
	member = (const char **)((char *)triple + offset);
	if (*member)
		return incomplete(triple, error);
	*member = value;
	return SP_OK;
}

enum sp_status sp_triples_key(
	struct sp_triples *triples, const char *value, struct sp_error *error)
{
	return put(triples, offsetof(struct sp_triple, key), value, error);
}

enum sp_status sp_triples_domain(
	struct sp_triples *triples, const char *value, struct sp_error *error)
{
	return put(triples, offsetof(struct sp_triple, domain), value, error);
}

enum sp_status sp_triples_selector(
	struct sp_triples *triples, const char *value, struct sp_error *error)
{
	return put(triples, offsetof(struct sp_triple, selector), value, error);
}

enum sp_status sp_triples_check(
	const struct sp_triples *triples, struct sp_error *error)
{
	if (triples->count == 0 ||
		is_complete(&triples->triple[triples->count - 1]))
		return SP_OK;
	return incomplete(&triples->triple[triples->count - 1], error);
}

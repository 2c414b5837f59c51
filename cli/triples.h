/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --key, --domain and --selector in groups of three: a group is complete
 * before the next one begins, whatever the order inside.
 */
#ifndef SP_CLI_TRIPLES_H
#define SP_CLI_TRIPLES_H

#include "engine/keyring.h"

struct sp_triple {
	const char *key;
	const char *domain;
	const char *selector;
};

struct sp_triples {
	struct sp_triple triple[SP_KEYS_PER_MESSAGE_MAX];
	size_t count;
};

/*
 * Calls of the option table. SP_CONFIG when a member is given twice before
 * its group is complete, or there are too many.
 */
enum sp_status sp_triples_key(
	struct sp_triples *triples, const char *value, struct sp_error *error);
enum sp_status sp_triples_domain(
	struct sp_triples *triples, const char *value, struct sp_error *error);
enum sp_status sp_triples_selector(
	struct sp_triples *triples, const char *value, struct sp_error *error);

/* SP_CONFIG when the last group lacks something. */
enum sp_status sp_triples_check(const struct sp_triples *triples,
	struct sp_error *error) __attribute__((warn_unused_result));

#endif

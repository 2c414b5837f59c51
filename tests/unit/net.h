/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands for DNS in tests of the key cache: questions wait until the test
 * answers them, all alike. The test gives it its operations, with net_start.
 */
#ifndef SP_TESTS_UNIT_NET_H
#define SP_TESTS_UNIT_NET_H

#include "io/resolver.h"

struct net {
	struct sp_resolver base;
	struct sp_query *asked; /* and not answered */
	size_t count; /* asked so far */
	struct sp_answer answer;
};

static inline void net_start(
	struct sp_resolver *resolver, struct sp_query *queries)
{
	struct net *net = (struct net *)resolver;

	while (queries) {
		struct sp_query *next = queries->next;

		queries->next = net->asked;
		net->asked = queries;
		net->count++;
		queries = next;
	}
}

static inline void net_answer(struct net *net)
{
	while (net->asked) {
		struct sp_query *query = net->asked;

		net->asked = query->next;
		query->done(query, &net->answer);
	}
}

#endif

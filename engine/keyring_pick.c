/* SPDX-License-Identifier: Apache-2.0 */
/* Keys by the name that a program gives them. */
#include "engine/keyring_parts.h"

#include <stdlib.h>

#include "engine/domain.h"

static int compare_spans(struct sp_span a, struct sp_span b)
{
	size_t size = a.size < b.size ? a.size : b.size;
	int order = size ? memcmp(a.data, b.data, size) : 0;

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_keys(const void *a, const void *b)
{
	const struct sp_signing_key *one = a, *other = b;
	int order = compare_spans(one->domain, other->domain);

	return order ? order : compare_spans(one->selector, other->selector);
}

enum sp_status sp_keyring_index(struct sp_keyring *keyring)
{
	struct sp_table_key *first = sp_tables_keys(keyring->tables);
	size_t count = 0;

	for (struct sp_table_key *key = first; key; key = key->next)
		count += key->pkey && key->domain.size;
	keyring->named =
		SP_ARENA_ARRAY(&keyring->arena, struct sp_signing_key, count);
	if (!keyring->named)
		return SP_NO_MEMORY;
	for (struct sp_table_key *key = first; key; key = key->next)
		if (key->pkey && key->domain.size)
			keyring->named[keyring->named_count++] =
				(struct sp_signing_key){.domain = key->domain,
					.selector = key->selector,
					.key = key->pkey};
	if (count)
		qsort(keyring->named, count, sizeof(*keyring->named),
			compare_keys);
	return SP_OK;
}

/* The first key whose domain is not before this one. */
static size_t find_domain(
	const struct sp_keyring *keyring, struct sp_span domain)
{
	size_t from = 0, to = keyring->named_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (compare_spans(keyring->named[middle].domain, domain) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool fits(const struct sp_signing_key *key, struct sp_span domain,
	struct sp_span selector)
{
	return (!domain.size || sp_span_equal_nocase(key->domain, domain)) &&
	       (!selector.size ||
		       sp_span_equal_nocase(key->selector, selector));
}

struct list {
	struct sp_signing_key *keys;
	size_t count;
};

static void add(struct list *list, const struct sp_signing_key *key)
{
	if (list->count < SP_KEYS_PER_MESSAGE_MAX &&
		!sp_keyring_listed(list->keys, list->count, key))
		list->keys[list->count++] = *key;
}

/* Lower-case A-labels, as keys have them; false: it can be no key's name. */
static bool normal(char *ascii, struct sp_span *name)
{
	if (!name->size)
		return true;
	if (!sp_domain_to_ascii(ascii, *name))
		return false;
	*name = sp_span_str(ascii);
	return true;
}

enum sp_status sp_keyring_pick(struct sp_keyring *keyring,
	const struct sp_key_choice *choice, struct sp_arena *arena,
	const struct sp_signing_key **keys, size_t *count,
	struct sp_error *error)
{
	char domain_ascii[SP_DOMAIN_BYTES_MAX + 1];
	char selector_ascii[SP_DOMAIN_BYTES_MAX + 1];
	struct sp_span domain = choice->domain, selector = choice->selector;
	struct list list = {SP_ARENA_ARRAY(arena, struct sp_signing_key,
				    SP_KEYS_PER_MESSAGE_MAX),
		0};
	size_t i;

	*count = 0;
	*keys = list.keys;
	if (!list.keys)
		return sp_keyring_no_memory(error);
	if (!normal(domain_ascii, &domain) ||
		!normal(selector_ascii, &selector))
		return SP_OK;
	for (i = 0; i < keyring->always_count; i++)
		if (fits(&keyring->always[i], domain, selector))
			add(&list, &keyring->always[i]);
	i = domain.size ? find_domain(keyring, domain) : 0;
	for (; i < keyring->named_count && list.count < SP_KEYS_PER_MESSAGE_MAX;
		i++) {
		const struct sp_signing_key *key = &keyring->named[i];

		if (domain.size && !sp_span_equal(key->domain, domain))
			break;
		if (fits(key, domain, selector))
			add(&list, key);
	}
	*count = list.count;
	return SP_OK;
}

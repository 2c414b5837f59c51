/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with many keys, and which domains share one. The first pass
 * notes whose each key is, the second one speaks.
 */
#include "cli/keys_check.h"

#include <openssl/sha.h>
#include <stdlib.h>

#include "base/map.h"
#include "engine/domain.h"

/* A public key, by its digest, and the first domain that had it. */
struct owner {
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct sp_span domain;
	bool shared; /* another domain has it, too */
};

struct sp_keys_audit {
	struct sp_arena arena;
	struct sp_map owners;
	uint64_t values, faults;
	enum sp_keys_check_form form;
};

struct sp_keys_audit *sp_keys_audit_open(enum sp_keys_check_form form)
{
	struct sp_keys_audit *audit = calloc(1, sizeof(*audit));

	if (audit)
		audit->form = form;
	return audit;
}

void sp_keys_audit_close(struct sp_keys_audit *audit)
{
	if (!audit)
		return;
	sp_map_free(&audit->owners);
	sp_arena_free(&audit->arena);
	free(audit);
}

void sp_keys_audit_counts(
	const struct sp_keys_audit *audit, uint64_t *values, uint64_t *faults)
{
	*values = audit->values;
	*faults = audit->faults;
}

static struct sp_span domain_of(struct sp_span name)
{
	static const char middle[] = "._domainkey.";
	const char *at =
		memmem(name.data, name.size, middle, sizeof(middle) - 1);

	return at ? sp_span_between(
			    at + sizeof(middle) - 1, name.data + name.size)
		  : name;
}

/* Of p= without white space; false when there is none to speak of. */
static bool digest_of(struct sp_span value, unsigned char *digest)
{
	const struct sp_tag *p;
	struct sp_tags tags;
	struct sp_buffer text = {.data = NULL};
	bool good;

	if (value.size > SP_KEY_RECORD_BYTES_MAX ||
		sp_tags_parse(&tags, value) != SP_REASON_OK)
		return false;
	p = sp_tags_find(&tags, "p");
	if (!p || p->value.size == 0)
		return false;
	for (size_t i = 0; i < p->value.size; i++)
		if (!sp_is_fws(p->value.data[i]))
			sp_buffer_add_char(&text, p->value.data[i]);
	good = sp_buffer_status(&text) == SP_OK;
	if (good)
		SHA256((const unsigned char *)text.data, text.size, digest);
	sp_buffer_free(&text);
	return good;
}

/* The owner of a key, made when there is none; NULL when memory fails. */
static struct owner *owner_of(struct sp_keys_audit *audit,
	const unsigned char *digest, struct sp_span domain)
{
	struct owner *owner = sp_map_get(
		&audit->owners, sp_span(digest, SHA256_DIGEST_LENGTH));
	char *copy;

	if (owner)
		return owner;
	owner = SP_ARENA_NEW(&audit->arena, struct owner);
	copy = sp_arena_copy(&audit->arena, domain);
	if (!owner || !copy)
		return NULL;
	memcpy(owner->digest, digest, SHA256_DIGEST_LENGTH);
	owner->domain = sp_span(copy, domain.size);
	if (sp_map_add(&audit->owners,
		    sp_span(owner->digest, SHA256_DIGEST_LENGTH),
		    owner) != SP_OK)
		return NULL;
	return owner;
}

static bool is_family(struct sp_span a, struct sp_span b)
{
	return sp_domain_within(a, b) || sp_domain_within(b, a);
}

enum sp_status sp_keys_audit_value(struct sp_keys_audit *audit,
	struct sp_span name, struct sp_span value, bool print,
	struct sp_buffer *out, struct sp_error *error)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct sp_span domain = domain_of(name);
	struct sp_keyrecord record;
	struct owner *owner = NULL;
	enum sp_status status;
	unsigned findings;

	if (digest_of(value, digest)) {
		owner = owner_of(audit, digest, domain);
		if (!owner)
			return sp_error(error, SP_NO_MEMORY, "out of memory");
		if (!is_family(owner->domain, domain))
			owner->shared = true;
	}
	if (!print)
		return SP_OK;
	status = sp_keyrecord_parse(&record, value);
	if (!status)
		status = sp_keycheck_record(&record, &findings);
	if (!status && owner && owner->shared && record.reason == SP_REASON_OK)
		findings |= SP_KEYCHECK_SHARED;
	sp_keyrecord_free(&record);
	if (status)
		return sp_error(error, status, "%s", sp_status_name(status));
	audit->values++;
	audit->faults += sp_keycheck_has_fault(findings);
	sp_keys_print_findings(out, audit->form, name, findings);
	return SP_OK;
}

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
};

struct sp_keys_audit *sp_keys_audit_open(void)
{
	return calloc(1, sizeof(struct sp_keys_audit));
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

static enum sp_status digest_of(
	const struct sp_pkey *key, unsigned char *digest)
{
	struct sp_buffer p = {.data = NULL};
	enum sp_status status = sp_pkey_write_public(key, &p);

	if (status == SP_OK)
		SHA256((const unsigned char *)p.data, p.size, digest);
	sp_buffer_free(&p);
	return status;
}

/* The owner of a key, made when there is none; NULL when memory fails. */
static struct owner *owner_of(struct sp_keys_audit *audit,
	const struct sp_pkey *key, struct sp_span domain)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct owner *owner;
	char *copy;

	if (digest_of(key, digest) != SP_OK)
		return NULL;
	owner = sp_map_get(&audit->owners, sp_span(digest, sizeof(digest)));
	if (owner)
		return owner;
	owner = SP_ARENA_NEW(&audit->arena, struct owner);
	copy = sp_arena_copy(&audit->arena, domain);
	if (!owner || !copy)
		return NULL;
	memcpy(owner->digest, digest, sizeof(digest));
	owner->domain = sp_span(copy, domain.size);
	if (sp_map_add(&audit->owners,
		    sp_span(owner->digest, sizeof(owner->digest)),
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
	struct sp_span domain = domain_of(name);
	struct sp_keyrecord record;
	struct owner *owner = NULL;
	unsigned findings;

	sp_keyrecord_parse(&record, value);
	findings = sp_keycheck_record(&record);
	if (record.reason == SP_REASON_OK) {
		owner = owner_of(audit, &record.key, domain);
		if (!owner) {
			sp_keyrecord_free(&record);
			return sp_error(error, SP_NO_MEMORY, "out of memory");
		}
		if (!is_family(owner->domain, domain))
			owner->shared = true;
		if (owner->shared)
			findings |= SP_KEYCHECK_SHARED;
	}
	sp_keyrecord_free(&record);
	if (!print)
		return SP_OK;
	audit->values++;
	audit->faults += sp_keycheck_has_fault(findings);
	sp_keys_print_findings(out, name, findings);
	return SP_OK;
}

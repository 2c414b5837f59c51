/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public interface for messages in memory: sessions, signers, verifiers
 * (include/sealpress.h).
 */
#include "include/sealpress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/address.h"
#include "engine/stages.h"
#include "io/resolver_dns.h"

struct sp_session {
	struct sp_stages stages;
	struct sp_arena arena; /* of the last call */
};

struct sp_signer {
	struct sp_keyring *keyring;
	struct sp_selection selection;
	struct sp_sign_options options; /* timestamp and now: as configured */
	char *identity;
};

struct sp_verifier {
	struct sp_verify_options options;
	struct sp_resolver **resolvers;
	size_t resolver_count;
	struct sp_resolver *dns; /* the last of them, or NULL */
	struct sp_keycache *keys; /* over all resolvers */
};

struct sp_session *sp_session_open(void)
{
	struct sp_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	if (sp_stages_init(&session->stages, NULL)) {
		free(session);
		return NULL;
	}
	return session;
}

void sp_session_close(struct sp_session *session)
{
	if (!session)
		return;
	sp_stages_free(&session->stages);
	sp_arena_free(&session->arena);
	free(session);
}

static int64_t clock_now(int64_t configured)
{
	return configured == SP_TIME_NOW ? (int64_t)time(NULL) : configured;
}

static void *no_memory(struct sp_error *error)
{
	(void)sp_error(error, SP_NO_MEMORY, "out of memory");
	return NULL;
}

static struct sp_span identity_span(const struct sp_signer *signer)
{
	return signer->identity ? sp_span_str(signer->identity)
				: sp_span(NULL, 0);
}

static bool is_canon(enum sp_canon canon)
{
	return canon == SP_CANON_SIMPLE || canon == SP_CANON_RELAXED;
}

/* What no signature can say (RFC 6376 3.5). */
static enum sp_status check_signer_config(
	const struct sp_signer_config *config, struct sp_error *error)
{
	if (!is_canon(config->header_canon) || !is_canon(config->body_canon))
		return sp_error(error, SP_CONFIG,
			"canonicalization is simple or relaxed");
	if (config->timestamp < 0 && config->timestamp != SP_TIME_NONE &&
		config->timestamp != SP_TIME_NOW)
		return sp_error(error, SP_CONFIG,
			"the time %" PRId64 " is before 1970; give Unix "
			"seconds, SP_TIME_NOW or SP_TIME_NONE",
			config->timestamp);
	if (config->expire_s <= 0 && config->expire_s != SP_TIME_NONE)
		return sp_error(error, SP_CONFIG,
			"a signature does not expire after %" PRId64
			" seconds; give 1 or more, or SP_TIME_NONE",
			config->expire_s);
	return sp_address_check_identity(
		config->identity, NULL, "identity", error);
}

struct sp_signer *sp_signer_open(
	const struct sp_signer_config *config, struct sp_error *error)
{
	static const struct sp_signer_config usual = SP_SIGNER_CONFIG;
	struct sp_signer *signer;

	if (!config)
		config = &usual;
	if (check_signer_config(config, error))
		return NULL;
	signer = calloc(1, sizeof(*signer));
	if (!signer)
		return no_memory(error);
	if (config->identity)
		signer->identity = strdup(config->identity);
	signer->keyring = sp_keyring_open();
	if (!signer->keyring || (config->identity && !signer->identity)) {
		sp_signer_close(signer);
		return no_memory(error);
	}
	if (sp_selection_init(&signer->selection,
		    config->headers ? config->headers : usual.headers,
		    config->oversign, error)) {
		sp_signer_close(signer);
		return NULL;
	}
	signer->options = (struct sp_sign_options){
		.header_canon = config->header_canon,
		.body_canon = config->body_canon,
		.selection = &signer->selection,
		.timestamp = config->timestamp,
		.expire_s = config->expire_s,
		.identity = identity_span(signer),
		.body_length = SP_LENGTH_NONE,
	};
	return signer;
}

void sp_signer_close(struct sp_signer *signer)
{
	if (!signer)
		return;
	sp_selection_free(&signer->selection);
	sp_keyring_close(signer->keyring);
	free(signer->identity);
	free(signer);
}

enum sp_status sp_signer_add_key_file(struct sp_signer *signer,
	const char *domain, const char *selector, const char *path,
	struct sp_error *error)
{
	enum sp_status status = sp_address_check_identity(
		signer->identity, domain, "identity", error);

	return status ? status
		      : sp_keyring_add(signer->keyring, domain, selector, path,
				NULL, error);
}

enum sp_status sp_signer_add_key(struct sp_signer *signer, const char *domain,
	const char *selector, struct sp_span key, struct sp_error *error)
{
	struct sp_pkey pkey = {0};
	enum sp_status status = sp_address_check_identity(
		signer->identity, domain, "identity", error);

	if (!status)
		status = sp_pkey_parse_private(
			&pkey, key, "signing key", NULL, error);
	if (status)
		return status;
	return sp_keyring_add_pkey(
		signer->keyring, domain, selector, &pkey, error);
}

/* The memory of one call: per message its parts and its work. */
struct sign_batch {
	struct sp_message *messages;
	struct sp_sign *signs;
	struct sp_sign **list;
};

static enum sp_status sign_all(struct sp_session *session,
	struct sp_signer *signer, const struct sp_sign_options *options,
	const struct sp_span *messages, size_t count, struct sp_signed *out,
	struct sp_error *error)
{
	struct sp_arena *arena = &session->arena;
	struct sign_batch batch = {
		.messages = SP_ARENA_ARRAY(arena, struct sp_message, count),
		.signs = SP_ARENA_ARRAY(arena, struct sp_sign, count),
		.list = SP_ARENA_ARRAY(arena, struct sp_sign *, count),
	};
	enum sp_status status = SP_OK;

	if (!batch.messages || !batch.signs || !batch.list)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		enum sp_reason split;

		batch.list[i] = &batch.signs[i];
		status = sp_message_split(
			&batch.messages[i], arena, messages[i], NULL, &split);
		if (status)
			return sp_error(error, status, "out of memory");
		status = sp_sign_begin(&batch.signs[i], arena,
			&batch.messages[i], split, signer->keyring, NULL,
			options, error);
		if (status)
			return status;
	}
	status = sp_stages_sign(
		&session->stages, arena, batch.list, count, error);
	for (size_t i = 0; i < count && !status; i++)
		out[i] = (struct sp_signed){
			.reason = batch.signs[i].reason,
			.fields = batch.signs[i].fields,
		};
	return status;
}

enum sp_status sp_session_sign(struct sp_session *session,
	struct sp_signer *signer, const struct sp_span *messages, size_t count,
	struct sp_signed *out, struct sp_error *error)
{
	struct sp_sign_options options = signer->options;

	options.now = clock_now(SP_TIME_NOW);
	if (options.timestamp == SP_TIME_NOW)
		options.timestamp = options.now;
	sp_arena_reset(&session->arena);
	return sign_all(session, signer, &options, messages, count, out, error);
}

struct sp_verifier *sp_verifier_open(
	const struct sp_verifier_config *config, struct sp_error *error)
{
	static const struct sp_verifier_config usual = SP_VERIFIER_CONFIG;
	struct sp_verifier *verifier;

	if (!config)
		config = &usual;
	if (config->signatures_max > SP_SIGNATURES_LISTED_MAX) {
		(void)sp_error(error, SP_CONFIG,
			"%zu signatures of a message are too many; at most %u "
			"are looked at",
			config->signatures_max, SP_SIGNATURES_LISTED_MAX);
		return NULL;
	}
	verifier = calloc(1, sizeof(*verifier));
	if (!verifier)
		return no_memory(error);
	verifier->options = (struct sp_verify_options){
		.signatures_max = config->signatures_max,
		.now = config->now,
		.clock_message = config->clock_message,
		.historical = config->historical,
	};
	verifier->keys = sp_keycache_open(NULL, 0, NULL);
	if (!verifier->keys) {
		sp_verifier_close(verifier);
		return no_memory(error);
	}
	return verifier;
}

void sp_verifier_close(struct sp_verifier *verifier)
{
	if (!verifier)
		return;
	/* Resolvers first: what they still owe the cache they answer now. */
	for (size_t i = 0; i < verifier->resolver_count; i++)
		sp_resolver_close(verifier->resolvers[i]);
	sp_keycache_close(verifier->keys);
	free(verifier->resolvers);
	free(verifier);
}

/*
 * Takes the resolver over, whatever the outcome: one cache over all resolvers
 * there are then. On trouble the verifier is as it was.
 */
static enum sp_status add_resolver(struct sp_verifier *verifier,
	struct sp_resolver *resolver, struct sp_error *error)
{
	size_t before = verifier->resolver_count;
	struct sp_resolver **list = calloc(before + 1, sizeof(*list));
	struct sp_keycache *keys = NULL;

	if (list) {
		if (before)
			memcpy(list, verifier->resolvers,
				before * sizeof(*list));
		list[before] = resolver;
		/* The network is asked last. */
		if (verifier->dns) {
			list[before - 1] = resolver;
			list[before] = verifier->dns;
		}
		keys = sp_keycache_open(list, before + 1, NULL);
	}
	if (!keys) {
		free(list);
		sp_resolver_close(resolver);
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	}
	sp_keycache_close(verifier->keys);
	free(verifier->resolvers);
	verifier->keys = keys;
	verifier->resolvers = list;
	verifier->resolver_count = before + 1;
	return SP_OK;
}

enum sp_status sp_verifier_add_key_file(
	struct sp_verifier *verifier, const char *path, struct sp_error *error)
{
	struct sp_resolver *resolver;
	enum sp_status status = sp_resolver_open(&resolver, path, error);

	return status ? status : add_resolver(verifier, resolver, error);
}

enum sp_status sp_verifier_add_keys(struct sp_verifier *verifier,
	struct sp_span text, struct sp_error *error)
{
	struct sp_resolver *resolver;
	enum sp_status status =
		sp_resolver_open_text(&resolver, text, "keys", error);

	return status ? status : add_resolver(verifier, resolver, error);
}

enum sp_status sp_verifier_add_dns(struct sp_verifier *verifier,
	const struct sp_dns_config *config, struct sp_error *error)
{
	static const struct sp_dns_config usual = {.server_count = 0};
	struct sp_dns_options options;
	struct sp_resolver *resolver;
	enum sp_status status;

	if (!config)
		config = &usual;
	if (verifier->dns)
		return sp_error(error, SP_CONFIG,
			"name servers were added before; name all at once");
	if (config->server_count > SP_DNS_SERVERS_MAX)
		return sp_error(error, SP_CONFIG,
			"%zu name servers are too many; name up to %u",
			config->server_count, SP_DNS_SERVERS_MAX);
	options = (struct sp_dns_options){
		.servers = config->servers,
		.server_count = config->server_count,
		.timeout_ms = config->timeout_ms,
		.qps = config->qps,
		.trust_ad = config->trust_ad,
	};
	status = sp_resolver_open_dns(&resolver, &options, error);
	if (status == SP_OK)
		status = add_resolver(verifier, resolver, error);
	if (status == SP_OK)
		verifier->dns = resolver;
	return status;
}

struct verify_batch {
	struct sp_message *messages;
	struct sp_verify *verifies;
	struct sp_verify **list;
};

static void verified(struct sp_verified *out, const struct sp_verify *verify)
{
	*out = (struct sp_verified){
		.verdict = verify->verdict,
		.reason = verify->reason,
		.results = verify->results,
		.count = verify->count,
		.from_domain = verify->from_domain,
	};
}

static enum sp_status verify_all(struct sp_session *session,
	struct sp_verifier *verifier, const struct sp_verify_options *options,
	const struct sp_span *messages, size_t count, struct sp_verified *out,
	struct sp_error *error)
{
	struct sp_arena *arena = &session->arena;
	struct verify_batch batch = {
		.messages = SP_ARENA_ARRAY(arena, struct sp_message, count),
		.verifies = SP_ARENA_ARRAY(arena, struct sp_verify, count),
		.list = SP_ARENA_ARRAY(arena, struct sp_verify *, count),
	};
	enum sp_status status = SP_OK;

	if (!batch.messages || !batch.verifies || !batch.list)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < count && !status; i++) {
		enum sp_reason split;

		batch.list[i] = &batch.verifies[i];
		status = sp_message_split(
			&batch.messages[i], arena, messages[i], NULL, &split);
		if (!status)
			status = sp_verify_begin(&batch.verifies[i], arena,
				&batch.messages[i], split, options);
	}
	if (status)
		return sp_error(error, status, "out of memory");
	status = sp_stages_verify(&session->stages, arena, verifier->keys,
		batch.list, count, error);
	for (size_t i = 0; i < count && !status; i++)
		verified(&out[i], &batch.verifies[i]);
	return status;
}

enum sp_status sp_session_verify(struct sp_session *session,
	struct sp_verifier *verifier, const struct sp_span *messages,
	size_t count, struct sp_verified *out, struct sp_error *error)
{
	struct sp_verify_options options = verifier->options;

	options.now = clock_now(options.now);
	sp_arena_reset(&session->arena);
	return verify_all(
		session, verifier, &options, messages, count, out, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sealpress: sign and verify DKIM (RFC 6376, 8301, 8463) in batches.
 *
 * This is the whole public interface of libsealpress. All functions are safe
 * to call from several threads as long as no two threads use the same object
 * at a time; a struct sp_signer or sp_verifier may be shared read-only once
 * it has its keys, with one struct sp_session per thread.
 *
 * Three kinds of answer are kept apart:
 *   enum sp_status   trouble: memory, I/O, configuration. Must be checked.
 *   enum sp_verdict  what was found about a message, in RFC 8601 words.
 *   enum sp_reason   why, one name for each rule.
 * A bad message is never a status; a full disk is never a verdict.
 */
#ifndef SEALPRESS_H
#define SEALPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SP_VERSION "0.1.0"

/* Bytes that somebody else owns. data may be NULL only when size is 0. */
struct sp_span {
	const char *data;
	size_t size;
};

enum sp_status {
	SP_OK,
	SP_NO_MEMORY,
	SP_IO, /* a file, directory, pipe or socket failed */
	SP_CONFIG, /* an option, table or key file cannot be used */
	SP_CRYPTO, /* OpenSSL failed at what should always work */
	SP_STOPPED, /* ended early because it was asked to */
};

#define SP_ERROR_TEXT_BYTES 5120u /* a path of 4096 bytes, and words */

/* Trouble in words: "FILE: what is wrong; what to do". */
struct sp_error {
	enum sp_status status;
	char text[SP_ERROR_TEXT_BYTES];
};

/* RFC 8601 section 2.7.1, best first. */
enum sp_verdict {
	SP_PASS,
	SP_POLICY,
	SP_NEUTRAL,
	SP_FAIL,
	SP_TEMPERROR,
	SP_PERMERROR,
	SP_NONE, /* no signature */
};

/*
 * Why a verdict is what it is, or why a message was not signed. The second
 * column is the name in reports, which is stable.
 */
#define SP_REASONS(X) \
	X(SP_REASON_OK, "ok") \
	/* Found in the body or signature (RFC 6376 6.1.3) */ \
	X(SP_REASON_BODY_HASH, "body-hash-mismatch") \
	X(SP_REASON_SIGNATURE, "signature-mismatch") \
	X(SP_REASON_BODY_LENGTH, "body-length-too-long") \
	/* Found in the DKIM-Signature field (3.5, 6.1.1) */ \
	X(SP_REASON_TAG_SYNTAX, "tag-syntax") \
	X(SP_REASON_TAG_DUPLICATE, "tag-duplicate") \
	X(SP_REASON_TAG_MISSING, "tag-missing") \
	X(SP_REASON_VERSION, "version") \
	X(SP_REASON_ALGORITHM, "algorithm-unknown") \
	X(SP_REASON_CANON, "canonicalization-unknown") \
	X(SP_REASON_DOMAIN_MISMATCH, "domain-mismatch") \
	X(SP_REASON_FROM_NOT_SIGNED, "from-not-signed") \
	X(SP_REASON_QUERY, "query-method") \
	X(SP_REASON_EXPIRED, "expired") \
	X(SP_REASON_EXPIRY_ORDER, "expires-before-timestamp") \
	/* Found in the key or on the way to it (3.6.1, 6.1.2) */ \
	X(SP_REASON_KEY_NOT_FOUND, "key-not-found") \
	X(SP_REASON_KEY_REVOKED, "key-revoked") \
	X(SP_REASON_KEY_SYNTAX, "key-syntax") \
	X(SP_REASON_KEY_VERSION, "key-version") \
	X(SP_REASON_KEY_SUBDOMAIN, "key-subdomain") \
	X(SP_REASON_ALGORITHM_MISMATCH, "algorithm-mismatch") \
	X(SP_REASON_HASH_NOT_ALLOWED, "hash-not-allowed") \
	X(SP_REASON_SERVICE_TYPE, "service-type") \
	X(SP_REASON_DNS_TIMEOUT, "dns-timeout") \
	X(SP_REASON_DNS_FAILURE, "dns-failure") \
	/* Policy (RFC 8301) and limits */ \
	X(SP_REASON_SHA1, "sha1") \
	X(SP_REASON_KEY_TOO_SMALL, "key-too-small") \
	X(SP_REASON_KEY_TOO_LARGE, "key-too-large") \
	X(SP_REASON_TOO_MANY_SIGNATURES, "too-many-signatures") \
	X(SP_REASON_SIGNATURE_TOO_LARGE, "signature-too-large") \
	X(SP_REASON_TOO_MANY_NAMES, "too-many-header-names") \
	X(SP_REASON_HEADER_TOO_LARGE, "header-too-large") \
	X(SP_REASON_TOO_MANY_FIELDS, "too-many-fields") \
	/* Found in the message */ \
	X(SP_REASON_MESSAGE_SYNTAX, "message-syntax") \
	X(SP_REASON_MESSAGE_EMPTY, "message-empty") \
	X(SP_REASON_FROM_MISSING, "from-missing") \
	X(SP_REASON_FROM_MULTIPLE, "from-multiple") \
	X(SP_REASON_FROM_SYNTAX, "from-syntax") \
	X(SP_REASON_NO_KEY_FOR_SENDER, "no-key-for-sender") \
	/* Trouble that touched one message only */ \
	X(SP_REASON_RECORD_SYNTAX, "record-syntax") \
	X(SP_REASON_KEY_UNKNOWN, "key-unknown") \
	X(SP_REASON_UNREADABLE, "unreadable") \
	X(SP_REASON_UNWRITABLE, "unwritable") \
	X(SP_REASON_SIGNING_FAILED, "signing-failed") \
	X(SP_REASON_NO_SIGNATURE, "no-signature")

enum sp_reason {
#define SP_REASON_ENUM(id, name) id,
	SP_REASONS(SP_REASON_ENUM)
#undef SP_REASON_ENUM
};

const char *sp_status_name(enum sp_status status);
const char *sp_verdict_name(enum sp_verdict verdict);
const char *sp_reason_name(enum sp_reason reason);

enum sp_canon { SP_CANON_SIMPLE, SP_CANON_RELAXED };

enum sp_algorithm {
	SP_ALGORITHM_UNKNOWN,
	SP_ALGORITHM_RSA_SHA1,
	SP_ALGORITHM_RSA_SHA256,
	SP_ALGORITHM_ED25519_SHA256,
};

/* "rsa-sha256" and so on; "unknown" for SP_ALGORITHM_UNKNOWN. */
const char *sp_algorithm_name(enum sp_algorithm algorithm);

enum sp_body_hash {
	SP_BODY_HASH_NOT_CHECKED,
	SP_BODY_HASH_MATCH,
	SP_BODY_HASH_MISMATCH,
};

enum sp_key_source {
	SP_KEY_SOURCE_NONE,
	SP_KEY_SOURCE_FILE,
	SP_KEY_SOURCE_ARCHIVE,
	SP_KEY_SOURCE_DNS,
};

/* DNSSEC status of the key's answer (RFC 4035 4.3). */
enum sp_dnssec { SP_DNSSEC_UNKNOWN, SP_DNSSEC_INSECURE, SP_DNSSEC_SECURE };

/* Is d= the domain of From (RFC 7489 3.1.1)? */
enum sp_alignment { SP_ALIGNED_NO, SP_ALIGNED_RELAXED, SP_ALIGNED_STRICT };

#define SP_KEY_SHA256_BYTES 32u
#define SP_TIME_NONE INT64_MIN
#define SP_LENGTH_NONE UINT64_MAX

/* What was found about one DKIM-Signature field. */
struct sp_result {
	enum sp_verdict verdict;
	enum sp_reason reason;
	enum sp_verdict legacy_verdict; /* as before RFC 8301 */
	enum sp_reason legacy_reason;
	bool legacy; /* the legacy pair was asked for and computed */
	struct sp_span domain; /* d=, empty when it could not be read */
	struct sp_span selector;
	struct sp_span identity; /* i= decoded; "@domain" by default */
	struct sp_span b; /* first 8 characters of b= (RFC 6008) */
	enum sp_algorithm algorithm;
	enum sp_canon header_canon;
	enum sp_canon body_canon;
	/* Of the key that verified, or of the first one that was tried: */
	unsigned key_bits; /* 0: no key was used */
	unsigned char key_sha256[SP_KEY_SHA256_BYTES]; /* of the bytes that are
							  base64 in p= */
	bool key_testing; /* t=y in the key record */
	enum sp_key_source key_source;
	enum sp_dnssec key_dnssec;
	int64_t key_ttl; /* seconds, as the DNS said; else SP_TIME_NONE */
	/* When the key that verified was first and last seen, as its archive
	 * says; SP_TIME_NONE: none did, or it is not from an archive. */
	int64_t key_first_seen;
	int64_t key_last_seen;
	int64_t timestamp; /* t=, Unix seconds, or SP_TIME_NONE */
	int64_t expiration; /* x=, or SP_TIME_NONE */
	bool future; /* t= lies after the time of verification */
	uint64_t body_length; /* l=, octets, or SP_LENGTH_NONE */
	uint64_t body_total; /* octets of the canonical body when l= is there
				and it was hashed, else SP_LENGTH_NONE */
	enum sp_body_hash body_hash;
	enum sp_alignment alignment;
};

/*
 * Signing and verifying messages that are in memory. What a thread needs
 * (digest streams, lanes, memory) is a session; what several threads may
 * share (keys, options) is a signer or a verifier.
 *
 *	struct sp_error error;
 *	struct sp_signer *signer = sp_signer_open(NULL, &error);
 *	sp_signer_add_key_file(signer, "example.com", "s1", "s1.pem", &error);
 *	struct sp_session *session = sp_session_open();
 *	struct sp_signed out[N];
 *	sp_session_sign(session, signer, messages, N, out, &error);
 *	... write out[i].fields, then messages[i] ...
 */
struct sp_session; /* one per thread */
struct sp_signer;
struct sp_verifier;

/* NULL when memory is exhausted. Close takes NULL. */
struct sp_session *sp_session_open(void);
void sp_session_close(struct sp_session *session);

/* Strings and spans are borrowed during sp_signer_open() only. A zeroed
 * struct is not the default: begin with SP_SIGNER_CONFIG. */
struct sp_signer_config {
	enum sp_canon header_canon;
	enum sp_canon body_canon;
	const char *headers; /* profile or list, as --headers takes it */
	bool oversign;
	int64_t timestamp; /* t=; SP_TIME_NONE: none; SP_TIME_NOW: the clock */
	int64_t expire_s; /* x= that much after t=; SP_TIME_NONE: none */
	const char *identity; /* i=, or NULL */
};
#define SP_TIME_NOW (INT64_MIN + 1)
#define SP_SIGNER_CONFIG \
	{ \
		SP_CANON_RELAXED, SP_CANON_RELAXED, "default", true, \
			SP_TIME_NOW, 14 * 86400, NULL \
	}

/* config may be NULL: SP_SIGNER_CONFIG. NULL on trouble, said in error. */
struct sp_signer *sp_signer_open(
	const struct sp_signer_config *config, struct sp_error *error);
void sp_signer_close(struct sp_signer *signer);

/* A key that signs every message; several keys make several signatures. */
enum sp_status sp_signer_add_key_file(struct sp_signer *signer,
	const char *domain, const char *selector, const char *path,
	struct sp_error *error) __attribute__((warn_unused_result));
/* The same from memory: PEM, or base64 of an Ed25519 seed. */
enum sp_status sp_signer_add_key(struct sp_signer *signer, const char *domain,
	const char *selector, struct sp_span key, struct sp_error *error)
	__attribute__((warn_unused_result));

struct sp_signed {
	enum sp_reason reason; /* SP_REASON_OK: signed */
	/* The new header fields, each with its line end, to put above the
	 * message; good until the session is used again. */
	struct sp_span fields;
};

/* Signs count messages side by side. */
enum sp_status sp_session_sign(struct sp_session *session,
	struct sp_signer *signer, const struct sp_span *messages, size_t count,
	struct sp_signed *out, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Begin with SP_VERIFIER_CONFIG: in a zeroed one it is 1970. */
struct sp_verifier_config {
	size_t signatures_max; /* per message, up to 100; 0: 10 */
	int64_t now; /* Unix seconds; SP_TIME_NOW: the clock */
	bool clock_message; /* the message's own time instead */
	bool historical; /* fill the legacy pair of the results */
};
#define SP_VERIFIER_CONFIG \
	{ \
		0, SP_TIME_NOW, false, false \
	}

struct sp_verifier *sp_verifier_open(
	const struct sp_verifier_config *config, struct sp_error *error);
void sp_verifier_close(struct sp_verifier *verifier);

/* A key file, zone file or key archive (sealpress(1), "KEY FILES"). Before
 * first use. */
enum sp_status sp_verifier_add_key_file(
	struct sp_verifier *verifier, const char *path, struct sp_error *error)
	__attribute__((warn_unused_result));
/* The same text from memory. */
enum sp_status sp_verifier_add_keys(struct sp_verifier *verifier,
	struct sp_span text, struct sp_error *error)
	__attribute__((warn_unused_result));

/* A zeroed struct is the default. */
struct sp_dns_config {
	/* "192.0.2.1", "192.0.2.1#5353" or "::1#5353", asked in this order
	 * when one fails; none: the system's. Borrowed during the call. */
	const char *const *servers;
	size_t server_count; /* at most 8 */
	uint32_t timeout_ms; /* for one name, with all retries; 0: 10000 */
	uint32_t qps; /* queries per second to one server; 0: no limit */
	bool trust_ad; /* believe servers beyond loopback about DNSSEC */
};

/*
 * Name servers, to be asked for keys that no file or text has, whatever was
 * added first. Once, before first use; config may be NULL. They are asked by a
 * thread of the verifier's own. sp_session_verify() asks for the keys of all
 * messages at once and waits for the answers; who has other work to do
 * meanwhile uses several sessions. Keys are kept as long as their TTL says, in
 * the verifier. The thread does not come along when the process forks: a child
 * opens a verifier of its own.
 */
enum sp_status sp_verifier_add_dns(struct sp_verifier *verifier,
	const struct sp_dns_config *config, struct sp_error *error)
	__attribute__((warn_unused_result));

struct sp_verified {
	enum sp_verdict verdict; /* the best of the results, or SP_NONE */
	enum sp_reason reason;
	const struct sp_result *results; /* in order of the fields */
	size_t count;
	struct sp_span from_domain;
};

/*
 * Verifies count messages. out is good until the session is used again, and
 * points into the messages, which must stay where they are as long.
 */
enum sp_status sp_session_verify(struct sp_session *session,
	struct sp_verifier *verifier, const struct sp_span *messages,
	size_t count, struct sp_verified *out, struct sp_error *error)
	__attribute__((warn_unused_result));

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong, or worth a word, with published keys: with the values of a
 * name, against the private key they should belong to, and with a record alone
 * (RFC 6376 3.6.1, 3.6.2.2; RFC 8301; RFC 8463).
 */
#ifndef SP_ENGINE_KEYCHECK_H
#define SP_ENGINE_KEYCHECK_H

#include "engine/keyrecord.h"

/* Findings are bits of a set. Word, whether it is a fault, words, remedy. */
#define SP_KEYCHECK_FINDINGS(X) \
	X(SP_KEYCHECK_MISSING, "missing", true, \
		"nothing is published under this name; publish the record") \
	X(SP_KEYCHECK_UNANSWERED, "unanswered", true, \
		"the name server did not answer; try again later") \
	X(SP_KEYCHECK_QUOTES, "extra-quotes", true, \
		"there are quotes or backslashes in the value; give it to " \
		"the " \
		"name server without them") \
	X(SP_KEYCHECK_SPLIT, "split-wrongly", true, \
		"its pieces do not join to the record; publish one record of " \
		"several strings, in order and without blanks between") \
	X(SP_KEYCHECK_CUT, "cut-off", true, \
		"only the beginning of the key is there; publish all its " \
		"strings") \
	X(SP_KEYCHECK_SYNTAX, "syntax", true, \
		"it is no key record; publish what keygen prints") \
	X(SP_KEYCHECK_VERSION, "version", true, \
		"v= is not DKIM1, or not the first tag") \
	X(SP_KEYCHECK_REVOKED, "revoked", true, \
		"p= is empty: the key is revoked") \
	X(SP_KEYCHECK_TYPE, "wrong-type", true, \
		"k= is of another type than the private key") \
	X(SP_KEYCHECK_OTHER, "other-key", true, \
		"p= belongs to another private key; publish the one in use, " \
		"or " \
		"sign with the one that is published") \
	X(SP_KEYCHECK_SEVERAL, "several-records", true, \
		"there are several records where verifiers expect one (RFC " \
		"6376 3.6.2.2); remove the others") \
	X(SP_KEYCHECK_TOO_SMALL, "too-small", true, \
		"RSA keys below 1024 bits are not accepted (RFC 8301 3.2)") \
	X(SP_KEYCHECK_TOO_LARGE, "too-large", true, \
		"RSA keys above 8192 bits are not accepted") \
	X(SP_KEYCHECK_HASH, "hash", true, \
		"h= does not allow sha256, and nothing else is accepted (RFC " \
		"8301 3.1)") \
	X(SP_KEYCHECK_SERVICE, "service", true, "s= does not allow email") \
	X(SP_KEYCHECK_TEST_KEY, "test-key", true, \
		"an RFC publishes this key with its private half: anybody " \
		"can " \
		"sign with it") \
	X(SP_KEYCHECK_SMALL, "small", false, \
		"an RSA key below 2048 bits is weak by now (RFC 8301 3.2)") \
	X(SP_KEYCHECK_TESTING, "testing", false, \
		"t=y: the domain says that it is testing DKIM") \
	X(SP_KEYCHECK_SHARED, "shared", false, \
		"another domain has the same key")

enum sp_keycheck_number {
#define SP_KEYCHECK_NUMBER(id, word, fault, words) id##_NUMBER,
	SP_KEYCHECK_FINDINGS(SP_KEYCHECK_NUMBER)
#undef SP_KEYCHECK_NUMBER
		SP_KEYCHECK_COUNT
};

enum sp_keycheck {
#define SP_KEYCHECK_BIT(id, word, fault, words) id = 1 << id##_NUMBER,
	SP_KEYCHECK_FINDINGS(SP_KEYCHECK_BIT)
#undef SP_KEYCHECK_BIT
};

/* Of the finding with this number. */
const char *sp_keycheck_word(unsigned number);
const char *sp_keycheck_words(unsigned number);
bool sp_keycheck_is_fault(unsigned number);

/* True when there is a fault among them. */
bool sp_keycheck_has_fault(unsigned findings);

/* What a record says of itself. SP_NO_MEMORY, SP_CRYPTO: that is not known. */
enum sp_status sp_keycheck_record(const struct sp_keyrecord *record,
	unsigned *findings) __attribute__((warn_unused_result));

/*
 * The values of a name. With a key, whose public half one of them should be:
 * what differs; of a value that is it, what it says of itself. Without (NULL):
 * what the values say of themselves. count 0 is SP_KEYCHECK_MISSING. Where
 * memory is short, a difference is less well explained; SP_NO_MEMORY or
 * SP_CRYPTO: there are no findings.
 */
enum sp_status sp_keycheck_values(const struct sp_span *values, size_t count,
	const struct sp_pkey *key, unsigned *findings)
	__attribute__((warn_unused_result));

#endif

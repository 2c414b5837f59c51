/* SPDX-License-Identifier: Apache-2.0 */
/* A post office for tests. */
#include "tests/unit/post.h"

#include <criterion/criterion.h>

const char post_plain[] = "From: Joe <joe@example.com>\r\n"
			  "Subject: hello\r\n"
			  "\r\n"
			  "Hi.\r\n";

void post_open(struct post *post)
{
	*post = (struct post){
		.sign =
			{
				.header_canon = SP_CANON_RELAXED,
				.body_canon = SP_CANON_RELAXED,
				.selection = &post->selection,
				.timestamp = SP_TIME_NONE,
				.expire_s = SP_TIME_NONE,
				.now = 1000000,
				.body_length = SP_LENGTH_NONE,
			},
		.verify = {.now = 1000000},
	};
	cr_assert_eq(sp_stages_init(&post->stages, NULL), SP_OK);
	post->keyring = sp_keyring_open();
	cr_assert_not_null(post->keyring);
	post_select(post, "default", true);
}

void post_close(struct post *post)
{
	sp_keycache_close(post->keys);
	sp_resolver_close(post->resolver);
	sp_buffer_free(&post->zone);
	sp_buffer_free(&post->mail);
	sp_selection_free(&post->selection);
	sp_keyring_close(post->keyring);
	sp_stages_free(&post->stages);
	sp_arena_free(&post->arena);
}

void post_select(struct post *post, const char *headers, bool oversign)
{
	struct sp_error error;

	sp_selection_free(&post->selection);
	cr_assert_eq(
		sp_selection_init(&post->selection, headers, oversign, &error),
		SP_OK, "%s", error.text);
}

static void open_keys(struct post *post)
{
	struct sp_error error;

	sp_keycache_close(post->keys);
	sp_resolver_close(post->resolver);
	cr_assert_eq(sp_buffer_status(&post->zone), SP_OK);
	cr_assert_eq(sp_resolver_open_text(&post->resolver,
			     sp_buffer_span(&post->zone), "zone", &error),
		SP_OK, "%s", error.text);
	post->keys = sp_keycache_open(&post->resolver, 1, NULL);
	cr_assert_not_null(post->keys);
}

void post_publish(struct post *post, const char *name, const char *value)
{
	sp_buffer_add_format(&post->zone, "%s\t%s\n", name, value);
	open_keys(post);
}

void post_publish_only(struct post *post, struct sp_span zone)
{
	sp_buffer_clear(&post->zone);
	sp_buffer_add(&post->zone, zone);
	open_keys(post);
}

void post_add_key(struct post *post, const char *domain, const char *selector,
	enum sp_pkey_type type, unsigned bits)
{
	struct sp_pkey key;
	struct sp_error error;

	cr_assert_eq(sp_pkey_generate(&key, type, bits, &error), SP_OK);
	sp_buffer_add_format(
		&post->zone, "%s._domainkey.%s\t", selector, domain);
	cr_assert_eq(sp_keyrecord_write(&post->zone, &key), SP_OK);
	sp_buffer_add_char(&post->zone, '\n');
	open_keys(post);
	cr_assert_eq(sp_keyring_add_pkey(
			     post->keyring, domain, selector, &key, &error),
		SP_OK, "%s", error.text);
}

const struct sp_sign *post_sign(struct post *post, struct sp_span message)
{
	struct sp_sign *sign = &post->signing;
	enum sp_reason split;
	struct sp_error error;

	sp_arena_reset(&post->arena);
	cr_assert_eq(sp_message_split(&post->message, &post->arena, message,
			     &post->limits, &split),
		SP_OK);
	cr_assert_eq(sp_sign_begin(sign, &post->arena, &post->message, split,
			     post->keyring, NULL, &post->sign, &error),
		SP_OK);
	cr_assert_eq(
		sp_stages_sign(&post->stages, &post->arena, &sign, 1, &error),
		SP_OK);
	return sign;
}

void post_sign_into(
	struct post *post, struct sp_buffer *out, struct sp_span message)
{
	const struct sp_sign *sign = post_sign(post, message);

	cr_assert_eq(
		sign->reason, SP_REASON_OK, "%s", sp_reason_name(sign->reason));
	sp_buffer_add(out, sign->fields);
	sp_buffer_add(out, message);
	cr_assert_eq(sp_buffer_status(out), SP_OK);
}

const struct sp_verify *post_verify(struct post *post, struct sp_span message)
{
	struct sp_verify *verify = &post->verifying;
	enum sp_reason split;
	struct sp_error error;

	if (!post->keys)
		open_keys(post);
	sp_arena_reset(&post->arena);
	cr_assert_eq(sp_message_split(&post->message, &post->arena, message,
			     &post->limits, &split),
		SP_OK);
	cr_assert_eq(sp_verify_begin(verify, &post->arena, &post->message,
			     split, &post->verify),
		SP_OK);
	cr_assert_eq(sp_stages_verify(&post->stages, &post->arena, post->keys,
			     &verify, 1, &error),
		SP_OK);
	return verify;
}

void post_sign_plain(struct post *post)
{
	if (!sp_keyring_count(post->keyring))
		post_add_key(post, "example.com", "s", SP_PKEY_ED25519, 0);
	sp_buffer_clear(&post->mail);
	post_sign_into(post, &post->mail, sp_span_str(post_plain));
}

void post_change(struct post *post, const char *from, const char *to)
{
	char *at = memmem(post->mail.data, post->mail.size, from, strlen(from));
	struct sp_span bytes = sp_span_str(to);

	cr_assert_not_null(at, "%s", from);
	cr_assert_eq(strlen(from), bytes.size);
	memcpy(at, bytes.data, bytes.size);
}

const struct sp_result *post_result(struct post *post)
{
	const struct sp_verify *verify =
		post_verify(post, sp_buffer_span(&post->mail));

	cr_assert_geq(verify->count, 1);
	return &verify->results[0];
}

void post_expect(const struct sp_result *result, enum sp_verdict verdict,
	enum sp_reason reason, const char *what)
{
	cr_expect(result->verdict == verdict && result->reason == reason,
		"%s: %s/%s", what, sp_verdict_name(result->verdict),
		sp_reason_name(result->reason));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Batches through the stages (engine/stages.h). */
#include <criterion/criterion.h>

#include <stdio.h>

#include "tests/unit/post.h"

static struct post post;

static void setup(void)
{
	post_open(&post);
}

static void teardown(void)
{
	post_close(&post);
}

TestSuite(stages, .init = setup, .fini = teardown);

/* The body of a large message is hashed by streaming, before the stages. */
Test(stages, a_body_hashed_before_is_taken_as_it_is)
{
	struct sp_span text = sp_span_str(post_plain);
	struct sp_span head =
		sp_span(post_plain, text.size - strlen("Hi.\r\n"));
	struct sp_sign *sign = &post.signing;
	struct sp_sign *const *list = &sign;
	struct sp_message begun;
	enum sp_reason reason;
	enum sp_status status;

	post_add_key(&post, "example.com", "ed", SP_PKEY_ED25519, 0);
	cr_assert_eq(sp_message_split(&begun, &post.arena, head, NULL, &reason),
		SP_OK);
	cr_assert_eq(sp_sign_begin(sign, &post.arena, &begun, reason,
			     post.keyring, NULL, &post.sign, NULL),
		SP_OK);
	while (sp_stages_stream(
		&post.stages, sign->bodies, sign->body_count, &status)) {
		struct sp_bodyhash *stage = post.stages.bodyhash;

		cr_assert_eq(
			sp_bodyhash_update(stage, sp_span_str("Hi.")), SP_OK);
		cr_assert_eq(
			sp_bodyhash_update(stage, sp_span_str("\r\n")), SP_OK);
		cr_assert_eq(sp_bodyhash_finish(stage), SP_OK);
	}
	cr_assert_eq(status, SP_OK);
	cr_assert_eq(sp_stages_sign(&post.stages, &post.arena, list, 1, NULL),
		SP_OK);
	sp_buffer_add(&post.mail, sign->fields);
	sp_buffer_add(&post.mail, text);
	cr_expect_eq(post_verify(&post, sp_buffer_span(&post.mail))->verdict,
		SP_PASS);
}

Test(stages, a_message_of_many_body_hashes_is_streamed_in_passes)
{
	const size_t signatures = SP_HASHER_STREAMS + 4;
	struct sp_verify *verify = &post.verifying;
	struct sp_message message;
	enum sp_reason reason;
	enum sp_status status;
	size_t passes = 0;

	for (size_t i = 0; i < signatures; i++)
		sp_buffer_add_format(&post.mail,
			"DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; "
			"h=from; l=%zu; bh=" POST_PLAIN_BH "; b=AAAA\r\n",
			i);
	sp_buffer_add_str(&post.mail, post_plain);
	post.verify.signatures_max = signatures;
	cr_assert_eq(sp_message_split(&message, &post.arena,
			     sp_buffer_span(&post.mail), NULL, &reason),
		SP_OK);
	cr_assert_eq(sp_verify_begin(verify, &post.arena, &message, reason,
			     &post.verify),
		SP_OK);
	cr_assert_eq(verify->body_count, signatures);
	while (sp_stages_stream(
		&post.stages, verify->bodies, verify->body_count, &status)) {
		cr_assert_eq(
			sp_bodyhash_update(post.stages.bodyhash, message.body),
			SP_OK);
		cr_assert_eq(sp_bodyhash_finish(post.stages.bodyhash), SP_OK);
		passes++;
	}
	cr_expect_eq(status, SP_OK);
	cr_expect_eq(passes, 2);
	for (size_t i = 0; i < signatures; i++) {
		cr_expect(verify->bodies[i].done);
		cr_expect_eq(verify->bodies[i].total, 5);
	}
}

/* A batch of all kinds, good and bad, of different sizes. */
enum { MANY = 60 };

struct batch {
	struct sp_buffer text[MANY];
	struct sp_message message[MANY];
	struct sp_sign sign[MANY], *signs[MANY];
	struct sp_verify verify[MANY], *verifies[MANY];
	enum sp_reason split[MANY];
};

static void batch_init(struct batch *batch)
{
	for (size_t i = 0; i < MANY; i++) {
		struct sp_buffer *text = &batch->text[i];

		batch->signs[i] = &batch->sign[i];
		batch->verifies[i] = &batch->verify[i];
		if (i % 7 != 3)
			sp_buffer_add_str(text, "From: a@example.com\n");
		sp_buffer_add_format(text, "Subject: %zu\n\n", i);
		for (size_t line = 0; line < i * i; line++)
			sp_buffer_add_format(text, "line %zu  \n", line);
		cr_assert_eq(sp_buffer_status(text), SP_OK);
	}
}

static void batch_split(struct batch *batch)
{
	for (size_t i = 0; i < MANY; i++)
		cr_assert_eq(sp_message_split(&batch->message[i], &post.arena,
				     sp_buffer_span(&batch->text[i]), NULL,
				     &batch->split[i]),
			SP_OK);
}

static void batch_sign(struct batch *batch)
{
	batch_split(batch);
	for (size_t i = 0; i < MANY; i++)
		cr_assert_eq(sp_sign_begin(&batch->sign[i], &post.arena,
				     &batch->message[i], batch->split[i],
				     post.keyring, NULL, &post.sign, NULL),
			SP_OK);
	cr_assert_eq(sp_stages_sign(&post.stages, &post.arena, batch->signs,
			     MANY, NULL),
		SP_OK);
}

static void batch_verify(struct batch *batch)
{
	batch_split(batch);
	for (size_t i = 0; i < MANY; i++)
		cr_assert_eq(sp_verify_begin(&batch->verify[i], &post.arena,
				     &batch->message[i], batch->split[i],
				     &post.verify),
			SP_OK);
	cr_assert_eq(sp_stages_verify(&post.stages, &post.arena, post.keys,
			     batch->verifies, MANY, NULL),
		SP_OK);
}

Test(stages, a_batch_gives_every_message_what_is_its_own)
{
	static struct batch batch;

	post_add_key(&post, "example.com", "rsa", SP_PKEY_RSA, 1024);
	post_add_key(&post, "example.com", "ed", SP_PKEY_ED25519, 0);
	batch_init(&batch);
	batch_sign(&batch);
	for (size_t i = 0; i < MANY; i++) {
		struct sp_buffer text = {0};

		cr_expect_eq(batch.sign[i].reason,
			i % 7 == 3 ? SP_REASON_FROM_MISSING : SP_REASON_OK);
		sp_buffer_add(&text, batch.sign[i].fields);
		sp_buffer_add(&text, sp_buffer_span(&batch.text[i]));
		if (i % 7 == 5)
			sp_buffer_add_str(&text, "changed\n");
		sp_buffer_free(&batch.text[i]);
		batch.text[i] = text;
	}
	batch_verify(&batch);
	for (size_t i = 0; i < MANY; i++) {
		enum sp_verdict expected = i % 7 == 3   ? SP_NONE
					   : i % 7 == 5 ? SP_FAIL
							: SP_PASS;

		cr_expect_eq(batch.verify[i].verdict, expected, "%zu", i);
		cr_expect_eq(batch.verify[i].count, i % 7 == 3 ? 0 : 2);
		sp_buffer_free(&batch.text[i]);
	}
}

/* 60 headers of 300 KB, hashed twice each, are not all in memory at once. */
Test(stages, headers_do_not_pile_up_in_a_batch)
{
	static struct batch batch;
	const size_t bytes_max = 4u << 20;

	post_add_key(&post, "example.com", "e1", SP_PKEY_ED25519, 0);
	post_add_key(&post, "example.com", "e2", SP_PKEY_ED25519, 0);
	for (size_t i = 0; i < MANY; i++) {
		struct sp_buffer *text = &batch.text[i];

		batch.signs[i] = &batch.sign[i];
		batch.verifies[i] = &batch.verify[i];
		sp_buffer_add_str(text, "From: a@example.com\nSubject:");
		for (size_t line = 0; line < 6000; line++)
			sp_buffer_add_format(text, " %-48zu\n", line * i);
		sp_buffer_add_str(text, "\nHi.\n");
		cr_assert_eq(sp_buffer_status(text), SP_OK);
	}
	batch_sign(&batch);
	cr_expect_lt(sp_arena_bytes(&post.arena), bytes_max);
	for (size_t i = 0; i < MANY; i++) {
		struct sp_buffer text = {0};

		sp_buffer_add(&text, batch.sign[i].fields);
		sp_buffer_add(&text, sp_buffer_span(&batch.text[i]));
		sp_buffer_free(&batch.text[i]);
		batch.text[i] = text;
	}
	sp_arena_reset(&post.arena);
	batch_verify(&batch);
	cr_expect_lt(sp_arena_bytes(&post.arena), bytes_max);
	cr_expect_eq(sp_arena_bytes(&post.stages.inputs), 0);
	for (size_t i = 0; i < MANY; i++) {
		cr_expect_eq(batch.verify[i].verdict, SP_PASS, "%zu", i);
		sp_buffer_free(&batch.text[i]);
	}
}

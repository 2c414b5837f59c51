/* SPDX-License-Identifier: Apache-2.0 */
/* Separators and quoting of an mbox (RFC 4155) against memcpy. */
#include "io/mbox.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/letters.h"

struct state {
	struct sp_buffer text; /* an mbox */
	size_t messages;
	char *copy;
};

static void scan(void *arg)
{
	struct state *state = arg;
	struct sp_span all = sp_buffer_span(&state->text);
	size_t found = 0;

	for (size_t at = sp_mbox_find(all, 0, true); at < all.size;
		at = sp_mbox_find(all, at + 1, true))
		found++;
	bench_need(found == state->messages, "a separator was missed");
}

static void unquote(void *arg)
{
	struct state *state = arg;
	unsigned held = 0;
	size_t size = sp_mbox_unquote(
		SP_MBOX_RD, &held, state->copy, sp_buffer_span(&state->text));

	size += sp_mbox_unquote_end(&held, state->copy + size);
	bench_need(size == state->text.size, "unquoting fails");
}

static void copy(void *arg)
{
	struct state *state = arg;

	memcpy(state->copy, state->text.data, state->text.size);
	__asm__ volatile("" : : "r"(state->copy) : "memory");
}

static void open_state(struct state *state)
{
	struct letters letters;

	letters_open(&letters, LETTERS_MAX, false);
	for (size_t i = 0; i < letters.count; i++) {
		sp_buffer_add_str(&state->text,
			"From a@example.com Tue Nov 14 22:13:20 2023\n");
		sp_buffer_add(&state->text, letters.at[i]);
		sp_buffer_add_str(&state->text, "\n");
	}
	state->messages = letters.count;
	letters_close(&letters);
	state->copy = malloc(state->text.size + SP_MBOX_HELD_MAX);
	bench_need(state->copy && state->text.data &&
			   sp_buffer_status(&state->text) == SP_OK,
		"out of memory");
	copy(state);
}

void bench_mbox(struct bench *bench)
{
	static const struct {
		const char *name;
		void (*ours)(void *);
	} cases[] = {{"mbox-scan", scan}, {"mbox-unquote", unquote}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct state state = {.copy = NULL};
		struct bench_item item = {
			.group = "io",
			.variant = "mbox",
			.baseline = "memcpy",
			.unit = BENCH_BYTES,
			.work = 1,
			.ours = cases[i].ours,
			.base = copy,
		};

		snprintf(item.name, sizeof(item.name), "%s", cases[i].name);
		if (!bench_wants(bench, &item))
			continue;
		open_state(&state);
		item.work = (double)state.text.size;
		bench_measure(bench, &item, &state);
		sp_buffer_free(&state.text);
		free(state.copy);
	}
}

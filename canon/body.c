/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical body, piece by piece (RFC 6376 3.4.3, 3.4.4).
 *
 * Work goes by parts: a part is what the input, or the room in the output,
 * has of one line. White space and a CR at the end of a part, and empty lines,
 * mean nothing until what follows them is known, so they are held back. A full
 * output cuts the input into parts like any other cut, which is why nothing
 * here needs to know where it is in a line.
 *
 * Where nothing is held back a kernel takes what it can of many lines at once;
 * parts get the edges. The scalar kernel takes nothing and leaves all to them.
 */
#include "canon/body.h"

#include <assert.h>

#include "canon/scan.h"

/* What a part may write beyond its own bytes: " \r" before it, CRLF after. */
#define PART_ROOM 4u

/* A longer part would keep work from the kernel. */
#define PART_MAX 1024u

_Static_assert(SP_BODY_OUT_MIN > PART_ROOM, "an empty output takes a part");
_Static_assert(SP_BODY_OUT_MIN >= SP_SCAN_ROOM, "and work for a kernel");

struct part {
	struct sp_span text; /* without line end, held-back CR and, in relaxed,
				white space at its end */
	size_t used; /* bytes of input, all of the above included */
	bool line_end; /* the line ends here */
	bool cr; /* a CR that may belong to a line end stands behind text */
	bool space; /* white space stands between text and that CR */
};

void sp_body_init(struct sp_body *body, enum sp_canon canon, uint64_t limit)
{
	*body = (struct sp_body){
		.kernel = sp_scan_kernel(),
		.canon = canon,
		.limit = limit,
	};
}

static char *put_crlf(char *to)
{
	to[0] = '\r';
	to[1] = '\n';
	return to + 2;
}

/* Writes held-back empty lines, as many as fit below end. */
static char *put_empty_lines(struct sp_body *body, char *to, const char *end)
{
	for (; body->empty_lines && end - to >= 2; body->empty_lines--)
		to = put_crlf(to);
	return to;
}

/* Writes the space and, if it has turned out ordinary, the CR held back. */
static char *put_held(struct sp_body *body, char *to, bool cr)
{
	if (body->space)
		*to++ = ' ';
	if (cr)
		*to++ = '\r';
	body->space = false;
	return to;
}

/* Ends the present line; an empty one is held back (3.4.3, 3.4.4). */
static char *put_line_end(struct sp_body *body, char *to)
{
	if (body->in_line)
		to = put_crlf(to);
	else
		body->empty_lines++;
	body->in_line = false;
	body->space = false;
	return to;
}

/* Counts octets in and says how many of them the limit lets out. */
static size_t count_octets(struct sp_body *body, size_t octets)
{
	uint64_t left =
		body->limit > body->total ? body->limit - body->total : 0;

	body->total += octets;
	return octets < left ? octets : (size_t)left;
}

/* The next part of in, of most bytes at most. */
static struct part part_cut(enum sp_canon canon, struct sp_span in, size_t most)
{
	size_t size = in.size < most ? in.size : most;
	const char *lf = memchr(in.data, '\n', size);
	struct part part = {.line_end = lf};
	const char *end = lf ? lf : in.data + size;

	part.used = (size_t)(end - in.data) + part.line_end;
	if (end > in.data && end[-1] == '\r') {
		part.cr = true;
		end--;
	}
	if (canon == SP_CANON_RELAXED) {
		const char *last = end;

		while (end > in.data && sp_is_wsp(end[-1]))
			end--;
		part.space = end != last;
	}
	part.text = sp_span_between(in.data, end);
	return part;
}

static char *put_text(enum sp_canon canon, char *to, struct sp_span text)
{
	if (canon == SP_CANON_RELAXED)
		return sp_scan_squeeze(to, text);
	memcpy(to, text.data, text.size);
	return to + text.size;
}

/* Writes a part and what was held back before it; holds back what ends it. */
static char *put_part(
	struct sp_body *body, char *to, const struct part *part, bool held_cr)
{
	struct sp_span text = part->text;

	if (text.size || held_cr) {
		if (body->space && !held_cr)
			while (sp_is_wsp(text.data[0]))
				text = sp_span_after(text, 1);
		to = put_held(body, to, held_cr);
		to = put_text(body->canon, to, text);
		body->in_line = true;
	}
	body->space |= part->space;
	body->cr = part->cr && !part->line_end;
	return part->line_end ? put_line_end(body, to) : to;
}

/*
 * Takes the empty lines at the end of what a kernel wrote back out of it, and
 * says where in a line the rest leaves off.
 */
static char *hold_empty_lines(struct sp_body *body, const char *first, char *to)
{
	bool in_line = body->in_line;

	if (to > first)
		body->in_line = to[-1] != '\n';
	for (; to > first && to[-1] == '\n'; to -= 2)
		body->empty_lines++;
	/* The first of those line ends may be that of a line with text. */
	if (body->empty_lines && (to > first || in_line)) {
		body->empty_lines--;
		to += 2;
	}
	return to;
}

/* What the kernel can do, when nothing is held back. */
static char *put_bulk(
	struct sp_body *body, struct sp_span *in, char *to, const char *end)
{
	const struct sp_scan_kernel *kernel = body->kernel;
	sp_scan_bulk *bulk = body->canon == SP_CANON_RELAXED ? kernel->relaxed
							     : kernel->simple;

	if (body->cr || body->space || body->empty_lines)
		return to;
	return hold_empty_lines(body, to, bulk(in, to, end));
}

/* The next part, and whatever it lets out; or of that only what fits. */
static char *put_next(
	struct sp_body *body, struct sp_span *in, char *to, const char *end)
{
	size_t room = (size_t)(end - to) - PART_ROOM;
	struct part part =
		part_cut(body->canon, *in, room < PART_MAX ? room : PART_MAX);
	bool held_cr = body->cr && in->data[0] != '\n';

	if (body->empty_lines && (part.text.size || held_cr))
		return put_empty_lines(body, to, end);
	to = put_part(body, to, &part, held_cr);
	*in = sp_span_after(*in, part.used);
	return to;
}

size_t sp_body_update(
	struct sp_body *body, struct sp_span *in, char *out, size_t room)
{
	const char *end = out + room;
	char *to = out;

	assert(room >= SP_BODY_OUT_MIN);
	while (in->size && (size_t)(end - to) >= SP_BODY_OUT_MIN) {
		size_t size = in->size;

		to = put_bulk(body, in, to, end);
		if (in->size == size)
			to = put_next(body, in, to, end);
	}
	return count_octets(body, (size_t)(to - out));
}

struct sp_span sp_body_same(
	struct sp_body *body, struct sp_span *in, size_t least, size_t most)
{
	const struct sp_scan_kernel *kernel = body->kernel;
	sp_scan_same *same = body->canon == SP_CANON_RELAXED
				     ? kernel->same_relaxed
				     : kernel->same_simple;
	struct sp_span none = sp_span(in->data, 0);
	struct sp_span out =
		sp_span(in->data, in->size <= most ? in->size : most);

	if (!same || out.size < least || body->cr || body->space ||
		body->empty_lines)
		return none;
	out.size = same(out);
	/* What these mean depends on what follows. */
	while (out.size && sp_is_fws(out.data[out.size - 1]))
		out.size--;
	if (out.size == 0 || out.size < least || out.size == in->size)
		return none;
	*in = sp_span_after(*in, out.size);
	body->in_line = true;
	out.size = count_octets(body, out.size);
	return out;
}

size_t sp_body_finish(struct sp_body *body, char *out, size_t room)
{
	const char *end = out + room - PART_ROOM;
	char *to = out;

	assert(room >= SP_BODY_OUT_MIN);
	if (body->cr) {
		/* Lines above a last CR count; the limit may spare them. */
		if (body->total >= body->limit) {
			body->total += 2 * body->empty_lines;
			body->empty_lines = 0;
		}
		to = put_empty_lines(body, to, end);
		if (body->empty_lines)
			return count_octets(body, (size_t)(to - out));
		to = put_held(body, to, true);
		body->cr = false;
		body->in_line = true;
	}
	if (body->in_line)
		to = put_line_end(body, to);
	else if (body->canon == SP_CANON_SIMPLE && body->total == 0)
		to = put_crlf(to);
	return count_octets(body, (size_t)(to - out));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* libopendkim in memory: fields by dkim_header(), the body in one piece. */
#include "bench/peers/opendkim_peer.h"

#include <err.h>
#include <stdlib.h>
#include <sys/stat.h>

#define EXIT_TROUBLE 2
#define NAME_BYTES 512

/* libopendkim's callback has no argument of ours. */
static struct sp_span key_text;

struct sp_span peer_read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	char *data;

	if (!file || fstat(fileno(file), &st) != 0)
		err(EXIT_TROUBLE, "%s", path);
	data = malloc((size_t)st.st_size + 1);
	if (!data)
		err(EXIT_TROUBLE, "%s", path);
	if (fread(data, 1, (size_t)st.st_size, file) != (size_t)st.st_size)
		err(EXIT_TROUBLE, "%s", path);
	fclose(file);
	data[st.st_size] = '\0';
	return sp_span(data, (size_t)st.st_size);
}

void peer_add_crlf(struct sp_buffer *out, struct sp_span text)
{
	struct sp_span rest = text;

	while (rest.size > 0) {
		size_t line = sp_span_find(rest, '\n');
		size_t bare = line;

		if (bare > 0 && bare < rest.size && rest.data[bare - 1] == '\r')
			bare--;
		sp_buffer_add(out, sp_span(rest.data, bare));
		sp_buffer_add_str(out, "\r\n");
		rest = sp_span_after(
			rest, line < rest.size ? line + 1 : rest.size);
	}
}

/* Finds "NAME<TAB>VALUE" for the signature's key. */
static DKIM_CBSTAT look_up(
	DKIM *dkim, DKIM_SIGINFO *sig, unsigned char *buf, size_t size)
{
	char name[NAME_BYTES];
	struct sp_span rest = key_text;

	(void)dkim;
	snprintf(name, sizeof(name), "%s._domainkey.%s",
		(const char *)dkim_sig_getselector(sig),
		(const char *)dkim_sig_getdomain(sig));
	while (rest.data) {
		struct sp_span value = sp_span_split(&rest, '\n');
		struct sp_span key = sp_span_split(&value, '\t');

		if (!value.data || value.size >= size)
			continue;
		if (sp_span_is_nocase(key, name)) {
			memcpy(buf, value.data, value.size);
			buf[value.size] = '\0';
			return DKIM_CBSTAT_CONTINUE;
		}
	}
	return DKIM_CBSTAT_NOTFOUND;
}

void peer_open(struct peer *peer, const char *keys)
{
	*peer = (struct peer){.lib = dkim_init(NULL, NULL)};
	if (!peer->lib)
		errx(EXIT_TROUBLE, "dkim_init failed");
	key_text = keys ? peer_read_file(keys) : sp_span(NULL, 0);
	dkim_set_key_lookup(peer->lib, look_up);
}

static dkim_canon_t canon_named(struct sp_span name)
{
	return sp_span_is(name, "simple") ? DKIM_CANON_SIMPLE
					  : DKIM_CANON_RELAXED;
}

void peer_set_key(struct peer *peer, const char *pem_path, const char *selector,
	const char *domain, const char *canon)
{
	struct sp_span rest = sp_span_str(canon);

	peer->secret = (char *)peer_read_file(pem_path).data;
	peer->selector = selector;
	peer->domain = domain;
	peer->header_canon = canon_named(sp_span_split(&rest, '/'));
	peer->body_canon = canon_named(rest);
}

void peer_close(struct peer *peer)
{
	dkim_close(peer->lib);
	free((void *)key_text.data);
	free(peer->secret);
}

/* The length of a field with its continuation lines, less its last CRLF;
 * 0 at the empty line. */
static size_t field_size(struct sp_span rest)
{
	size_t at = 0;

	for (;;) {
		at += sp_span_find(sp_span_after(rest, at), '\n');
		if (at + 1 >= rest.size || !sp_is_wsp(rest.data[at + 1]))
			return at > 0 ? at - 1 : 0;
		at++;
	}
}

static DKIM_STAT feed(DKIM *dkim, struct sp_span message)
{
	struct sp_span rest = message;
	DKIM_STAT status = DKIM_STAT_OK;

	while (rest.size > 0 && rest.data[0] != '\r' && !status) {
		size_t size = field_size(rest);

		status = dkim_header(dkim, (unsigned char *)rest.data, size);
		rest = sp_span_after(rest, size + 2);
	}
	if (rest.size >= 2)
		rest = sp_span_after(rest, 2);
	if (!status)
		status = dkim_eoh(dkim);
	if (!status && rest.size > 0)
		status = dkim_body(dkim, (unsigned char *)rest.data, rest.size);
	return status ? status : dkim_eom(dkim, NULL);
}

DKIM_STAT peer_verify(struct peer *peer, struct sp_span message)
{
	static const unsigned char id[] = "peer";
	DKIM_STAT status;
	DKIM *dkim = dkim_verify(peer->lib, id, NULL, &status);

	if (!dkim)
		errx(EXIT_TROUBLE, "dkim_verify: status %d", status);
	status = feed(dkim, message);
	dkim_free(dkim);
	return status;
}

void peer_sign(struct peer *peer, struct sp_span message, struct sp_buffer *out)
{
	static const unsigned char id[] = "peer";
	DKIM_STAT status;
	DKIM *dkim =
		dkim_sign(peer->lib, id, NULL, (unsigned char *)peer->secret,
			(const unsigned char *)peer->selector,
			(const unsigned char *)peer->domain, peer->header_canon,
			peer->body_canon, DKIM_SIGN_RSASHA256, -1, &status);
	unsigned char *value;
	size_t size;

	if (!dkim)
		errx(EXIT_TROUBLE, "dkim_sign: status %d", status);
	status = feed(dkim, message);
	if (!status)
		status = dkim_getsighdr_d(
			dkim, strlen(DKIM_SIGNHEADER) + 2, &value, &size);
	if (status)
		errx(EXIT_TROUBLE, "signing: status %d, %s", status,
			dkim_geterror(dkim));
	sp_buffer_add_str(out, DKIM_SIGNHEADER ": ");
	peer_add_crlf(out, sp_span(value, size));
	dkim_free(dkim);
}

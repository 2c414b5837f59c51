/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libopendkim as interop/lib.sh drives it:
 *
 *	opendkim_tool verify KEYS FILE...
 *		prints a line "FILE pass", or "FILE status N", for each
 *	opendkim_tool sign PEM SELECTOR DOMAIN CANON OUTDIR FILE...
 *		writes OUTDIR/name-of-FILE, lines as they were in FILE
 */
#include <err.h>
#include <stdlib.h>

#include "bench/peers/opendkim_peer.h"

#define EXIT_USAGE 2

static struct sp_span load(const char *path, struct sp_buffer *crlf)
{
	struct sp_span raw = peer_read_file(path);

	sp_buffer_clear(crlf);
	peer_add_crlf(crlf, raw);
	return raw;
}

static void verify(const char *keys, int count, char **files)
{
	struct sp_buffer message = {0};
	struct peer peer;

	peer_open(&peer, keys);
	for (int i = 0; i < count; i++) {
		struct sp_span raw = load(files[i], &message);
		DKIM_STAT status;

		status = peer_verify(&peer, sp_buffer_span(&message));
		if (status == DKIM_STAT_OK)
			printf("%s pass\n", files[i]);
		else
			printf("%s status %d\n", files[i], status);
		free((void *)raw.data);
	}
	peer_close(&peer);
	sp_buffer_free(&message);
}

static void write_signed(
	const char *path, struct sp_buffer *field, struct sp_span raw)
{
	size_t line = sp_span_find(raw, '\n');
	bool crlf = line > 0 && raw.data[line - 1] == '\r';
	FILE *file = fopen(path, "wb");

	if (!file)
		err(EXIT_USAGE, "%s", path);
	for (size_t i = 0; i < field->size; i++)
		if (crlf || field->data[i] != '\r')
			putc(field->data[i], file);
	fwrite(raw.data, 1, raw.size, file);
	if (fclose(file) != 0)
		err(EXIT_USAGE, "%s", path);
}

static void sign(char **words, int count, char **files)
{
	struct sp_buffer message = {0};
	struct sp_buffer field = {0};
	struct peer peer;

	peer_open(&peer, NULL);
	peer_set_key(&peer, words[0], words[1], words[2], words[3]);
	for (int i = 0; i < count; i++) {
		struct sp_span raw = load(files[i], &message);
		const char *slash = strrchr(files[i], '/');
		char path[4096];

		sp_buffer_clear(&field);
		peer_sign(&peer, sp_buffer_span(&message), &field);
		snprintf(path, sizeof(path), "%s/%s", words[4],
			slash ? slash + 1 : files[i]);
		write_signed(path, &field, raw);
		free((void *)raw.data);
	}
	peer_close(&peer);
	sp_buffer_free(&field);
	sp_buffer_free(&message);
}

int main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "verify") == 0)
		verify(argv[2], argc - 3, argv + 3);
	else if (argc > 7 && strcmp(argv[1], "sign") == 0)
		sign(argv + 2, argc - 7, argv + 7);
	else
		errx(EXIT_USAGE,
			"verify KEYS FILE... | "
			"sign PEM SELECTOR DOMAIN CANON OUTDIR FILE...");
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program of somebody else's, built against the installed library: signs
 * messages in memory and verifies them. Knows nothing but <sealpress.h>. The
 * key is that of RFC 8463 appendix A.
 */
#include <sealpress.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES 3

static const char key[] = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
static const char record[] =
	"s1._domainkey.example.com\t"
	"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n";
static const char *const messages[MESSAGES] = {
	"From: a@example.com\r\nSubject: one\r\n\r\nHello.\r\n",
	"From: a@example.com\nSubject: two\n\nLines that end in LF.\n",
	"From: a@example.com\r\nSubject: no body\r\n\r\n",
};

static struct sp_span span(const char *text)
{
	return (struct sp_span){.data = text, .size = strlen(text)};
}

static void must(enum sp_status status, const struct sp_error *error)
{
	if (status == SP_OK)
		return;
	fprintf(stderr, "%s: %s\n", sp_status_name(status), error->text);
	exit(1);
}

/* The messages with their new fields above them; the caller frees them. */
static void sign(struct sp_session *session, struct sp_span *out)
{
	struct sp_error error;
	struct sp_signer *signer = sp_signer_open(NULL, &error);
	struct sp_span in[MESSAGES];
	struct sp_signed fields[MESSAGES];

	must(signer ? SP_OK : SP_NO_MEMORY, &error);
	must(sp_signer_add_key(signer, "example.com", "s1", span(key), &error),
		&error);
	for (int i = 0; i < MESSAGES; i++)
		in[i] = span(messages[i]);
	must(sp_session_sign(session, signer, in, MESSAGES, fields, &error),
		&error);
	for (int i = 0; i < MESSAGES; i++) {
		size_t size = fields[i].fields.size + in[i].size;
		char *text = malloc(size);

		if (!text)
			exit(1);
		memcpy(text, fields[i].fields.data, fields[i].fields.size);
		memcpy(text + fields[i].fields.size, in[i].data, in[i].size);
		out[i] = (struct sp_span){.data = text, .size = size};
	}
	sp_signer_close(signer);
}

/* Prints the verdict of each message. */
static void verify(struct sp_session *session, const struct sp_span *in)
{
	struct sp_error error;
	struct sp_verifier *verifier = sp_verifier_open(NULL, &error);
	struct sp_verified found[MESSAGES];

	must(verifier ? SP_OK : SP_NO_MEMORY, &error);
	must(sp_verifier_add_keys(verifier, span(record), &error), &error);
	must(sp_session_verify(session, verifier, in, MESSAGES, found, &error),
		&error);
	for (int i = 0; i < MESSAGES; i++)
		printf("%s %s\n", sp_verdict_name(found[i].verdict),
			sp_reason_name(found[i].reason));
	sp_verifier_close(verifier);
}

int main(void)
{
	struct sp_session *session = sp_session_open();
	struct sp_span mail[MESSAGES];
	char *forged;

	if (!session)
		return 1;
	sign(session, mail);
	verify(session, mail);
	/* The last letter of the first body. */
	forged = strstr((char *)(uintptr_t)mail[0].data, "Hello.");
	forged[0] = 'J';
	verify(session, mail);
	for (int i = 0; i < MESSAGES; i++)
		free((char *)(uintptr_t)mail[i].data);
	sp_session_close(session);
	return 0;
}

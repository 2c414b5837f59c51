/* SPDX-License-Identifier: Apache-2.0 */
/* Signing keys: reading key and passphrase files. */
#include "crypto/pkey.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who may read the file may sign as the domain, so only the owner may. */
static enum sp_status check_permissions(const char *path,
	const struct stat *status, const char *what, struct sp_error *error)
{
	if (!(status->st_mode & 077))
		return SP_OK;
	return sp_error(error, SP_CONFIG,
		"%s: group or others can get at this %s (mode %04o); run "
		"'chmod 600 %s', or accept it with "
		"--insecure-key-permissions",
		path, what, (unsigned)(status->st_mode & 07777), path);
}

/* Reads up to room bytes; more than that is SP_CONFIG. */
static enum sp_status read_all(int fd, const char *path, char *bytes,
	size_t room, size_t *size, struct sp_error *error)
{
	*size = 0;
	for (;;) {
		/* One byte more than there is room for tells a file that
		 * is too large from one that fits. */
		char extra;
		bool full = *size == room;
		ssize_t got = read(fd, full ? &extra : bytes + *size,
			full ? 1 : room - *size);

		if (got == 0)
			return SP_OK;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return sp_error_errno(
				error, errno, "%s: cannot be read", path);
		if (full)
			return sp_error(error, SP_CONFIG,
				"%s: too large (more than %zu bytes); give a "
				"file with one key or passphrase in it",
				path, room);
		*size += (size_t)got;
	}
}

/*
 * Reads a key file. The checks are made on the open file, so that what was
 * checked is what is read.
 */
static enum sp_status read_key_file(const char *path, bool insecure,
	char *bytes, size_t *size, struct sp_error *error)
{
	/* Not blocking: opening a FIFO must not wait for a writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum sp_status result = SP_OK;
	struct stat status;

	if (fd < 0)
		return sp_error_errno(
			error, errno, "%s: cannot open the key file", path);
	if (fstat(fd, &status) != 0)
		result = sp_error_errno(error, errno, "%s: no status", path);
	else if (!S_ISREG(status.st_mode))
		result = sp_error(error, SP_CONFIG,
			"%s: not a regular file; give the path of a key file",
			path);
	else if (!insecure)
		result = check_permissions(path, &status, "private key", error);
	if (result == SP_OK)
		result = read_all(
			fd, path, bytes, SP_PKEY_FILE_BYTES_MAX, size, error);
	close(fd);
	return result;
}

/* Reads the first line of the file, without its end, into text. */
static enum sp_status read_passphrase_file(const char *path, bool insecure,
	char text[SP_PASSPHRASE_BYTES_MAX + 1], struct sp_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum sp_status result = SP_OK;
	struct stat status;
	size_t size = 0;

	if (fd < 0)
		return sp_error_errno(error, errno,
			"%s: cannot open the passphrase file", path);
	if (fstat(fd, &status) != 0)
		result = sp_error_errno(error, errno, "%s: no status", path);
	else if (S_ISREG(status.st_mode) && !insecure)
		result = check_permissions(path, &status, "passphrase", error);
	if (result == SP_OK)
		result = read_all(
			fd, path, text, SP_PASSPHRASE_BYTES_MAX, &size, error);
	close(fd);
	if (result != SP_OK)
		return result;
	text[size] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (!text[0])
		return sp_error(error, SP_CONFIG,
			"%s: the first line is empty; it must be the "
			"passphrase",
			path);
	return SP_OK;
}

/*
 * Finds the passphrase the options speak of: *passphrase is then text, the
 * variable's value, or NULL.
 */
static enum sp_status find_passphrase(
	const struct sp_pkey_open_options *options,
	char text[SP_PASSPHRASE_BYTES_MAX + 1], const char **passphrase,
	struct sp_error *error)
{
	*passphrase = NULL;
	if (options->passphrase_file) {
		*passphrase = text;
		return read_passphrase_file(options->passphrase_file,
			options->insecure_permissions, text, error);
	}
	if (!options->passphrase_env)
		return SP_OK;
	*passphrase = getenv(options->passphrase_env);
	if (!*passphrase)
		return sp_error(error, SP_CONFIG,
			"%s: this environment variable is not set; put the "
			"key's passphrase in it",
			options->passphrase_env);
	return SP_OK;
}

enum sp_status sp_pkey_open(struct sp_pkey *key, const char *path,
	const struct sp_pkey_open_options *options, struct sp_error *error)
{
	static const struct sp_pkey_open_options none;
	static const char mark[] = "ENCRYPTED";
	char phrase[SP_PASSPHRASE_BYTES_MAX + 1];
	const char *passphrase = NULL;
	enum sp_status result;
	size_t size = 0;
	char *text = OPENSSL_malloc(SP_PKEY_FILE_BYTES_MAX);

	*key = (struct sp_pkey){0};
	if (!text)
		return sp_error(error, SP_NO_MEMORY, "%s: no memory", path);
	if (!options)
		options = &none;
	result = read_key_file(
		path, options->insecure_permissions, text, &size, error);
	/* Both PKCS#8 and the older "Proc-Type: 4,ENCRYPTED" say it so. */
	if (result == SP_OK && memmem(text, size, mark, sizeof(mark) - 1))
		result = find_passphrase(options, phrase, &passphrase, error);
	if (result == SP_OK)
		result = sp_pkey_parse_private(
			key, sp_span(text, size), path, passphrase, error);
	OPENSSL_cleanse(phrase, sizeof(phrase));
	OPENSSL_clear_free(text, SP_PKEY_FILE_BYTES_MAX);
	return result;
}

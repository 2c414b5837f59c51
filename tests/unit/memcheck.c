/* SPDX-License-Identifier: Apache-2.0 */
/* A test program that runs itself under valgrind. */
#include "tests/unit/memcheck.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEAK_FOUND 9 /* exit status that valgrind is told to use */
#define NO_VALGRIND 127

/* The exit status. */
static int run_valgrind(const char *self, const char *what)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		execlp("valgrind", "valgrind", "--quiet", "--error-exitcode=9",
			self, what, (char *)NULL);
		_exit(NO_VALGRIND);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool memcheck_tells_apart(const char *self)
{
	int leaky = run_valgrind(self, "leaky"), sound;

	if (!HAVE_MEMCHECK || leaky == NO_VALGRIND) {
		printf("no valgrind, so only the times are looked at\n");
		return true;
	}
	sound = run_valgrind(self, "sound");
	printf("memcheck: leaky model %s, model %s\n",
		leaky == LEAK_FOUND ? "found out" : "NOT FOUND OUT",
		sound == 0 ? "without complaint" : "LEAKS");
	return leaky == LEAK_FOUND && sound == 0;
}

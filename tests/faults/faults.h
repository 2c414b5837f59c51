/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked for in FAULT, shared by faults.c and ring.c. */
#ifndef SP_TESTS_FAULTS_FAULTS_H
#define SP_TESTS_FAULTS_FAULTS_H

#include <dlfcn.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* Instead of an errno value: half of what was asked for is done. */
#define FAULT_SHORT (-1)

/* What this call is to fail with, or 0. */
int fault(const char *call, const char *path);

/* Name of an open file, into PATH_MAX bytes; empty when it has none. */
const char *path_of(int fd, char *path);

#endif

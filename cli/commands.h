/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands; argv[0] is the name of each. They return exit statuses. */
#ifndef SP_CLI_COMMANDS_H
#define SP_CLI_COMMANDS_H

int sp_command_sign(int argc, char **argv);
int sp_command_verify(int argc, char **argv);
int sp_command_keygen(int argc, char **argv);
int sp_command_keys(int argc, char **argv);
int sp_command_bench(int argc, char **argv); /* bench/command.c */

#endif

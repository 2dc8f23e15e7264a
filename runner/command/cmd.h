/* SPDX-License-Identifier: MIT */
/* The subcommands. Each parses its options, makes one call and prints the result. */
#ifndef BRUN_CMD_H
#define BRUN_CMD_H

struct buf;
struct err;

/* argv[0] is the subcommand's name. With ret_help the command does nothing but append its options'
 * description to it: an option table lives in one place. 0, or -1 and err. */
typedef int cmd_run_fn(int argc, char **argv, struct buf *ret_help, struct err *err);

cmd_run_fn cmd_build, cmd_run, cmd_plan, cmd_log, cmd_shell, cmd_pack, cmd_inspect, cmd_check,
	cmd_lock, cmd_cache, cmd_doctor, cmd_gc, cmd_root, cmd_verify, cmd_why, cmd_version;

#endif

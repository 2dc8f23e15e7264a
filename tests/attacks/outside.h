/* SPDX-License-Identifier: MIT */
#ifndef BRUN_ATTACKS_OUTSIDE_H
#define BRUN_ATTACKS_OUTSIDE_H

/* DIR NAME BRUN, or DIR NAME --bwrap[-no-caps]: runs an attack as a step, in the directory that
 * tests/attacks/run prepared, among the canaries. 0 it held, 1 it did not, 77 can't tell, 99
 * nothing could be run. */
int outside_main(int argc, char **argv);

#endif

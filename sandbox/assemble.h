/* SPDX-License-Identifier: MIT */
/* From a spec's list of mounts to a root. Safe between clone and exec. */
#ifndef BRUN_SANDBOX_ASSEMBLE_H
#define BRUN_SANDBOX_ASSEMBLE_H

#include "stage.h"

struct sandbox_mount;

/* Does what one entry of the list says, below root. STAGE_DONE, or the stage that failed and
 * errno. */
enum stage assemble_mount(int root, const struct sandbox_mount *mount);

#endif

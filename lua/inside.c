/* SPDX-License-Identifier: MIT */
#include "inside.h"

#include <lua.h>

struct inside *
inside_of(lua_State *L)
{
	return *(struct inside **)lua_getextraspace(L);
}

void
inside_done(struct inside *inside)
{
	source_drop(&inside->sources);
	actions_done(&inside->actions);
	buf_done(&inside->reads);
}

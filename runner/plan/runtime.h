/* SPDX-License-Identifier: MIT */
/* What a recipe's `runtime.env` asks of the launcher; shared by plan and packer. */
#ifndef BRUN_RUNTIME_H
#define BRUN_RUNTIME_H

/* What happens to one environment variable when a packed program starts. */
struct runtime_env {
	enum runtime_env_verb {
		ENV_DEFAULT, /* only where it is unset */
		ENV_SET,
		ENV_PREPEND,
		ENV_APPEND,
		ENV_UNSET,
		ENV_BEHIND, /* the packer's own: config.h's CONFIG_ENV_BEHIND */
	} verb;
	const char *name;
	const char *value;     /* may hold ${ROOT}; NULL for ENV_UNSET */
	const char *separator; /* between old and new, for ENV_PREPEND and ENV_APPEND: ":"; for
				* ENV_BEHIND the other variable's name */
};

#endif

/* SPDX-License-Identifier: MIT */
/* A record that is taken says the same when it is printed and read again. */
#include "store/record.h"

#include "base/buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record record = {0}, again = {0};
	cleanup_buf struct buf text = {0};

	if (record_parse((const char *)data, size, &record, NULL) < 0) {
		return 0;
	}
	record_print(&record, &text);
	if (record_parse(text.data, text.length, &again, NULL) < 0 ||
		!digest_equal(&record.key, &again.key) ||
		!digest_equal(&record.output, &again.output) ||
		strcmp(record.name, again.name) != 0 ||
		strcmp(record.components, again.components) != 0 ||
		record.wall_ms != again.wall_ms || record.finished != again.finished) {
		abort();
	}
	record_done(&record);
	record_done(&again);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "launch.h"
#include "syscall.h"

/* The compiler may call these four whatever it is told. */
__attribute__((used)) void *memcpy(void *to, const void *from, size_t length);
__attribute__((used)) void *memmove(void *to, const void *from, size_t length);
__attribute__((used)) void *memset(void *to, int byte, size_t length);
__attribute__((used)) int memcmp(const void *a, const void *b, size_t length);

void *
memmove(void *to, const void *from, size_t length)
{
	unsigned char *target = to;
	const unsigned char *source = from;

	if (target < source) {
		while (length-- > 0) {
			*target++ = *source++;
		}
	} else {
		while (length-- > 0) {
			target[length] = source[length];
		}
	}
	return to;
}

#if defined(__x86_64__)
/* Fast strings beat any loop here in both size and speed. */
void *
memcpy(void *to, const void *from, size_t length)
{
	void *target = to;

	__asm__ volatile("rep movsb" : "+D"(target), "+S"(from), "+c"(length) : : "memory");
	return to;
}

void *
memset(void *to, int byte, size_t length)
{
	void *target = to;

	__asm__ volatile("rep stosb" : "+D"(target), "+c"(length) : "a"(byte) : "memory");
	return to;
}
#else
void *
memcpy(void *to, const void *from, size_t length)
{
	return memmove(to, from, length);
}

void *
memset(void *to, int byte, size_t length)
{
	for (unsigned char *target = to; length > 0; length--) {
		*target++ = (unsigned char)byte;
	}
	return to;
}
#endif

int
memcmp(const void *a, const void *b, size_t length)
{
	const unsigned char *left = a, *right = b;

	for (; length > 0; length--, left++, right++) {
		if (*left != *right) {
			return *left - *right;
		}
	}
	return 0;
}

void *
memory_take(struct launch *launch, size_t size)
{
	enum { CHUNK = 0x10000, ALIGN = 16 };

	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (size > (size_t)(launch->end - launch->free)) {
		size_t chunk = (size + CHUNK - 1) & ~(size_t)(CHUNK - 1);
		long address = sys_map(0, chunk, CAN_READ | CAN_WRITE,
			MAP_IS_PRIVATE | MAP_ANONYMOUS_PAGES, -1, 0);
		if (is_error(address)) {
			fail(launch, EXIT_REFUSED, "cannot get memory", NULL, NULL, address);
		}
		launch->free = (char *)address;
		launch->end = launch->free + chunk;
	}
	void *taken = launch->free;
	launch->free += size;
	return taken;
}

size_t
text_length(const char *text)
{
	size_t length = 0;

	while (text[length] != '\0') {
		length++;
	}
	return length;
}

char *
text_put(char *at, const char *text, size_t length)
{
	memcpy(at, text, length);
	at[length] = '\0';
	return at + length;
}

char *
text_join(struct launch *launch, const char *first, const char *second, const char *third)
{
	size_t lengths[] = {text_length(first), text_length(second), text_length(third)};
	char *text = memory_take(launch, lengths[0] + lengths[1] + lengths[2] + 1);

	text_put(
		text_put(text_put(text, first, lengths[0]), second, lengths[1]), third, lengths[2]);
	return text;
}

const char *
text_of(const struct launch *launch, struct config_string string)
{
	return string.length > 0 ? launch->config_data + string.offset : "";
}

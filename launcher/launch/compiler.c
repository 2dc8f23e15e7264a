/* SPDX-License-Identifier: MIT */
#include <stddef.h>

/* The compiler may call these whatever it is told. */
__attribute__((used)) void *memcpy(void *to, const void *from, size_t length);
__attribute__((used)) void *memset(void *to, int byte, size_t length);
__attribute__((used)) int memcmp(const void *a, const void *b, size_t length);

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
	const unsigned char *source = from;

	for (unsigned char *target = to; length > 0; length--) {
		*target++ = *source++;
	}
	return to;
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

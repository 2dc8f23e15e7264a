/* SPDX-License-Identifier: MIT */
/* What the filter of numbers and sockets answers, whatever this machine's kernel has: its program
 * is run here. */
#include "sandbox/filter_numbers.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "test.h"

enum { NOT_OURS = 0xbad }; /* an instruction that is not run here */

/* As the kernel does (Documentation/networking/filter.rst), of what there is in it. */
static uint32_t
answer(const struct seccomp_data *data)
{
	const struct program program = filter_numbers_program();
	uint32_t word = 0;

	for (size_t at = 0; at < program.length; at++) {
		const struct sock_filter *code = &program.code[at];
		switch (code->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&word, (const char *)data + code->k, sizeof(word));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			word &= code->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += word == code->k ? code->jt : code->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			at += word > code->k ? code->jt : code->jf;
			break;
		case BPF_RET | BPF_K:
			return code->k;
		default:
			return NOT_OURS;
		}
	}
	return NOT_OURS;
}

#ifdef __x86_64__
enum { NATIVE = AUDIT_ARCH_X86_64, OTHER = AUDIT_ARCH_I386, LAST_OF_OLD = 334 };
#else
enum { NATIVE = AUDIT_ARCH_AARCH64, OTHER = 0, LAST_OF_OLD = 294 };
#endif
enum { FIRST_OF_COMMON = 424, LAST_KNOWN = 450 };

static const uint32_t no_such_call = SECCOMP_RET_ERRNO | ENOSYS;

static bool
is_answered(uint32_t arch, unsigned number, uint32_t expected)
{
	const struct seccomp_data data = {.arch = arch, .nr = (int)number, .args = {AF_UNIX}};
	uint32_t got = answer(&data);

	if (got != expected) {
		printf("# %x, call %u: %x, expected %x\n", arch, number, got, expected);
	}
	return got == expected;
}

TEST(a_young_call_is_none_and_so_is_one_in_the_gap)
{
	for (unsigned number = 0; number < 2000; number++) {
		bool is_gap = number > LAST_OF_OLD && number < FIRST_OF_COMMON;
		bool is_known = number <= LAST_KNOWN && !is_gap;
		CHECK(is_answered(NATIVE, number, is_known ? SECCOMP_RET_ALLOW : no_such_call));
	}
	CHECK(is_answered(NATIVE, ~0U, no_such_call));
}

#ifdef __x86_64__
TEST(of_another_table_young_calls_are_none)
{
	for (unsigned number = 0; number < 2000; number++) {
		if (number != 102) { /* socketcall */
			CHECK(is_answered(OTHER, number,
				number <= LAST_KNOWN ? SECCOMP_RET_ALLOW : no_such_call));
		}
	}
}

TEST(x32_has_no_calls)
{
	for (unsigned number = 0; number < 2000; number++) {
		CHECK(is_answered(NATIVE, 0x40000000 | number, no_such_call));
	}
}

TEST(socketcall_opens_nothing)
{
	for (unsigned call = 0; call < 24; call++) {
		/* linux/net.h: SYS_SOCKET, SYS_SOCKETPAIR; also with bits that the kernel leaves
		 * out. */
		bool is_opening = call == 1 || call == 8;
		for (uint64_t high = 0; high < 2; high++) {
			const struct seccomp_data data = {
				.arch = OTHER, .nr = 102, .args = {high << 32 | call}};
			CHECK(answer(&data) == (is_opening ? SECCOMP_RET_ERRNO | EAFNOSUPPORT
							   : SECCOMP_RET_ALLOW));
		}
	}
}
#endif

static uint32_t
expected_of(unsigned family, unsigned type, unsigned protocol)
{
	bool is_internet = family == AF_INET || family == AF_INET6;
	bool is_usual = protocol == 0 || protocol == IPPROTO_ICMP || protocol == IPPROTO_TCP ||
			protocol == IPPROTO_UDP || protocol == IPPROTO_ICMPV6;

	if (family == AF_UNIX || (family == AF_NETLINK && protocol == NETLINK_ROUTE)) {
		return SECCOMP_RET_ALLOW;
	}
	if (!is_internet) {
		return SECCOMP_RET_ERRNO | EAFNOSUPPORT;
	}
	return (type & 0xf) <= SOCK_RAW && is_usual ? SECCOMP_RET_ALLOW
						    : SECCOMP_RET_ERRNO | EPROTONOSUPPORT;
}

/* A socket by this call, whatever the high halves are: the kernel takes ints. */
static void
open_socket(uint32_t arch, int number, unsigned family, unsigned type, unsigned protocol)
{
	const uint64_t words[] = {family, type, protocol};

	for (uint64_t high = 0; high < 8; high++) {
		struct seccomp_data data = {.arch = arch, .nr = number};
		for (size_t i = 0; i < 3; i++) {
			data.args[i] = words[i] | (high >> i & 1) << 32;
		}
		if (!CHECK(answer(&data) == expected_of(family, type, protocol))) {
			printf("# call %d, family %u, type %u, protocol %u: %x\n", number, family,
				type, protocol, answer(&data));
		}
	}
}

TEST(only_the_sockets_of_builds_can_be_opened)
{
	static const struct {
		uint32_t arch;
		int number;
	} calls[] = {
		{NATIVE, SYS_socket},
		{NATIVE, SYS_socketpair},
#ifdef __x86_64__
		{OTHER, 359},
		{OTHER, 360},
#endif
	};
	static const unsigned flags[] = {0, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_CLOEXEC | 0x10};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		for (unsigned family = 0; family < 48; family++) {
			for (unsigned type = 0; type < 16; type++) {
				for (unsigned protocol = 0; protocol < 300; protocol += 1) {
					open_socket(calls[i].arch, calls[i].number, family,
						type | flags[(type + protocol) % 4], protocol);
				}
			}
		}
	}
}

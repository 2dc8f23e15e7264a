/* SPDX-License-Identifier: MIT */
/* Two things that libseccomp does not do: a system call that is younger than this filter answers
 * ENOSYS (so that what a step sees does not depend on the host's kernel, and nothing unread slips
 * in), and socket families are allowed by a list that looks at the low 32 bits, as the kernel does.
 * seccomp(2), linux/bpf_common.h. */
#include "filter_numbers.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "LOW() takes the first half of a word");

/* set_mempolicy_home_node, Linux 5.17. From 424 on all architectures number alike. */
enum { LAST_KNOWN = 450 };

/* Between these an architecture had no calls of its own until Linux 6.11. */
#ifdef __x86_64__
enum { LAST_OF_OLD = 334, FIRST_OF_COMMON = 424 };
#else
enum { LAST_OF_OLD = 294, FIRST_OF_COMMON = 424 };
#endif

/* SOCK_TYPE_MASK, linux/net.h: what is above are flags. */
enum { SOCKET_TYPES = 0xf };

#define FIELD(name)	offsetof(struct seccomp_data, name)
#define LOAD(offset)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define LOW(index)	LOAD(FIELD(args) + 8 * (index))
#define ANSWER(verdict) BPF_STMT(BPF_RET | BPF_K, (verdict))
/* Jumps over `count` instructions where the loaded word is (not) `value`. */
#define SKIP_IF(value, count)		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (count), 0)
#define SKIP_UNLESS(value, count)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (count))
#define SKIP_IF_ABOVE(value, count)	BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (value), (count), 0)
#define SKIP_UNLESS_ABOVE(value, count) BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (value), 0, (count))

#define ALLOW	ANSWER(SECCOMP_RET_ALLOW)
#define REFUSED SECCOMP_RET_ERRNO | EAFNOSUPPORT

#define NO_SUCH SECCOMP_RET_ERRNO | EPROTONOSUPPORT

/* With the number loaded: answers these two calls, and falls through for all others. Of the
 * internet families only what builds use: opening a socket of another type or protocol loads its
 * module into the host's kernel (net/ipv4/af_inet.c, inet_create), SCTP's for one. */
#define SOCKETS(socket_number, pair_number)                                                        \
	SKIP_IF((socket_number), 1), SKIP_UNLESS((pair_number), 19), LOW(0), SKIP_IF(AF_UNIX, 16), \
		SKIP_IF(AF_INET, 5), SKIP_IF(AF_INET6, 4), SKIP_UNLESS(AF_NETLINK, 2), LOW(2),     \
		SKIP_IF(NETLINK_ROUTE, 11), ANSWER(REFUSED), LOW(1),                               \
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SOCKET_TYPES), SKIP_IF_ABOVE(SOCK_RAW, 6),     \
		LOW(2), SKIP_IF(0, 5), SKIP_IF(IPPROTO_ICMP, 4), SKIP_IF(IPPROTO_TCP, 3),          \
		SKIP_IF(IPPROTO_UDP, 2), SKIP_IF(IPPROTO_ICMPV6, 1), ANSWER(NO_SUCH), ALLOW

#define UNKNOWN_NUMBERS SKIP_UNLESS_ABOVE(LAST_KNOWN, 1), ANSWER(SECCOMP_RET_ERRNO | ENOSYS)
#define GAP                                                                                        \
	SKIP_UNLESS_ABOVE(LAST_OF_OLD, 2), SKIP_IF_ABOVE(FIRST_OF_COMMON - 1, 1),                  \
		ANSWER(SECCOMP_RET_ERRNO | ENOSYS)

#ifdef __x86_64__
/* linux/net.h: the one call through which i386 reaches all of them; its arguments are in memory. */
enum { I386_SOCKETCALL = 102, I386_SOCKET = 359, I386_SOCKETPAIR = 360 };
enum { CALL_SOCKET = 1, CALL_SOCKETPAIR = 8 };

static struct sock_filter code[] = {
	LOAD(FIELD(arch)),
	SKIP_UNLESS(AUDIT_ARCH_I386, 30),
	LOAD(FIELD(nr)),
	UNKNOWN_NUMBERS,
	SOCKETS(I386_SOCKET, I386_SOCKETPAIR),
	SKIP_UNLESS(I386_SOCKETCALL, 4),
	LOW(0),
	SKIP_IF(CALL_SOCKET, 1),
	SKIP_UNLESS(CALL_SOCKETPAIR, 1),
	ANSWER(REFUSED),
	ALLOW,
	/* x86_64; x32 numbers (bit 30) count as unknown ones */
	LOAD(FIELD(nr)),
	UNKNOWN_NUMBERS,
	GAP,
	SOCKETS(__NR_socket, __NR_socketpair),
	ALLOW,
};
#else
static struct sock_filter code[] = {
	LOAD(FIELD(nr)),
	UNKNOWN_NUMBERS,
	GAP,
	SOCKETS(__NR_socket, __NR_socketpair),
	ALLOW,
};
#endif

struct program
filter_numbers_program(void)
{
	return (struct program){.code = code, .length = sizeof(code) / sizeof(*code)};
}

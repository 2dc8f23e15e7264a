/* SPDX-License-Identifier: MIT */
/* Registers as the kernel leaves them: zero; x0 = 0: nothing for atexit. LAUNCH_ROOM below the
 * stack pointer is where the arrays may be moved to. */
	.section .text.entry, "ax", %progbits
	.globl _start
	.hidden _start
	.type _start, %function
_start:
	mov x0, sp
	sub sp, sp, #12288
	mov x29, xzr
	mov x30, xzr
	bl launch_main
	mov x16, x0
	mov sp, x1
	mov x0, xzr
	mov x1, xzr
	mov x2, xzr
	mov x3, xzr
	mov x29, xzr
	mov x30, xzr
	br x16
	.size _start, . - _start
	.section .note.GNU-stack, "", %progbits

/* SPDX-License-Identifier: MIT */
/* Registers as the kernel leaves them (ELF_PLAT_INIT): all zero; rdx = 0: nothing for atexit.
 * LAUNCH_ROOM below the stack pointer is where the arrays may be moved to. */
	.section .text.entry, "ax", @progbits
	.globl _start
	.hidden _start
	.type _start, @function
_start:
	mov %rsp, %rdi
	sub $12288, %rsp
	call launch_main
	mov %rdx, %rsp
	cld
	xor %ecx, %ecx
	xor %edx, %edx
	xor %esi, %esi
	xor %edi, %edi
	xor %r8d, %r8d
	xor %r9d, %r9d
	xor %r10d, %r10d
	xor %r11d, %r11d
	jmp *%rax
	.size _start, . - _start
	.section .note.GNU-stack, "", @progbits

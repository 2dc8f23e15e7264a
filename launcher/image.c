/* SPDX-License-Identifier: MIT */
/* A launcher file: the template (launch/launch.ld), cut behind its note's header, then the
 * configuration as the note's description, then section names and table as the linker made them,
 * then the payload, if any, at the next multiple of 64 KiB. The one PT_LOAD is made to reach to the
 * configuration's end: the kernel maps it, and strip keeps it, for a section covers it. */
#include "image.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "elf.h"
#include "plan/runtime.h"
#include "templates.h"

#include <string.h>

enum {
	NOTE_TYPE = 1,
	NOTE_HEADER = sizeof(Elf64_Nhdr) + 8, /* the name, "brun\0", and its padding */
	CONFIG_LIMIT = 1 << 24,
	PAYLOAD_ALIGN = 0x10000,
};

static const struct image_template *
find_template(uint16_t machine)
{
	for (const struct image_template *at = image_templates; at->size > 0; at++) {
		if (at->machine == machine) {
			return at;
		}
	}
	return NULL;
}

/* The note with our name; false when the file has none. */
static bool
find_note(const struct elf *elf, Elf64_Phdr *ret_segment)
{
	for (uint16_t i = 0; i < elf->segment_count; i++) {
		Elf64_Phdr segment = elf_segment(elf, i);
		Elf64_Nhdr note;
		if (segment.p_type != PT_NOTE || segment.p_filesz < NOTE_HEADER ||
			segment.p_offset > elf->size ||
			segment.p_filesz > elf->size - segment.p_offset) {
			continue;
		}
		const unsigned char *data = elf->data + segment.p_offset;
		memcpy(&note, data, sizeof(note));
		if (note.n_namesz == 5 && note.n_type == NOTE_TYPE &&
			memcmp(data + sizeof(note), "brun\0\0\0\0", 8) == 0) {
			*ret_segment = segment;
			return true;
		}
	}
	return false;
}

static void
put32(struct buf *buf, size_t at, size_t value)
{
	uint32_t number = (uint32_t)value;

	memcpy(buf->data + at, &number, sizeof(number));
}

static void
add_zeros(struct buf *buf, size_t count)
{
	memset(buf_reserve(buf, count), 0, count);
	buf->length += count;
	buf->data[buf->length] = '\0';
}

static void
put_text(struct buf *buf, const char *text)
{
	buf_add(buf, text ? text : "", text ? strlen(text) + 1 : 1);
}

static uint32_t
count_words(const char *words)
{
	uint32_t count = words && *words;

	for (; words && *words; words++) {
		count += *words == '\n';
	}
	return count;
}

/* Each becomes a string. */
static void
put_words(struct buf *buf, const char *words)
{
	size_t at = buf->length;

	if (words && *words) {
		put_text(buf, words);
	}
	for (; at < buf->length; at++) {
		if (buf->data[at] == '\n') {
			buf->data[at] = '\0';
		}
	}
}

/* A path below the resources, from the output directory. */
static void
put_path(const struct image_spec *spec, struct buf *buf, const char *path)
{
	if (path && *path) {
		buf_printf(buf, "brun-resources.d/%s/%s", spec->id, path);
	}
	buf_putc(buf, '\0');
}

static void
put_needed(const struct image_spec *spec, struct buf *buf, size_t i)
{
	const char *slash = spec->interpreter ? strrchr(spec->interpreter, '/') : NULL;
	const char *name = spec->needed[i];

	if (slash && strcmp(name, slash + 1) == 0) {
		buf_putc(buf, CONFIG_LOADED);
	} else if (spec->is_named && spec->is_named[i]) {
		buf_putc(buf, CONFIG_NAMED);
	}
	put_text(buf, name);
}

static void
put_env(struct buf *buf, const struct runtime_env *env)
{
	static const char verbs[] = {
		[ENV_DEFAULT] = CONFIG_ENV_DEFAULT,
		[ENV_SET] = CONFIG_ENV_SET,
		[ENV_PREPEND] = CONFIG_ENV_PREPEND,
		[ENV_APPEND] = CONFIG_ENV_APPEND,
		[ENV_UNSET] = CONFIG_ENV_UNSET,
		[ENV_BEHIND] = CONFIG_ENV_BEHIND,
	};

	buf_putc(buf, verbs[env->verb]);
	put_text(buf, env->name);
	put_text(buf, env->value);
	put_text(buf, env->separator);
}

/* config.c's format. */
static void
put_config(const struct image_spec *spec, uint32_t levels, struct buf *buf)
{
	struct config_head head = {
		.magic = {'b', 'r', 'u', 'n', 'l', 'c', 'h', '4'},
		.kind = spec->kind,
		.flags = (spec->is_glibc ? CONFIG_GLIBC : 0) |
			 (spec->is_searched ? CONFIG_SEARCHED : 0),
		.argument_count = count_words(spec->argument),
		.needed_count = (uint32_t)spec->needed_count,
		.env_count = (uint32_t)spec->env_count,
		.levels = levels,
		.written = spec->written,
		.payload_size = spec->payload ? spec->payload_size : 0,
		.debug = spec->debug,
	};

	buf_add(buf, &head, sizeof(head));
	put_text(buf, spec->id);
	if (spec->kind == CONFIG_RUN) {
		put_text(buf, spec->program);
	} else {
		put_path(spec, buf, spec->program);
	}
	put_path(spec, buf, spec->interpreter);
	put_path(spec, buf, spec->library_dir);
	put_text(buf, spec->runpath);
	put_text(buf, spec->argv0);
	put_text(buf, spec->script);
	put_words(buf, spec->argument);
	for (size_t i = 0; i < spec->needed_count; i++) {
		put_needed(spec, buf, i);
	}
	for (size_t i = 0; i < spec->env_count; i++) {
		put_env(buf, &spec->env[i]);
	}
	/* What the linker has put behind stays aligned. */
	add_zeros(buf, -buf->length % 8);
	put32(buf, offsetof(struct config_head, size), buf->length);
}

/* "../.." is 2; -1 where it is not of this form. */
static int
count_levels(const char *up)
{
	int levels = 0;

	for (; up && *up; levels++) {
		if (strncmp(up, "..", 2) != 0 || (up[2] != '/' && up[2] != '\0')) {
			return -1;
		}
		up += up[2] == '/' ? 3 : 2;
	}
	return levels;
}

/* What lies behind the note's header in the template moves by `growth`. */
static void
grow(struct buf *file, const Elf64_Phdr *note, size_t growth)
{
	Elf64_Ehdr header;
	size_t edge = note->p_offset + NOTE_HEADER;

	memcpy(&header, file->data, sizeof(header));
	header.e_shoff += growth;
	memcpy(file->data, &header, sizeof(header));
	for (size_t i = 0; i < header.e_phnum; i++) {
		char *at = file->data + header.e_phoff + i * sizeof(Elf64_Phdr);
		Elf64_Phdr segment;
		memcpy(&segment, at, sizeof(segment));
		if (segment.p_offset + segment.p_filesz == edge) {
			segment.p_filesz = segment.p_memsz = segment.p_filesz + growth;
		}
		memcpy(at, &segment, sizeof(segment));
	}
	for (size_t i = 0; i < header.e_shnum; i++) {
		char *at = file->data + header.e_shoff + i * sizeof(Elf64_Shdr);
		Elf64_Shdr section;
		memcpy(&section, at, sizeof(section));
		if (section.sh_offset == note->p_offset) {
			section.sh_size += growth;
			section.sh_flags = SHF_ALLOC;
		} else if (section.sh_offset >= edge) {
			section.sh_offset += growth;
		}
		memcpy(at, &section, sizeof(section));
	}
}

static int
check_spec(const struct image_spec *spec, struct err *err)
{
	const char *program = spec->program ? spec->program : "";

	size_t words = spec->env_count + count_words(spec->argument);
	if (words > CONFIG_ENV_MAX) {
		return err_fail(err, STATUS_UNPACKABLE,
			"%s: %zu environment operations and arguments; a launcher holds at most %d",
			program, words, CONFIG_ENV_MAX);
	}
	if (spec->needed_count > CONFIG_LIMIT / 64) {
		return err_fail(err, STATUS_UNPACKABLE,
			"%s: %zu libraries; a launcher holds at most %d", program,
			spec->needed_count, CONFIG_LIMIT / 64);
	}
	for (size_t i = 0; i < spec->needed_count; i++) {
		if (*spec->needed[i] == CONFIG_LOADED || *spec->needed[i] == CONFIG_NAMED) {
			return err_fail(err, STATUS_UNPACKABLE,
				"%s: needs '%s'; a launcher cannot name a library with '%c' first",
				program, spec->needed[i], *spec->needed[i]);
		}
	}
	return 0;
}

/* Lays the payload at the file's end; the configuration is told where. */
static void
put_payload(const struct image_spec *spec, struct buf *file, size_t config_at)
{
	size_t padding = -file->length % PAYLOAD_ALIGN;
	uint64_t offset = file->length + padding;

	add_zeros(file, padding);
	memcpy(file->data + config_at + offsetof(struct config_head, payload_offset), &offset,
		sizeof(offset));
	buf_add(file, spec->payload, spec->payload_size);
}

int
image_build(const struct image_spec *spec, struct buf *ret_file, struct err *err)
{
	const struct image_template *template = find_template(spec->machine);
	cleanup_buf struct buf config = {0}, file = {0};
	struct config parsed;
	struct elf elf;
	Elf64_Phdr note;

	if (check_spec(spec, err) < 0) {
		return -1;
	}
	if (!template) {
		return err_fail(err, STATUS_UNPACKABLE,
			"%s: no launcher for ELF machine %u in this build of brun",
			spec->program ? spec->program : "", spec->machine);
	}
	if (elf_open(template->data, template->size, &elf) || !find_note(&elf, &note)) {
		return err_fail(err, STATUS_UNPACKABLE, "the built-in launcher is damaged");
	}
	size_t edge = note.p_offset + NOTE_HEADER;
	int levels = count_levels(spec->up);
	put_config(spec, (uint32_t)levels, &config);
	const char *why = config.length > CONFIG_LIMIT ? "a configuration that is too long"
			  : levels < 0		       ? "a configuration that makes no sense"
				       : config_parse(config.data, config.length, &parsed);
	if (why) {
		return err_fail(err, STATUS_UNPACKABLE, "%s: the launcher would get %s",
			spec->program ? spec->program : "", why);
	}
	buf_add(&file, template->data, edge);
	buf_add(&file, config.data, config.length);
	buf_add(&file, template->data + edge, template->size - edge);
	put32(&file, note.p_offset + offsetof(Elf64_Nhdr, n_descsz), config.length);
	grow(&file, &note, config.length);
	if (spec->payload) {
		put_payload(spec, &file, edge);
	}
	buf_add(ret_file, file.data, file.length);
	return 0;
}

bool
image_read(const void *data, size_t size, struct config *ret_config, const char **ret_why)
{
	struct elf elf;
	Elf64_Phdr segment;
	Elf64_Nhdr note;

	if (elf_open(data, size, &elf) || !find_note(&elf, &segment)) {
		return false;
	}
	memcpy(&note, elf.data + segment.p_offset, sizeof(note));
	*ret_why = note.n_descsz > segment.p_filesz - NOTE_HEADER
			   ? "a configuration that is cut off"
			   : config_parse(elf.data + segment.p_offset + NOTE_HEADER, note.n_descsz,
				     ret_config);
	return true;
}

const char *
image_launcher_version(void)
{
	return image_templates_hash;
}

/* SPDX-License-Identifier: MIT */
/* What an unpack helper may tell that an archive has taken over: whatever it is, nothing appears
 * outside, and a tree that comes of it is what is on the disk. */
#include "archive/receive.h"

#include "archive/archive.h"
#include "archive/parcel.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "scratch.h"
#include "test.h"

struct telling {
	struct scratch scratch;
	int stream, to, result;
	struct parcel_writer writer;
	struct tree tree;
	struct err err;
};

static struct telling *
telling_new(void)
{
	struct telling *telling = mem_zalloc(1, sizeof(*telling));

	telling->scratch = scratch_new();
	scratch_file(telling->scratch.fd, "outside", 0644, "untouched");
	telling->to = scratch_dir(&telling->scratch, "to");
	telling->stream = memfd_create("stream", MFD_CLOEXEC);
	parcel_writer_init(&telling->writer, telling->stream);
	return telling;
}

static void
telling_slot(struct telling **slot)
{
	struct telling *telling = *slot;
	struct stat st;

	CHECK(fstatat(telling->scratch.fd, "outside", &st, 0) == 0 && st.st_size == 9 &&
		(st.st_mode & 0777) == 0644);
	parcel_writer_done(&telling->writer);
	tree_done(&telling->tree);
	close(telling->to);
	close(telling->stream);
	scratch_done(&telling->scratch);
	free(telling);
}

#define TELLING(name) __attribute__((cleanup(telling_slot))) struct telling *name = telling_new()

static int
receive(struct telling *telling)
{
	const struct archive_limits limits = {.bytes = 8 << 20, .entries = 10};

	CHECK(lseek(telling->stream, 0, SEEK_SET) == 0);
	telling->result = receive_tree(
		telling->stream, telling->to, &limits, -1, &telling->tree, &telling->err);
	if (telling->result == 1) {
		CHECK(tree_verify(&telling->tree, telling->to, &telling->err) == 0);
	}
	return telling->result;
}

static int
tell_end(struct telling *telling)
{
	const struct err well = {0};

	CHECK(parcel_put_end(&telling->writer, &well) == 0);
	return receive(telling);
}

TEST(a_stream_without_an_end_is_none)
{
	TELLING(telling);
	const struct err well = {0};

	parcel_put(&telling->writer, PARCEL_FILE, "a", NULL);
	parcel_put_data(&telling->writer, "one", 3);
	CHECK(parcel_put_end(&telling->writer, &well) == 0);
	off_t length = lseek(telling->stream, 0, SEEK_END);
	for (off_t cut = 0; cut < length; cut++) {
		TELLING(shorter);
		lseek(telling->stream, 0, SEEK_SET);
		lseek(shorter->stream, 0, SEEK_SET);
		char bytes[512];
		CHECK(read(telling->stream, bytes, (size_t)cut) == cut);
		CHECK(write(shorter->stream, bytes, (size_t)cut) == cut);
		CHECK(receive(shorter) == 0);
	}
	CHECK(receive(telling) == 1 && telling->tree.count == 1);
}

TEST(a_path_that_leads_out_makes_no_sense)
{
	static const char *const paths[] = {
		"../outside", "/tmp/x", "a/../../outside", "./a", "a//b", "a/"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		for (const char *kind = "dfxl"; *kind; kind++) {
			TELLING(telling);
			parcel_put(&telling->writer, (enum parcel_kind) * kind, paths[i],
				*kind == 'l' ? "x" : NULL);
			CHECK(tell_end(telling) == 0);
		}
		TELLING(telling);
		parcel_put(&telling->writer, PARCEL_HARD_LINK, "a", paths[i]);
		CHECK(tell_end(telling) == 0);
	}
}

TEST(nothing_goes_through_a_link)
{
	for (const char *kind = "dfxlh"; *kind; kind++) {
		TELLING(telling);
		parcel_put(&telling->writer, PARCEL_LINK, "door", "..");
		parcel_put(&telling->writer, (enum parcel_kind) * kind, "door/outside",
			strchr("lh", *kind) ? "door" : NULL);
		CHECK(tell_end(telling) == -1 && telling->err.status == STATUS_SOURCE);
	}
}

TEST(contents_of_nothing_make_no_sense)
{
	TELLING(first);
	TELLING(behind);

	parcel_put_data(&first->writer, "one", 3);
	CHECK(tell_end(first) == 0);
	parcel_put(&behind->writer, PARCEL_LINK, "a", "b");
	parcel_put_hole(&behind->writer, 3);
	CHECK(tell_end(behind) == 0);
}

TEST(limits_hold_for_a_helper_that_keeps_none)
{
	TELLING(large);
	TELLING(many);

	parcel_put(&large->writer, PARCEL_FILE, "a", NULL);
	parcel_put_hole(&large->writer, UINT64_MAX);
	CHECK(tell_end(large) == -1 && large->err.status == STATUS_LIMIT);
	for (int i = 0; i < 11; i++) {
		char name[2] = {(char)('a' + i), '\0'};
		parcel_put(&many->writer, PARCEL_FILE, name, NULL);
	}
	CHECK(tell_end(many) == -1 && many->err.status == STATUS_LIMIT);
}

TEST(files_of_all_sizes_are_what_the_tree_says)
{
	TELLING(telling);
	static char block[3 << 20];

	memset(block, 'x', sizeof(block));
	parcel_put(&telling->writer, PARCEL_FILE, "empty", NULL);
	parcel_put(&telling->writer, PARCEL_PROGRAM, "small", NULL);
	parcel_put_data(&telling->writer, block, 100);
	parcel_put_hole(&telling->writer, 100);
	parcel_put_data(&telling->writer, block, 100);
	parcel_put(&telling->writer, PARCEL_FILE, "large", NULL);
	parcel_put_data(&telling->writer, block, 1000);
	parcel_put_data(&telling->writer, block, sizeof(block));
	parcel_put_hole(&telling->writer, 1 << 20);
	CHECK(tell_end(telling) == 1 && telling->tree.count == 3);
	const struct tree_entry *large = tree_find(&telling->tree, "large");
	CHECK(large && large->size == 1000 + sizeof(block) + (1 << 20));
	const struct tree_entry *small = tree_find(&telling->tree, "small");
	CHECK(small && small->size == 300 && small->type == TREE_PROGRAM);
}

/* The signal comes as soon as the stream, which fills its pipe, has been read. */
TEST(a_hole_of_terabytes_can_be_stopped)
{
	TELLING(telling);
	const struct archive_limits limits = {.bytes = (uint64_t)1 << 41, .entries = 10};
	const struct err well = {0};
	struct epoll_event writable = {.events = EPOLLOUT};
	int ends[2];

	CHECK(pipe2(ends, O_CLOEXEC) == 0 && fcntl(ends[1], F_SETPIPE_SZ, 4096) == 4096);
	telling->writer.fd = ends[1];
	parcel_put(&telling->writer, PARCEL_FILE, "a", NULL);
	char *filler = mem_zalloc(1, 3999);
	parcel_put_data(&telling->writer, filler, 3999);
	free(filler);
	parcel_put_hole(&telling->writer, (uint64_t)1 << 40);
	CHECK(parcel_put_end(&telling->writer, &well) == 0);
	cleanup_fd int stop = epoll_create1(EPOLL_CLOEXEC);
	CHECK(epoll_ctl(stop, EPOLL_CTL_ADD, ends[1], &writable) == 0);
	CHECK(!cancel_is_asked(stop));
	CHECK(receive_tree(ends[0], telling->to, &limits, stop, &telling->tree, &telling->err) ==
		-1);
	CHECK(telling->err.status == STATUS_INTERRUPTED);
	close(ends[0]);
	close(ends[1]);
}

TEST(a_hard_link_is_what_its_original_was_then)
{
	TELLING(telling);

	parcel_put(&telling->writer, PARCEL_PROGRAM, "a", NULL);
	parcel_put_data(&telling->writer, "one", 3);
	parcel_put(&telling->writer, PARCEL_HARD_LINK, "b", "a");
	parcel_put(&telling->writer, PARCEL_FILE, "a", NULL);
	parcel_put_data(&telling->writer, "other", 5);
	parcel_put(&telling->writer, PARCEL_HARD_LINK, "c", "b");
	CHECK(tell_end(telling) == 1 && telling->tree.count == 3);
	const struct tree_entry *last = tree_find(&telling->tree, "c");
	CHECK(last && last->size == 3 && last->type == TREE_PROGRAM);
}

TEST(the_helpers_words_are_printed_safely)
{
	TELLING(telling);
	const struct err how = {.status = STATUS_SOURCE, .number = 7, .text = "no \033[2J good"};

	CHECK(parcel_put_end(&telling->writer, &how) == 0);
	CHECK(receive(telling) == -1 && telling->err.number == 7);
	CHECK(!strchr(telling->err.text, '\033'));
	TELLING(beyond);
	const struct err unknown = {.status = (enum status)77, .text = "x"};
	CHECK(parcel_put_end(&beyond->writer, &unknown) == 0 && receive(beyond) == 0);
}

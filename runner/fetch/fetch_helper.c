/* SPDX-License-Identifier: MIT */
/* fetch-helper: does what fetch.c asks for on descriptor 0 (the protocol stands there), with
 * libcurl, and writes to no file but those that it is handed. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "fetch/address.h"
#include "fetch/attempt.h"
#include "fetch/backoff.h"
#include "fetch/fetch_confine.h"
#include "fetch/transfer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SOCKET = 0,
	MESSAGE_MOST = 160 * 1024,
	RUNNING_MOST = 16,
	PROGRESS_MS = 200,
	TICK_MS = 200,
	STALL_MS = 30000,
	IDLE_WAIT_MS = 60000,
};

struct helper {
	CURLM *multi;
	struct transfer *transfers;
	uint64_t backoff_ms, stall_ms, told_ms;
	bool is_done; /* the other side has hung up */
	char message[MESSAGE_MOST + 1];
};

/* A number from the environment: tests don't wait. */
static uint64_t
setting(const char *name, uint64_t fallback)
{
	const char *value = getenv(name);

	return value && *value ? strtoull(value, NULL, 10) : fallback;
}

static void
tell(const struct buf *message)
{
	ssize_t sent;

	do {
		sent = send(SOCKET, message->data, message->length, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
}

static void
tell_progress(struct transfer *transfer)
{
	cleanup_buf struct buf message = {0};
	cleanup_free char *url = address_shown(transfer->sources[transfer->at].url);

	transfer->told_done = transfer->download.done;
	buf_printf(&message, "progress %" PRIu64 " %" PRIu64 " %" PRIu64 "\n%s", transfer->id,
		transfer->download.done, transfer->download.total, url);
	tell(&message);
}

static void
tell_end(const struct transfer *transfer)
{
	cleanup_buf struct buf message = {0};

	buf_printf(&message, "end %" PRIu64 " %d %d\n%s", transfer->id, (int)transfer->err.status,
		transfer->err.number, transfer->err.text);
	tell(&message);
}

/* "get ID SHA256|- LIMIT\nURL\n…" and a descriptor. */
static void
begin(struct helper *helper, char *text, int fd)
{
	char hex[DIGEST_HEX] = "";
	uint64_t id, limit;
	struct digest wanted;
	int at = 0;

	if (sscanf(text, "get %" SCNu64 " %64s %" SCNu64 "\n%n", &id, hex, &limit, &at) != 3 ||
		at == 0 || text[at] == '\0' || fd < 0) {
		exit(STATUS_USAGE);
	}
	bool is_checked = digest_parse(hex, &wanted);
	struct transfer *transfer = transfer_new(
		id, fd, text + at, is_checked ? &wanted : NULL, limit, helper->backoff_ms);
	transfer->next = helper->transfers;
	helper->transfers = transfer;
}

static void
cancel(struct helper *helper, uint64_t id)
{
	for (struct transfer **slot = &helper->transfers; *slot; slot = &(*slot)->next) {
		if ((*slot)->id == id) {
			struct transfer *transfer = *slot;
			*slot = transfer->next;
			transfer_free(transfer, helper->multi);
			return;
		}
	}
}

/* One message and the descriptor that came with it; false when there is none now. */
static bool
receive(struct helper *helper, size_t *ret_length, int *ret_fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = {helper->message, MESSAGE_MOST};
	struct msghdr header = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(SOCKET, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
		return false;
	}
	if (got <= 0) {
		helper->is_done = true;
		return false;
	}
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
	*ret_fd = -1;
	if (cmsg && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_RIGHTS) {
		memcpy(ret_fd, CMSG_DATA(cmsg), sizeof(*ret_fd));
	}
	helper->message[got] = '\0';
	*ret_length = (size_t)got;
	return true;
}

static void
take_messages(struct helper *helper)
{
	size_t length;
	uint64_t id;
	int fd;

	while (receive(helper, &length, &fd)) {
		if (sscanf(helper->message, "cancel %" SCNu64, &id) == 1) {
			fs_close_slot(&fd);
			cancel(helper, id);
		} else {
			begin(helper, helper->message, fd);
		}
	}
}

static void
start_due(struct helper *helper)
{
	size_t running = 0;

	for (struct transfer *transfer = helper->transfers; transfer; transfer = transfer->next) {
		running += transfer->is_running;
	}
	for (struct transfer *transfer = helper->transfers; transfer && running < RUNNING_MOST;
		transfer = transfer->next) {
		if (!transfer->is_running && transfer->wake_ms <= clock_now_ms()) {
			transfer_go_on(transfer, helper->multi, clock_now_ms());
			running++;
		}
	}
}

/* Attempts that curl has ended. */
static void
end_attempts(struct helper *helper)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(helper->multi, &left)) != NULL) {
		struct transfer *transfer = NULL;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		transfer_attempt_ended(
			transfer, helper->multi, message->data.result, clock_now_ms());
	}
}

static void
end_stalled(struct helper *helper)
{
	for (struct transfer *transfer = helper->transfers; transfer; transfer = transfer->next) {
		if (transfer->is_running &&
			attempt_is_stalled(&transfer->attempt, clock_now_ms(), helper->stall_ms)) {
			transfer_attempt_ended(
				transfer, helper->multi, CURLE_OPERATION_TIMEDOUT, clock_now_ms());
		}
	}
}

static void
report(struct helper *helper)
{
	bool is_time = clock_now_ms() - helper->told_ms >= PROGRESS_MS;

	for (struct transfer **slot = &helper->transfers; *slot;) {
		struct transfer *transfer = *slot;
		bool has_news = transfer->download.done != transfer->told_done;
		if (has_news && (is_time || transfer->has_ended)) {
			tell_progress(transfer);
		}
		if (transfer->has_ended) {
			*slot = transfer->next;
			tell_end(transfer);
			transfer_free(transfer, helper->multi);
		} else {
			slot = &transfer->next;
		}
	}
	if (is_time) {
		helper->told_ms = clock_now_ms();
	}
}

/* How long nothing has to be done, if nothing happens; curl has its own idea, the shorter
 * counts. */
static int
idle_ms(const struct helper *helper)
{
	uint64_t time = clock_now_ms(), wait = IDLE_WAIT_MS;

	for (struct transfer *transfer = helper->transfers; transfer; transfer = transfer->next) {
		uint64_t own = TICK_MS;
		if (transfer->is_running) {
			own = helper->stall_ms < own ? helper->stall_ms : own;
		} else if (transfer->wake_ms <= time) {
			own = 1; /* waits for one of the others to end */
		} else if (transfer->wake_ms - time < own) {
			own = transfer->wake_ms - time;
		}
		wait = own < wait ? own : wait;
	}
	return (int)wait;
}

static void
serve(struct helper *helper)
{
	struct curl_waitfd extra = {.fd = SOCKET, .events = CURL_WAIT_POLLIN};
	int running;

	while (!helper->is_done) {
		start_due(helper);
		curl_multi_perform(helper->multi, &running);
		end_attempts(helper);
		end_stalled(helper);
		report(helper);
		curl_multi_poll(helper->multi, &extra, 1, idle_ms(helper), NULL);
		take_messages(helper);
	}
}

int
main(void)
{
	static struct helper helper;
	struct err err = {0};

	if (fetch_confine(&err) < 0) {
		fprintf(stderr, "fetch-helper: %s\n", err.text);
		return err.status;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		return STATUS_STORE;
	}
	helper.multi = curl_multi_init();
	helper.backoff_ms = setting("BRUN_FETCH_BACKOFF_MS", BACKOFF_MS);
	helper.stall_ms = setting("BRUN_FETCH_STALL_MS", STALL_MS);
	serve(&helper);
	while (helper.transfers) {
		cancel(&helper, helper.transfers->id);
	}
	curl_multi_cleanup(helper.multi);
	curl_global_cleanup();
	return STATUS_OK;
}

/* SPDX-License-Identifier: MIT */
#include "fetch/transfer.h"

#include "base/buf.h"
#include "base/mem.h"
#include "fetch/address.h"
#include "fetch/backoff.h"
#include "text/printable.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	ROUNDS = 5,
	IDLE_TRIES = 5,		/* broken answers in a row … */
	IDLE_BYTES = 256 * 1024 /* … that brought less than this */
};

static void
add_sources(struct transfer *transfer, const char *urls)
{
	while (*urls) {
		size_t length = strcspn(urls, "\n");
		transfer->sources = mem_resize(
			transfer->sources, transfer->source_count + 1, sizeof(*transfer->sources));
		transfer->sources[transfer->source_count++] =
			(struct source){.url = mem_strndup(urls, length)};
		urls += length + (urls[length] == '\n');
	}
}

struct transfer *
transfer_new(uint64_t id, int fd, const char *urls, const struct digest *wanted, uint64_t limit,
	uint64_t backoff_ms)
{
	struct transfer *transfer = mem_zalloc(1, sizeof(*transfer));

	transfer->id = id;
	transfer->is_checked = wanted != NULL;
	transfer->backoff_ms = backoff_ms;
	if (wanted) {
		transfer->wanted = *wanted;
	}
	add_sources(transfer, urls);
	download_init(&transfer->download, fd, limit);
	/* What an earlier helper left in it does not count. */
	download_restart(&transfer->download);
	return transfer;
}

void
transfer_free(struct transfer *transfer, CURLM *multi)
{
	struct outcome outcome;

	if (transfer->is_running) {
		attempt_end(&transfer->attempt, multi, CURLE_ABORTED_BY_CALLBACK, &outcome);
	}
	for (size_t i = 0; i < transfer->source_count; i++) {
		free(transfer->sources[i].url);
		free(transfer->sources[i].answer);
	}
	free(transfer->sources);
	download_done(&transfer->download);
	free(transfer);
}

void
transfer_go_on(struct transfer *transfer, CURLM *multi, uint64_t now_ms)
{
	struct source *source = &transfer->sources[transfer->at];
	/* Without a hash https is all that vouches for the bytes. */
	bool https_only = !transfer->is_checked && strncasecmp(source->url, "https:", 6) == 0;

	source->tries++;
	transfer->is_running = true;
	attempt_begin(&transfer->attempt, multi, source->url, https_only, &transfer->download,
		now_ms, transfer);
}

static void
add_report(struct buf *report, const struct transfer *transfer, const struct source *source)
{
	cleanup_free char *url = address_shown(source->url);
	cleanup_free char *answer = printable_name(source->answer ? source->answer : "not asked");
	char hex[DIGEST_HEX];

	buf_printf(report, "%s: %s", url, answer);
	if (source->is_mismatch) {
		buf_printf(report, "\n  expected sha256 %s", digest_hex(&transfer->wanted, hex));
		buf_printf(report, "\n  got      sha256 %s", digest_hex(&source->got, hex));
	} else if (source->tries > 1) {
		buf_printf(report, " (asked %u times)", source->tries);
	}
}

/* All addresses are through. */
static void
fail(struct transfer *transfer)
{
	cleanup_buf struct buf report = {0};
	bool is_mismatch = false;

	for (size_t i = 0; i < transfer->source_count; i++) {
		if (i > 0) {
			buf_putc(&report, '\n');
		}
		add_report(&report, transfer, &transfer->sources[i]);
		is_mismatch = is_mismatch || transfer->sources[i].is_mismatch;
	}
	err_fail(
		&transfer->err, is_mismatch ? STATUS_HASH : STATUS_SOURCE, "%s", buf_text(&report));
	transfer->has_ended = true;
}

/* On to the next address, or to the next round. What came from another one is not mixed in. */
static void
advance(struct transfer *transfer, uint64_t now_ms)
{
	size_t next = transfer->at + 1, count = transfer->source_count;

	download_restart(&transfer->download);
	while (next < count && transfer->sources[next].is_out) {
		next++;
	}
	transfer->wake_ms = now_ms;
	if (next == count) {
		next = 0;
		while (next < count && transfer->sources[next].is_out) {
			next++;
		}
		if (next == count || ++transfer->round == ROUNDS) {
			fail(transfer);
			return;
		}
		transfer->wake_ms +=
			backoff_ms(transfer->backoff_ms, transfer->round, transfer->retry_after);
		transfer->retry_after = 0;
	}
	transfer->at = next;
}

/* The same address once more, from where it broke off; one that breaks off all the time is as
 * good as busy. */
static void
resume(struct transfer *transfer, struct source *source, uint64_t now_ms)
{
	source->idle_tries++;
	if (transfer->download.done > source->best + IDLE_BYTES) {
		source->idle_tries = 1;
		source->best = transfer->download.done;
	}
	if (source->idle_tries > IDLE_TRIES) {
		advance(transfer, now_ms);
		return;
	}
	if (!transfer->is_checked) {
		download_restart(&transfer->download);
	}
	transfer->wake_ms = now_ms + backoff_ms(transfer->backoff_ms, source->idle_tries,
					     transfer->retry_after);
	transfer->retry_after = 0;
}

static void
check(struct transfer *transfer, struct source *source, uint64_t now_ms)
{
	bool was_resumed = transfer->download.was_resumed;
	struct digest got = download_digest(&transfer->download);

	if (!transfer->is_checked || digest_equal(&got, &transfer->wanted)) {
		transfer->has_ended = true;
		return;
	}
	download_restart(&transfer->download);
	if (was_resumed && !source->had_mixture) {
		/* The file may have changed between two answers: one more chance. */
		source->had_mixture = true;
		transfer->wake_ms = now_ms;
		return;
	}
	source->is_out = source->is_mismatch = true;
	source->got = got;
	free(source->answer);
	source->answer = mem_strdup("the hash does not match");
	advance(transfer, now_ms);
}

static void
fail_limit(struct transfer *transfer, const struct source *source)
{
	cleanup_free char *url = address_shown(source->url);

	err_fail(&transfer->err, STATUS_LIMIT, "%s: more than %" PRIu64 " bytes", url,
		transfer->download.limit);
	transfer->has_ended = true;
}

void
transfer_attempt_ended(struct transfer *transfer, CURLM *multi, CURLcode code, uint64_t now_ms)
{
	struct source *source = &transfer->sources[transfer->at];
	struct outcome outcome;

	attempt_end(&transfer->attempt, multi, code, &outcome);
	transfer->is_running = false;
	free(source->answer);
	source->answer = mem_strdup(outcome.answer);
	if (outcome.retry_after > transfer->retry_after) {
		transfer->retry_after = outcome.retry_after;
	}
	switch (outcome.verdict) {
	case ATTEMPT_WHOLE:
		check(transfer, source, now_ms);
		break;
	case ATTEMPT_BROKEN:
		resume(transfer, source, now_ms);
		break;
	case ATTEMPT_REFUSED:
		source->is_out = true;
		advance(transfer, now_ms);
		break;
	case ATTEMPT_BUSY:
		/* What has come already is not thrown away for one refusal. */
		if (transfer->download.done > 0) {
			resume(transfer, source, now_ms);
		} else {
			advance(transfer, now_ms);
		}
		break;
	case ATTEMPT_LIMIT:
		fail_limit(transfer, source);
		break;
	case ATTEMPT_DISK:
		err_set(&transfer->err, transfer->download.number, "writing a fetched file");
		transfer->has_ended = true;
		break;
	}
}

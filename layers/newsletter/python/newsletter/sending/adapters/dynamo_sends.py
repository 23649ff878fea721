"""Sends and their batches, in DynamoDB: table `sends`, a partition for each issue, or several (`issue_partition`).

Items, by sort key:
    header                  the send
    sweep#<part>            see `dynamo_sweeps`
    batch#<after>           a batch; the keys sort as the ids do, so the batch of an id is one query away. Without
                            ids it is the end of its chain. In later rounds the names begin with `r<round>_`
    shard#, progress, look  how far it is, and when it is looked at next; see `dynamo_progress`
What was reported about them (`evidence#`, `tally#`) stands in `feedback.adapters.dynamo_evidence`, what they used
(`usage#`) in `dynamo_usage`, second reports that are due in `dynamo_due_reports`, slots in
`calendar.adapters.dynamo_slots`.

Fifty of a batch are one write unit (1 KB): ids are packed 16 bytes each, outcomes one character each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Literal

from newsletter.aws.dynamo import all_or_nothing, busy_store, conditionally, from_item, moment, required_moment, to_item
from newsletter.core.audience.reading_rhythm import ReadingRhythm
from newsletter.core.races import LOST, Race, win
from newsletter.core.stored import known_fields
from newsletter.errors import UnreadableBatchError
from newsletter.readers.domain.shard import Shard
from newsletter.readers.domain.subscriber import ID_LENGTH
from newsletter.sending.adapters.dynamo_progress import DynamoProgress, open_key
from newsletter.sending.adapters.issue_partition import key_of, slug_of
from newsletter.sending.domain.batch import Batch, BatchState, name_in_round
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.forecast import Forecast
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.probe import Probe
from newsletter.sending.domain.send import Again, PausedBy, Send, SendState

LETTERS: dict[Outcome | None, str] = {
    None: ".",
    Outcome.SENT: "s",
    Outcome.UNKNOWN: "?",
    Outcome.LEFT: "l",
    Outcome.UNCONFIRMED: "c",
    Outcome.SUPPRESSED: "x",
    Outcome.PAUSED: "p",
    Outcome.MUTED: "m",
    Outcome.ERASED: "e",
    Outcome.REJECTED: "r",
    Outcome.GAVE_UP: "g",
    Outcome.CANCELLED: "k",
    Outcome.UNPROVEN: "u",
    Outcome.RENDERING: "v",
    Outcome.MOVED: "w",
    Outcome.UNREADABLE: "b",
}
MEANINGS = {letter: outcome for outcome, letter in LETTERS.items()}
ID_BYTES = ID_LENGTH // 2
NEW = "attribute_not_exists(slug)"
PREPARING = {
    "Those to whom it failed are being made ready. If this lasts, ask for it again.": Again.FAILED,
    "Those who did not get it yet are being made ready. If this lasts, ask for it again.": Again.REST,
}
"""Headers written before there was an attribute `preparing` say it in this sentence alone."""


class DynamoSends(DynamoProgress):
    """Everything about sends; each transition is one conditional write."""

    def open(self, send: Send) -> Send:
        """Write the header unless there is one; return the one that stands."""
        header: Any = {"TableName": self._table, "Item": header_item(send), "ConditionExpression": NEW}
        all_or_nothing(self._client, [{"Put": header}, self._listed(send)])
        return self.get(send.slug) or send

    def get(self, slug: str) -> Send | None:
        """Read the header, consistently."""
        item = self.item(slug, "header")
        return read_send(item) if item else None

    def pause(self, slug: str, because: str, *, by: PausedBy, resume_at: datetime | None = None, now: datetime) -> bool:
        """Hold a send that is open, or held by something weaker."""
        return self.change(slug, lambda send: send.paused(because, by=by, resume_at=resume_at, now=now)) is not None

    def resume(self, slug: str, *, now: datetime, paused_by: PausedBy | None = None) -> bool:
        """Open a paused send again."""
        return self.change(slug, lambda send: send.resumed(paused_by=paused_by, now=now)) is not None

    def cancel(self, slug: str, *, because: str, now: datetime) -> bool:
        """Stop an open or paused send for good."""
        return self.change(slug, lambda send: send.stopped(because, now=now)) is not None

    def close(self, send: Send, books: Books, *, now: datetime) -> bool:
        """Close the send with its final books if it still stands as it was read."""
        after = send.closed(books, now=now)
        return after is not None and self._replace_header(send, after)

    def add_batch(self, batch: Batch) -> bool:
        """Write a new batch; False if its name is taken."""
        return self.put_new(batch_item(batch, self.partition_of(batch.slug, batch.after)))

    def batch(self, slug: str, after: str) -> Batch | None:
        """Read one batch, consistently."""
        item = self.item(self.partition_of(slug, after), f"batch#{after}")
        return read_batch(item) if item else None

    def batches(self, slug: str, shard: Shard | None = None, *, round_number: int = 1) -> Iterator[Batch]:
        """Yield the batches of one chain, or of all chains, in the order of ids, read consistently."""
        if shard is None:
            items = self.query_all(slug, "begins_with(#item, :from)", {":from": {"S": "batch#"}})
            yield from (read_batch(item) for item in items)
            return
        first, bound = (f"batch#{name_in_round(round_number, each)}" for each in (shard.first, shard.bound))
        for item in self.query_all(slug, "#item BETWEEN :from AND :to", {":from": {"S": first}, ":to": {"S": bound}}):
            # The bound of one shard is the name of the first batch of the next.
            if item["item"]["S"] != bound:
                yield read_batch(item)

    def batch_of(self, slug: str, subscriber_id: str, *, round_number: int = 1) -> Batch | None:
        """Return the batch that holds this subscriber: the last one that begins before the id."""
        first, last = (f"batch#{name_in_round(round_number, end)}" for end in ("", subscriber_id))
        items = chain.from_iterable(self._last_two(each, first, last) for each in self.partitions(slug))
        return next((batch for batch in map(read_batch, items) if subscriber_id in batch.ids), None)

    def _last_two(self, partition: str, first: str, last: str) -> list[dict[str, Any]]:
        """Return the last two items of a range, the last one first: the batch named like an id begins after it."""
        with busy_store():
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="slug = :slug AND #item BETWEEN :from AND :to",
                ExpressionAttributeNames={"#item": "item"},
                ExpressionAttributeValues={":slug": {"S": partition}, ":from": {"S": first}, ":to": {"S": last}},
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=2,
            )
        return answer["Items"]

    def replace(self, stored: Batch, batch: Batch) -> bool:
        """Write state and outcomes of `batch` if it still stands as `stored`."""
        # Most batches never have either, and stay within one write unit without them.
        was, counts = _counts(stored), _counts(batch)
        changed = [name for name in counts if was[name] or counts[name]]
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=key_of(self.partition_of(stored.slug, stored.after), f"batch#{stored.after}"),
                UpdateExpression=(
                    "SET #state = :state, outcomes = :outcomes, attempts = :attempts, claim = :claim, touched_at = :now"
                    + "".join(f", {name} = :{name}" for name in changed)
                ),
                ConditionExpression=(
                    "#state = :was_state AND claim = :was_claim"
                    " AND outcomes = :was_outcomes AND attempts = :was_attempts"
                ),
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={
                    ":state": {"S": batch.state},
                    ":outcomes": {"S": _letters(batch)},
                    ":attempts": {"N": str(batch.attempts)},
                    ":claim": {"S": batch.claim},
                    ":now": {"S": batch.touched_at.isoformat()},
                    ":was_state": {"S": stored.state},
                    ":was_claim": {"S": stored.claim},
                    ":was_outcomes": {"S": _letters(stored)},
                    ":was_attempts": {"N": str(stored.attempts)},
                    **{f":{name}": {"S": counts[name]} for name in changed},
                },
            )
        )

    def change(self, slug: str, transition: Callable[[Send], Send | None]) -> Send | None:
        """Replace the header by what the transition makes of it."""

        def attempt() -> Send | Literal[Race.LOST] | None:
            send = self.get(slug)
            after = transition(send) if send else None
            if send is None or after is None:
                return None
            return after if self._replace_header(send, after) else LOST

        return win(attempt, busy=f"the send of {slug} is being changed at the same moment; try again")

    def _replace_header(self, before: Send, after: Send) -> bool:
        if before.unreadable:
            return self._note_editors_informed(before, after)
        put: Any = {
            "TableName": self._table,
            "Item": header_item(after),
            "ConditionExpression": "revision = :revision",
            "ExpressionAttributeValues": {":revision": {"N": str(before.revision)}},
        }
        if (before.state is SendState.CLOSED) is (after.state is SendState.CLOSED):
            return conditionally(lambda: self._client.put_item(**put))
        return all_or_nothing(self._client, [{"Put": put}, self._listed(after)])

    def _listed(self, send: Send) -> Any:
        """Return the write that puts the send into the list of those that are open, or takes it out."""
        if send.state is SendState.CLOSED:
            return {"Delete": {"TableName": self._table, "Key": open_key(send.slug)}}
        return {"Put": {"TableName": self._table, "Item": open_key(send.slug)}}

    def _note_editors_informed(self, before: Send, after: Send) -> bool:
        """Add to a header that cannot be read that the editors know; the rest stays for whoever repairs it."""
        if after.editors_informed_of is None:
            return False
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=key_of(before.slug, "header"),
                UpdateExpression="SET told = :told",
                ConditionExpression="attribute_exists(slug)",
                ExpressionAttributeValues={":told": {"S": str(after.editors_informed_of)}},
            )
        )


def _letters(batch: Batch) -> str:
    return "".join(LETTERS[outcome] for outcome in batch.outcomes)


def _counts(batch: Batch) -> dict[str, str]:
    counts = {"doubts": batch.doubts, "failures": batch.failures, "repeats": batch.repeats}
    return {name: "".join(map(str, digits)) for name, digits in counts.items()}


def _forecast_json(forecast: Forecast) -> str:
    return json.dumps(asdict(forecast) | {"duration": forecast.duration.total_seconds()}, sort_keys=True)


def _forecast(text: str) -> Forecast:
    plain = json.loads(text)
    return Forecast(**known_fields(Forecast, plain) | {"duration": timedelta(seconds=plain["duration"])})


def _probe_json(probe: Probe) -> str:
    return json.dumps(asdict(probe) | {"asked_at": probe.asked_at.isoformat()}, sort_keys=True)


def _probe(text: str) -> Probe:
    plain = known_fields(Probe, json.loads(text))
    return Probe(**plain | {"asked_at": required_moment(plain["asked_at"])})


def batch_item(batch: Batch, partition: str) -> dict[str, Any]:
    """Return a new batch, or the end of a chain, as an item of the partition that it lies in."""
    key = key_of(partition, f"batch#{batch.after}")
    if batch.is_end:
        return {**key, "touched_at": {"S": batch.touched_at.isoformat()}}
    return {
        **key,
        "ids": {"B": b"".join(bytes.fromhex(subscriber_id) for subscriber_id in batch.ids)},
        "outcomes": {"S": _letters(batch)},
        "state": {"S": batch.state},
        "attempts": {"N": str(batch.attempts)},
        "claim": {"S": batch.claim},
        "touched_at": {"S": batch.touched_at.isoformat()},
    }


def read_batch(item: Mapping[str, Any]) -> Batch:
    """Raises: UnreadableBatchError: Somebody else than us has written there."""
    try:
        batch = _read_batch(from_item(item))
    except (AttributeError, KeyError, TypeError, ValueError):
        batch = None
    if batch is None or len(batch.ids) != len(batch.outcomes):
        slug, name = slug_of(item["slug"]["S"]), item["item"]["S"]
        raise UnreadableBatchError(f"The item {name} of {slug} in the table of sends cannot be read.") from None
    return batch


def _read_batch(plain: Mapping[str, Any]) -> Batch:
    slug, after = slug_of(plain["slug"]), plain["item"].removeprefix("batch#")
    if "ids" not in plain and "state" not in plain:
        return Batch.end(slug, after, now=required_moment(plain["touched_at"]))
    packed: bytes = plain["ids"]
    return Batch(
        slug=slug,
        after=after,
        ids=tuple(packed[at : at + ID_BYTES].hex() for at in range(0, len(packed), ID_BYTES)),
        outcomes=tuple(MEANINGS[letter] for letter in plain["outcomes"]),
        state=BatchState(plain["state"]),
        attempts=int(plain["attempts"]),
        claim=plain["claim"],
        doubts=tuple(map(int, plain.get("doubts", ""))),
        failures=tuple(map(int, plain.get("failures", ""))),
        repeats=tuple(map(int, plain.get("repeats", plain.get("doubts", "")))),
        touched_at=required_moment(plain["touched_at"]),
    )


def header_item(send: Send) -> dict[str, Any]:
    """Return the header as an item."""
    books = send.books.to_json() if send.books else None
    forecast = _forecast_json(send.forecast) if send.forecast else None
    probe = _probe_json(send.probe) if send.probe else None
    plain = asdict(send) | {"item": "header", "books": books, "forecast": forecast, "probe": probe}
    plain["told"] = plain.pop("editors_informed_of")  # the name that older items have
    if (
        send.audience or send.reading_rhythm
    ):  # a release that knows no parts, and would plan everybody, must not be able to read this
        plain["shards_of_part"] = plain.pop("shards")
    # Zero counts as a default that may be left out; these must stand, two of them in conditions.
    numbers = {name: {"N": str(plain[name])} for name in ("revision", "round", "reopened", "reports_mailed")}
    return to_item(plain) | numbers


def _preparing(plain: Mapping[str, Any]) -> Again | None:
    if "preparing" in plain:
        return Again(plain["preparing"])
    return PREPARING.get(plain.get("paused_because", "")) if plain.get("paused_by") == PausedBy.PERSON else None


def read_send(item: Mapping[str, Any]) -> Send:
    """Return the header; if it cannot be read, what stands for such a one."""
    try:
        return _read_send(from_item(item))
    except (AttributeError, KeyError, TypeError, ValueError):
        informed_of = PausedBy.RECORD if item.get("told") == {"S": PausedBy.RECORD.value} else None
        return Send.in_place_of(item["slug"]["S"], editors_informed_of=informed_of)


def _read_send(plain: Mapping[str, Any]) -> Send:
    if not isinstance(plain["content_hash"], str):
        raise TypeError("a content hash is a text")
    return Send(
        slug=plain["slug"],
        content_hash=plain["content_hash"],
        shards=int(plain["shards_of_part" if "audience" in plain or "reading_rhythm" in plain else "shards"]),
        swept_in=int(plain.get("swept_in", 0)),
        opened_at=required_moment(plain["opened_at"]),
        audience=plain.get("audience", ""),
        reading_rhythm=ReadingRhythm(plain["reading_rhythm"]) if "reading_rhythm" in plain else None,
        month=plain.get("month", ""),
        state=SendState(plain["state"]),
        revision=int(plain["revision"]),
        paused_because=plain.get("paused_because", ""),
        paused_by=PausedBy(plain["paused_by"]) if "paused_by" in plain else None,
        paused_at=moment(plain.get("paused_at")),
        preparing=_preparing(plain),
        resume_at=moment(plain.get("resume_at")),
        resumed_at=moment(plain.get("resumed_at")),
        judged_from=moment(plain.get("judged_from")),
        planners_due=plain.get("planners_due", False),
        outage_ended_at=moment(plain.get("outage_ended_at")),
        probe=_probe(plain["probe"]) if "probe" in plain else None,
        doubts_end_at=moment(plain.get("doubts_end_at")),
        doubts_wait_for=plain.get("doubts_wait_for", ""),
        editors_informed_of_doubts=plain.get("editors_informed_of_doubts", False),
        restored_known=plain.get("restored_known", False),
        cancelled_because=plain.get("cancelled_because", ""),
        cancelled_at=moment(plain.get("cancelled_at")),
        rehearsal_of=plain.get("rehearsal_of", ""),
        round=int(plain["round"]),
        reopened=int(plain["reopened"]),
        forecast=_forecast(plain["forecast"]) if "forecast" in plain else None,
        expected_end=moment(plain.get("expected_end")),
        editors_informed_of=PausedBy(plain["told"]) if "told" in plain else None,
        news_claimed_at=moment(plain.get("news_claimed_at")),
        reported=plain.get("reported", False),
        reports_mailed=int(plain.get("reports_mailed", 0)),
        report_claimed_at=moment(plain.get("report_claimed_at")),
        one_by_one_because=plain.get("one_by_one_because", ""),
        closed_at=moment(plain.get("closed_at")),
        outcomes_forgotten_at=moment(plain.get("outcomes_forgotten_at")),
        books=Books.from_json(plain["books"]) if "books" in plain else None,
    )

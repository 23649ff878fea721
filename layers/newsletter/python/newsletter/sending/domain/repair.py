"""Rebuilding what is on record about a send from what can still be read of it, and from what SES reported.

Nothing is guessed that could mail somebody twice: an outcome that cannot be read is unknown, as after a crash, and
`settle` resolves it by evidence. A header that is rebuilt is held until a person resumes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from newsletter.core.audience.grammar import parse_audience
from newsletter.core.audience.part_of_list import PartOfList
from newsletter.core.audience.reading_rhythm import MONTH, ReadingRhythm
from newsletter.errors import InvalidAudienceError
from newsletter.readers.domain.shard import shards
from newsletter.readers.domain.subscriber import ID_LENGTH
from newsletter.sending.domain.batch import SWEEP_ROUND, Batch, BatchState
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import REHEARSAL, PausedBy, Send, SendState

REBUILT = "What is on record about this send was rebuilt. Look at `newsletter send status`, then resume or cancel it."
HASH_LETTERS = 64
NO_IDS: tuple[str, ...] = ()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Remains:
    """What can still be read of an item, by attribute; what cannot is missing."""

    fields: Mapping[str, Any]

    def get(self, name: str, as_type: Callable[[Any], T], otherwise: T) -> T:
        """Return an attribute as it should be, or what stands for it if it is not."""
        try:
            return as_type(self.fields[name])
        except (AttributeError, KeyError, TypeError, ValueError):
            return otherwise


@dataclass(frozen=True, slots=True)
class KnownElsewhere:
    """What else than its header tells about a send."""

    content_hash: str
    """From the issue's record."""
    goes_to: PartOfList
    """From the same: never everybody, where a part was meant."""
    first_touch: datetime
    """When anything of it was written first."""
    newest_round: int
    names: Collection[str]
    """Of its batches."""
    shard_count: int
    """As the settings have it today."""


def rebuilt_header(slug: str, remains: Remains, elsewhere: KnownElsewhere, *, now: datetime) -> Send:
    """Return a header that can be read, held by `record`; one that is being cancelled, or has final books, stays so."""
    issue, sign, _ = slug.partition(REHEARSAL)
    state, books = remains.get("state", SendState, SendState.PAUSED), remains.get("books", _books, None)
    kept_count = remains.get("shards", _shard_count, 0) or remains.get("shards_of_part", _shard_count, 0)
    shard_count = kept_count or _shards_of(elsewhere.names, elsewhere.shard_count)
    # Numbers that no sum and no reader of the header has seen before.
    fresh = int(now.timestamp())
    cancelled_at = remains.get("cancelled_at", _moment, None)
    state_fields: dict[str, Any] = {
        "cancelled_because": remains.get("cancelled_because", str, ""),
        "cancelled_at": cancelled_at,
    }
    if state is SendState.CLOSED and books is not None:
        state_fields |= {"books": books, "closed_at": remains.get("closed_at", _moment, now), "reported": True}
    elif state is SendState.CANCELLING:
        state_fields |= {"cancelled_at": cancelled_at or now}
    else:
        state = SendState.PAUSED
        state_fields = {"paused_because": REBUILT, "paused_by": PausedBy.RECORD, "paused_at": now}
    return Send(
        slug=slug,
        content_hash=remains.get("content_hash", _content_hash, elsewhere.content_hash),
        shards=shard_count,
        swept_in=remains.get("swept_in", int, shard_count),
        opened_at=remains.get("opened_at", _moment, elsewhere.first_touch),
        audience=remains.get("audience", _audience, elsewhere.goes_to.audience),
        reading_rhythm=remains.get("reading_rhythm", ReadingRhythm, elsewhere.goes_to.reading_rhythm),
        month=remains.get("month", _month, elsewhere.goes_to.month),
        state=state,
        revision=fresh,
        reopened=fresh,
        round=max(remains.get("round", int, 1), elsewhere.newest_round, 1),
        rehearsal_of=issue if sign else "",
        reports_mailed=remains.get("reports_mailed", int, 0),
        one_by_one_because=remains.get("one_by_one_because", str, ""),
        outcomes_forgotten_at=remains.get("outcomes_forgotten_at", _moment, None),
        **state_fields,
    )


def rebuilt_batch(
    slug: str,
    name: str,
    remains: Remains,
    accepted: Collection[str],
    *,
    meanings: Mapping[str, Outcome | None],
    now: datetime,
) -> Batch | None:
    """Return a batch that can be read; None if nobody knows any more who is in it.

    Args:
        slug: The send.
        name: Of the batch.
        remains: What can still be read.
        accepted: Whom SES is known to have accepted.
        meanings: What a letter of the attribute `outcomes` says.
        now: The moment.
    """
    nobody = Batch.end(slug, name, now=now)
    ids = remains.get("ids", _unpacked, NO_IDS)
    if not ids and nobody.round == SWEEP_ROUND:
        ids = (nobody.begins,)  # alone in the batch that has the reader's name
    if not ids:
        return nobody if not {"ids", "state", "outcomes"} & remains.fields.keys() else None
    letters = remains.get("outcomes", str, "")
    untouched = remains.get("state", BatchState, BatchState.CLAIMED) is BatchState.PLANNED
    outcomes = tuple(
        _outcome(letters[at] if len(letters) == len(ids) else "", one in accepted, meanings, untouched=untouched)
        for at, one in enumerate(ids)
    )
    known = {one: outcome for one, outcome in zip(ids, outcomes, strict=True) if outcome is not None}
    # Attempted once, whatever is on record: the next worker asks the evidence before anybody is mailed.
    return Batch.of(slug, name, ids, now=now).claimed("", now=now).recorded(known, now=now)


def _outcome(
    letter: str, is_accepted: bool, meanings: Mapping[str, Outcome | None], *, untouched: bool
) -> Outcome | None:
    if letter not in meanings:
        return Outcome.SENT if is_accepted else Outcome.UNKNOWN
    outcome = meanings[letter]
    if outcome in (None, Outcome.UNKNOWN) and is_accepted:
        return Outcome.SENT
    # Somebody who waits in a batch that a worker may have had in hand: nobody knows what SES was asked.
    return Outcome.UNKNOWN if outcome is None and not untouched else outcome


def _unpacked(packed: bytes) -> tuple[str, ...]:
    size = ID_LENGTH // 2
    if not isinstance(packed, bytes) or not packed or len(packed) % size:
        raise ValueError("these are no ids")
    return tuple(packed[at : at + size].hex() for at in range(0, len(packed), size))


def _content_hash(text: str) -> str:
    if len(text) != HASH_LETTERS:
        raise ValueError("this is no content hash")
    return text


def _month(value: object) -> str:
    if not isinstance(value, str) or not MONTH.fullmatch(value):
        raise ValueError("a month is written like 2026-11")
    return value


def _audience(text: str) -> str:
    try:
        return parse_audience(text).text
    except InvalidAudienceError as exc:
        raise ValueError("this is no audience expression") from exc


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _books(text: str) -> Books:
    books = Books.from_json(text)
    if not books.balanced:
        raise ValueError("these are no final books")
    return books


def _shard_count(number: int) -> int:
    return len(shards(int(number)))


def _shards_of(names: Collection[str], configured: int) -> int:
    """Return into how many shards the audience was cut, by the names of their first batches."""
    firsts = {name for name in names if len(name) == 2}
    for count in (configured, 16, 32, 64, 128, 256):
        if firsts <= {shard.first for shard in shards(count)}:
            return count
    return configured

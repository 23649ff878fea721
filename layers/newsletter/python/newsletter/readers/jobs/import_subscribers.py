"""Taking over some people from another system at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.readers.domain.suppression import Suppression
from newsletter.readers.domain.takeover import SUPPRESSES, ExternalStatus, Imported, Row, judge, kept_out, taken_over
from newsletter.readers.ports import ImportPorts
from newsletter.readers.tags import with_tags_that_fit

LARGEST_IMPORT = 50
"""Rows at once: each is two of the hundred things that one transaction of DynamoDB may hold."""


def import_subscribers(
    rows: Sequence[Row], *, ports: ImportPorts, seal_key: str, keep_out: bool, dry_run: bool, now: datetime
) -> list[Imported]:
    """Add up to 50 people as confirmed, and return what became of each row. No mailbox may come twice.

    People are added in a write that holds only for whoever is still neither on the list nor suppressed, so a sign-up
    or an erasure at the same moment is never overruled.

    Raises:
        StoreBusyError: Some may have been added; the same call again finishes the work and tells the same.
    """
    judged: Judged = {}
    open_rows = list(rows)

    def attempt() -> list[Imported] | Literal[Race.LOST]:
        judged.update(_judged(open_rows, ports, keep_out=keep_out, now=now))
        if not dry_run:
            # Left over is whoever was changed meanwhile: a sign-up, a leaving, a bounce. Look again, and judge again.
            open_rows[:] = _carry_out(open_rows, judged, ports, seal_key, now)
        return LOST if open_rows and not dry_run else [verdict for verdict, _ in judged.values()]

    return win(
        attempt, busy="these people are being changed at the same moment; run the import again, it goes on from here"
    )


Judged = dict[str, tuple[Imported, Subscriber | None]]
"""By id, what has to become of a row, and the record that this was judged by."""


def _judged(rows: Sequence[Row], ports: ImportPorts, *, keep_out: bool, now: datetime) -> Judged:
    ids = [row.subscriber_id for row in rows]
    suppressed = ports.suppressions.get_many(ids)
    stored = ports.subscribers.get_many(ids)
    judged: Judged = {}
    for row in rows:
        if row.subscriber_id in stored.unreadable:
            judged[row.subscriber_id] = (
                Imported.ALREADY_HERE,
                None,
            )  # a record that cannot be read is one all the same
            continue
        existing, is_suppressed = stored.get(row.subscriber_id), row.subscriber_id in suppressed
        verdict = judge(row, existing, suppressed=is_suppressed, keep_out=keep_out, now=now)
        judged[row.subscriber_id] = (verdict, existing)
    return judged


def _carry_out(rows: Sequence[Row], judged: Judged, ports: ImportPorts, seal_key: str, now: datetime) -> list[Row]:
    """Write what was judged, and return the rows for which it could not be written any more."""
    late: list[Row] = []
    new: dict[str, tuple[Row, Subscriber]] = {}
    for row in rows:
        verdict, existing = judged[row.subscriber_id]
        if verdict is Imported.ADDED and existing is None:
            new[row.subscriber_id] = (row, taken_over(row, seal_key=seal_key, now=now))
        elif verdict is Imported.KEPT_OUT and row.status is ExternalStatus.LEFT and existing is None:
            new[row.subscriber_id] = (row, kept_out(row, None, now=now))
        elif not _changed(row, verdict, existing, ports, now):
            late.append(row)
    added = ports.newcomers.add([subscriber for _, subscriber in new.values()])
    return [*late, *(row for subscriber_id, (row, _) in new.items() if subscriber_id not in added)]


def _changed(row: Row, verdict: Imported, existing: Subscriber | None, ports: ImportPorts, now: datetime) -> bool:
    """Write what a verdict means for somebody who is on record, if anything; False if the record is another by now."""
    if verdict is Imported.KEPT_OUT:
        return _keep_out(row, existing, ports, now)
    return verdict is not Imported.TAGGED or existing is None or _tag(row, existing, ports)


def _tag(row: Row, existing: Subscriber, ports: ImportPorts) -> bool:
    tagged = with_tags_that_fit(existing, row.tags)
    return tagged == existing or ports.subscribers.save(tagged)


def _keep_out(row: Row, existing: Subscriber | None, ports: ImportPorts, now: datetime) -> bool:
    if row.status is ExternalStatus.LEFT:
        return existing is None or ports.subscribers.save(kept_out(row, existing, now=now))
    suppression = Suppression(row.subscriber_id, SUPPRESSES[row.status], row.left_at or now)
    return ports.suppressions.suppress(suppression, existing)

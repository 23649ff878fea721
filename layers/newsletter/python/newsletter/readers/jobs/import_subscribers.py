"""Taking over some people from another system at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newsletter.errors import StoreBusyError
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.readers.domain.suppression import Suppression
from newsletter.readers.domain.takeover import SUPPRESSES, Imported, Row, Standing, judge, kept_out, taken_over
from newsletter.readers.ports import ImportPorts

LARGEST_IMPORT = 50
"""Rows at once: each is two of the hundred things that one transaction of DynamoDB may hold."""

TRIES = 10


def import_subscribers(
    rows: Sequence[Row], *, ports: ImportPorts, seal_key: str, keep_out: bool, dry_run: bool, now: datetime
) -> list[Imported]:
    """Add up to 50 people as confirmed, and return what became of each row. No mailbox may come twice.

    People are added in a write that holds only for whoever is still neither on the list nor suppressed, so a sign-up
    or an erasure at the same moment is never overruled.

    Raises:
        StoreBusyError: Some may have been added; the same call again finishes the work and tells the same.
    """
    judged = _judged(rows, ports, keep_out=keep_out, now=now)
    if dry_run:
        return [verdict for verdict, _ in judged.values()]
    for _ in range(TRIES):
        if not (late := _carry_out(rows, judged, ports, seal_key, now)):
            return [verdict for verdict, _ in judged.values()]
        # Somebody else wrote meanwhile: a sign-up, a leaving, a bounce. Look again, and judge again.
        rows = late
        judged |= _judged(rows, ports, keep_out=keep_out, now=now)
    raise StoreBusyError(
        "these people are being changed at the same moment; run the import again, it goes on from here"
    )


Judged = dict[str, tuple[Imported, Subscriber | None]]
"""By id, what has to become of a row, and the record that this was judged by."""


def _judged(rows: Sequence[Row], ports: ImportPorts, *, keep_out: bool, now: datetime) -> Judged:
    ids = [row.subscriber_id for row in rows]
    suppressed = ports.suppressions.get_many(ids)
    known = ports.subscribers.get_many(ids)
    return {
        who: (judge(row, known.get(who), suppressed=who in suppressed, keep_out=keep_out, now=now), known.get(who))
        for who, row in zip(ids, rows, strict=True)
    }


def _carry_out(rows: Sequence[Row], judged: Judged, ports: ImportPorts, seal_key: str, now: datetime) -> list[Row]:
    """Write what was judged, and return the rows for which it could not be written any more."""
    late: list[Row] = []
    new: dict[str, tuple[Row, Subscriber]] = {}
    for row in rows:
        verdict, person = judged[row.subscriber_id]
        if verdict is Imported.ADDED and person is None:
            new[row.subscriber_id] = (row, taken_over(row, seal_key=seal_key, now=now))
        elif verdict is Imported.KEPT_OUT and row.standing is Standing.LEFT and person is None:
            new[row.subscriber_id] = (row, kept_out(row, None, now=now))
        elif verdict is Imported.KEPT_OUT and not _keep_out(row, person, ports, now):
            late.append(row)
    added = ports.newcomers.add([person for _, person in new.values()])
    return [*late, *(row for who, (row, _) in new.items() if who not in added)]


def _keep_out(row: Row, person: Subscriber | None, ports: ImportPorts, now: datetime) -> bool:
    if row.standing is Standing.LEFT:
        return person is None or ports.subscribers.save(kept_out(row, person, now=now))
    suppression = Suppression(row.subscriber_id, SUPPRESSES[row.standing], row.left_at or now)
    return ports.suppressions.suppress(suppression, person)

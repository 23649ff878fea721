"""The whole list, or all suppressions, as lines of CSV, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import SuppressionReason
from newsletter.readers.importing.domain.export_rows import person_row, suppression_row
from newsletter.readers.importing.domain.piece_outcome import csv_lines
from newsletter.readers.ports import AllSuppressions, SubscriberStore, WholeList

PAGE = 100
"""As many records as one call reads."""


def people_rows(whole_list: WholeList, subscriber_status: Status | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows of people; signposts and people who left elsewhere have no address, and no row."""
    everyone = whole_list.everyone(subscriber_status=subscriber_status)
    yield from (person_row(subscriber) for subscriber in everyone if subscriber.email)


def suppression_rows(
    whole_suppressions: AllSuppressions, subscribers: SubscriberStore, *, reason_wanted: SuppressionReason | None = None
) -> Iterator[dict[str, str]]:
    """Yield suppressions, with the address where there still is a record."""
    wanted = (each for each in whole_suppressions.everyone() if reason_wanted in (None, each.reason))
    while page := list(islice(wanted, PAGE)):
        found = subscribers.get_many([each.subscriber_id for each in page])
        yield from (suppression_row(each, found.get(each.subscriber_id)) for each in page)


def table_lines(held_rows: Iterable[Mapping[str, Any]], headings: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a table, its headings first, some at a time."""
    yield csv_lines([headings])
    rows = ([str(row.get(heading, "")) for heading in headings] for row in held_rows)
    while page := list(islice(rows, PAGE)):
        yield csv_lines(page)

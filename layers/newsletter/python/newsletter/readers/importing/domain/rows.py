"""From the cells of a list to somebody to take over, or to the reason why that cannot be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsletter.core.audience.reading_rhythm import ReadingRhythm
from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.errors import InvalidAnswerError, InvalidEmailError
from newsletter.readers.domain.takeover import ExternalStatus, Row
from newsletter.readers.importing.domain.columns import Columns
from newsletter.readers.importing.domain.csv_records import Record
from newsletter.readers.importing.domain.formula import restored
from newsletter.readers.importing.domain.list_faults import ListFault, list_fault
from newsletter.readers.importing.domain.reasons import REASONS
from newsletter.readers.importing.domain.vendors import OWN, PENDING, PLAIN, STATUS_WORDS, plain
from newsletter.readers.tags import MOST_TAGS, tags_in_cell

if TYPE_CHECKING:
    from newsletter.readers.ports import Addresses

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Nobody agreed to a newsletter by mail before; systems write a zero date for "unknown"."""

LONGEST_EVIDENCE = 200
"""Characters of the words about consent that a receipt keeps; the same as of a form's page."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record is no row, as one word of the account and a sentence for the person who mends it."""

    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """What whoever imports a list says about everybody in it, and answers for."""

    consent: str = ""
    """Where consent is from, in words."""
    consent_date: datetime | None = None
    """When it was given, where the file has no date."""
    out: ExternalStatus | None = None
    """The status that everybody in the file has in the other system."""
    tags: frozenset[str] = frozenset()
    """What everybody in the file is tagged with, besides the tags of their own row."""


@dataclass(frozen=True, slots=True)
class RowReading:
    """How to read the records of one file."""

    columns: Columns
    addresses: Addresses
    vouched: Vouched = Vouched()
    reader_fields: Sequence[ReaderField] = ()
    """What the publisher asks of readers."""

    def row(self, csv_record: Record) -> Row | Refusal:
        """Return the person of a record, or why there is none."""
        if csv_record.fault:
            return Refusal("damaged", f"{csv_record.fault[0].upper()}{csv_record.fault[1:]}.")
        status = self._status(self._cell(csv_record, "status"))
        if isinstance(status, Refusal):
            return status
        try:
            mailbox = self.addresses.mailbox(self._cell(csv_record, "email"))
        except InvalidEmailError as exc:
            return Refusal("invalid_address", str(exc))
        fields = self._fields(csv_record)
        if isinstance(fields, Refusal):
            return fields
        confirmed_at, source = self._evidence(csv_record)
        return Row(
            subscriber_id=self.addresses.subscriber_id(mailbox),
            email=mailbox.email,
            name=self._cell(csv_record, "name"),
            fields=fields,
            lang=self._lang(csv_record),
            status=status,
            confirmed_at=confirmed_at,
            network=self._cell(csv_record, "network"),
            left_at=moment_of(self._cell(csv_record, "left_at")),
            source=source,
            tags=self._tags(csv_record),
            reading_rhythm=self._rhythm(csv_record),
        )

    def _cell(self, csv_record: Record, field: str) -> str:
        text = self.columns.cell(csv_record.cells, field)
        return restored(text) if self.columns.vendor.name == OWN or self.columns.are_of_rejects else text

    def _fields(self, csv_record: Record) -> dict[str, str] | Refusal:
        """Return what somebody answered; of nobody is anything required that they were never asked."""
        values = {}
        for each in self.reader_fields:
            try:
                values[each.key] = each.value_of(self._cell(csv_record, each.form_name))
            except InvalidAnswerError as exc:
                said = f"{self.columns.heading(each.form_name)}: {exc}"
                return Refusal("invalid_field", f"{REASONS['invalid_field']} {said}")
        return {key: value for key, value in values.items() if value}

    def _lang(self, csv_record: Record) -> str:
        said = self._cell(csv_record, "lang").replace("_", "-")
        return said if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", said) else ""

    def _tags(self, csv_record: Record) -> frozenset[str]:
        own = sorted(tags_in_cell(self._cell(csv_record, "tags")) - self.vouched.tags)
        return self.vouched.tags | frozenset(own[: MOST_TAGS - len(self.vouched.tags)])

    def _rhythm(self, csv_record: Record) -> ReadingRhythm:
        """Return how often somebody hears from us; what is no word of ours is every issue, as for everybody else."""
        said = self._cell(csv_record, "rhythm")
        return ReadingRhythm(said) if said in set(ReadingRhythm) else ReadingRhythm.EVERY_ISSUE

    def _status(self, said: str) -> ExternalStatus | Refusal:
        if self.vouched.out is not None:
            return self.vouched.out
        vendor, word = self.columns.vendor, plain(said)
        if word in PENDING:
            return Refusal("unconfirmed_there", REASONS["unconfirmed_there"])
        if word not in STATUS_WORDS:
            return Refusal("unknown_status", REASONS["unknown_status"])
        status = STATUS_WORDS[word]
        if vendor.status is not ExternalStatus.SUBSCRIBED:
            return vendor.status
        if vendor.reversed_status and word:
            return ExternalStatus.LEFT if status is ExternalStatus.SUBSCRIBED else ExternalStatus.SUBSCRIBED
        return status

    def _evidence(self, csv_record: Record) -> tuple[datetime | None, str]:
        """Return when and where consent was given: the row's own confirmation, or what whoever imports vouches for."""
        confirmed_at, vouched = moment_of(self._cell(csv_record, "confirmed_at")), self.vouched
        if confirmed_at is not None:
            words = self._cell(csv_record, "evidence") or vouched.consent or self.columns.vendor.words or PLAIN.words
            return confirmed_at, words[:LONGEST_EVIDENCE]
        if not vouched.consent:
            return None, ""
        signed_up_at = moment_of(self._cell(csv_record, "signed_up_at"))
        return signed_up_at or vouched.consent_date, vouched.consent[:LONGEST_EVIDENCE]


def check_evidence(columns: Columns, vouched: Vouched) -> None:
    """See before anything else whether anybody at all can be imported.

    Raises:
        InvalidListError: With what has to be said.
    """
    places = columns.places
    if (vouched.out or columns.vendor.status) is not ExternalStatus.SUBSCRIBED or "confirmed_at" in places:
        return
    if not vouched.consent:
        raise list_fault(ListFault.NO_CONSENT)
    if vouched.consent_date is None and "signed_up_at" not in places:
        raise list_fault(ListFault.NO_DATE)


def moment_of(text: str) -> datetime | None:
    """Return the moment that a cell names, in UTC where it says no zone; None where it is none, or cannot be.

    ISO 8601 and what is near to it: 2024-05-06, 2024-05-06 07:08:09, 2024-05-06T07:08:09.123Z, 2024-05-06 07:08+00.
    Days like 05/06/2024 are not read: half of the world means May, the other half June.
    """
    try:
        said = datetime.fromisoformat(text.strip().removesuffix(" UTC").strip())
        moment = said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment >= EARLIEST else None

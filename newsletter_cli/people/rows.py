"""From the cells of a list to somebody to take over, or to the reason why that cannot be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from newsletter.errors import InvalidEmailError
from newsletter.readers.domain.takeover import ExternalStatus, Row
from newsletter.readers.ports import Addresses
from newsletter_cli.people.columns import Columns
from newsletter_cli.people.csv_records import Record
from newsletter_cli.people.formula import restored
from newsletter_cli.people.vendors import OWN, PENDING, PLAIN, STATUS_WORDS, plain

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
class Reading:
    """How to read the records of one file."""

    columns: Columns
    addresses: Addresses
    consent: str = ""
    """What the operator says about where consent comes from."""
    consent_date: datetime | None = None
    out: ExternalStatus | None = None
    """The status that the operator gives everybody in the file."""

    @property
    def has_evidence(self) -> bool:
        """Whether any row can have evidence of consent."""
        return bool(self.consent) or "confirmed_at" in self.columns.places

    def row(self, record: Record) -> Row | Refusal:
        """Return the person of a record, or why there is none."""
        if record.fault:
            return Refusal("damaged", f"{record.fault[0].upper()}{record.fault[1:]}.")
        status = self._status(self._cell(record, "status"))
        if isinstance(status, Refusal):
            return status
        try:
            mailbox = self.addresses.mailbox(self._cell(record, "email"))
        except InvalidEmailError as exc:
            return Refusal("invalid_address", str(exc))
        confirmed_at, source = self._evidence(record)
        return Row(
            subscriber_id=self.addresses.subscriber_id(mailbox),
            email=mailbox.email,
            name=self._cell(record, "name"),
            lang=self._lang(record),
            status=status,
            confirmed_at=confirmed_at,
            network=self._cell(record, "network"),
            left_at=moment_of(self._cell(record, "left_at")),
            source=source,
        )

    def _cell(self, record: Record, field: str) -> str:
        text = self.columns.cell(record.cells, field)
        return restored(text) if self.columns.vendor.name == OWN else text

    def _lang(self, record: Record) -> str:
        said = self._cell(record, "lang").replace("_", "-")
        return said if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", said) else ""

    def _status(self, said: str) -> ExternalStatus | Refusal:
        if self.out is not None:
            return self.out
        vendor, word = self.columns.vendor, plain(said)
        if word in PENDING:
            return Refusal("unconfirmed_there", "They never confirmed there. Ask them with `subscribers add`.")
        if word not in STATUS_WORDS:
            return Refusal("unknown_status", "The status is a word that is not known here.")
        status = STATUS_WORDS[word]
        if vendor.status is not ExternalStatus.SUBSCRIBED:
            return vendor.status
        if vendor.reversed_status and word:
            return ExternalStatus.LEFT if status is ExternalStatus.SUBSCRIBED else ExternalStatus.SUBSCRIBED
        return status

    def _evidence(self, record: Record) -> tuple[datetime | None, str]:
        """Return when and where consent was given: the row's own confirmation, or what the operator vouches for."""
        confirmed_at = moment_of(self._cell(record, "confirmed_at"))
        said = self._cell(record, "evidence")
        if confirmed_at is not None:
            return confirmed_at, (said or self.consent or self.columns.vendor.words or PLAIN.words)[:LONGEST_EVIDENCE]
        if not self.consent:
            return None, ""
        return moment_of(self._cell(record, "signed_up_at")) or self.consent_date, self.consent[:LONGEST_EVIDENCE]


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

"""Adding one reader by hand: they are asked to confirm, unless there is evidence that they consented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from newsletter.errors import InvalidRequestError, ReaderNotAddedError, StoreBusyError
from newsletter.readers.domain.sign_up import SignUp
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.takeover import Imported, Row
from newsletter.readers.importing.domain.rows import LONGEST_EVIDENCE
from newsletter.readers.jobs.import_subscribers import import_subscribers
from newsletter.readers.jobs.subscribe import subscribe

if TYPE_CHECKING:
    from newsletter.readers.ports import Addresses, ImportPorts, SignUpPorts


class Added(StrEnum):
    """What came of adding somebody."""

    ASKED = "asked"
    """An email with a button is on its way to them."""
    ON_THE_LIST = "on_the_list"
    """At once, with the evidence in their receipt."""
    ALREADY = "already"


@dataclass(frozen=True, slots=True)
class NewReader:
    """Whom to add, as somebody of the team typed it."""

    email: str
    name: str = ""
    lang: str = ""
    source: str = ""
    """Where the sign-up comes from, for the receipt of one who confirms."""
    evidence: str = ""
    """A sentence: how they consented. Empty if they are to be asked."""
    consented_at: datetime | None = None
    """Now, if it is left out."""


def add_reader(
    new_reader: NewReader,
    *,
    addresses: Addresses,
    sign_up_ports: SignUpPorts,
    import_ports: ImportPorts,
    seal_key: str,
    now: datetime,
) -> Added:
    """Add one reader.

    Raises:
        InvalidEmailError: The address cannot be an address.
        ReaderNotAddedError: Suppressed, left, or asked before; the sentence says what to do.
        InvalidRequestError: The evidence is of a day to come.
        StoreBusyError: Try again.
    """
    mailbox = addresses.mailbox(new_reader.email)
    subscriber_id = addresses.subscriber_id(mailbox)
    suppression = sign_up_ports.suppressions.get(subscriber_id)
    if suppression is not None and not suppression.lifted_by_sign_up:
        raise ReaderNotAddedError(
            f"the address is suppressed ({suppression.reason}), so it is not added", suppressed=True
        )
    if not new_reader.evidence:
        existing = sign_up_ports.subscribers.get(subscriber_id)
        if existing is not None and existing.status is Status.CONFIRMED:
            return Added.ALREADY
        form = SignUp(email=mailbox.email, name=new_reader.name, lang=new_reader.lang, source=new_reader.source)
        subscribe(form, addresses=addresses, ports=sign_up_ports, seal_key=seal_key, delay=0, now=now)
        return Added.ASKED
    if new_reader.consented_at is not None and new_reader.consented_at > now:
        raise InvalidRequestError("nobody consented on a day that is still to come")
    row = Row(
        subscriber_id=subscriber_id,
        email=mailbox.email,
        name=new_reader.name,
        lang=new_reader.lang,
        confirmed_at=new_reader.consented_at or now,
        source=new_reader.evidence[:LONGEST_EVIDENCE],
    )
    (outcome,) = import_subscribers(
        [row], ports=import_ports, seal_key=seal_key, keep_out=False, dry_run=False, now=now
    )
    return _said(outcome, sign_up_ports, subscriber_id)


def _said(outcome: Imported, ports: SignUpPorts, subscriber_id: str) -> Added:
    if outcome is Imported.ADDED:
        return Added.ON_THE_LIST
    if outcome is Imported.LEFT:
        raise ReaderNotAddedError(
            "they left; ask them by email instead, and they can come back by themselves", can_be_asked=True
        )
    if outcome is not Imported.ALREADY_HERE:
        raise ReaderNotAddedError(
            f"not added ({outcome}); ask them by email instead, and they can confirm", can_be_asked=True
        )
    existing = ports.subscribers.get(subscriber_id)
    if existing is None:
        raise StoreBusyError("the list was changed at the same moment")
    if existing.status is Status.UNCONFIRMED:
        raise ReaderNotAddedError("they were asked to confirm and have not yet; nothing was changed")
    return Added.ALREADY

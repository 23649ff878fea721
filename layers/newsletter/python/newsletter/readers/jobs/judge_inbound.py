"""Who leaves by a mail to the address in List-Unsubscribe: nobody but its own writer, and no person reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.core.link_token import Purpose, SigningKeys, read
from newsletter.errors import InvalidEmailError, InvalidTokenError
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.inbound_mail import Hand, InboundMail
from newsletter.readers.domain.limits import Subject
from newsletter.readers.limiter import Limiter
from newsletter.readers.ports import LinkRequestPorts


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a mail leads to."""

    became: str
    """One word for the log: `left`, `asked`, `limited`, `machine`, `nobody`."""
    leaving: tuple[str, ...] = ()
    """The ids of those who leave."""


def judge_inbound(inbound: InboundMail, *, ports: LinkRequestPorts, keys: SigningKeys, now: datetime) -> Judgement:
    """Decide whom the mail lets leave.

    A token in the address is proof enough, for it came in a mail to its owner. Without one the writer has to be proved
    by DMARC: anybody can write anybody's address into a From. Whoever is not proved gets the link to leave, mailed to
    the address that is written there, as from the page that asks for the address.

    Raises:
        StoreBusyError: Nothing was recorded; deliver the mail again.
    """
    if inbound.hand in (Hand.ANSWER, Hand.REPORT):
        return Judgement("machine")
    owners = _owners(inbound.tokens, keys, now)
    if owners:
        return Judgement("left", owners)
    if inbound.hand is Hand.PROGRAM:
        return Judgement("machine")
    try:
        writer_id = ports.addresses.subscriber_id(ports.addresses.mailbox(inbound.writer))
    except InvalidEmailError:
        return Judgement("nobody")
    if inbound.aligned:
        return Judgement("left", (writer_id,))
    if _asked_too_often(writer_id, ports.limiter, now):
        return Judgement("limited")
    ports.greet_queue.greet(Greeting(Occasion.LEAVE_LINK, writer_id, now))
    return Judgement("asked")


def _owners(tokens: tuple[str, ...], keys: SigningKeys, now: datetime) -> tuple[str, ...]:
    found = []
    for token in tokens:
        try:
            found.append(read(Purpose.UNSUBSCRIBE, token, keys, now=now).subscriber_id)
        except InvalidTokenError:
            continue  # altered on its way, or made up: the writer may still be proved
    return tuple(found)


def _asked_too_often(writer_id: str, limiter: Limiter, now: datetime) -> bool:
    # By mailbox alone: the network of a mail is that of its provider, which thousands share.
    limits = [each for each in limiter.policy.of_leaving() if each.subject is Subject.ADDRESS]
    return bool(limiter.stopped_by(limits, {Subject.ADDRESS: writer_id, Subject.NETWORK: ""}, now=now))

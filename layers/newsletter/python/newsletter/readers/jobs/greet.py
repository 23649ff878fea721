"""Email to one subscriber, as they stand when the queue gets to it: confirm, already here, your link, or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from newsletter.core.link_token import Purpose
from newsletter.core.links import Links
from newsletter.core.races import LOST, Race, win
from newsletter.errors import (
    NOTHING_NOW,
    NewsletterError,
    RecipientNotVerifiedError,
    SendOutcomeUnknownError,
    SendRejectedError,
    is_lasting,
)
from newsletter.readers.domain.greeting import (
    KEEP_TRYING,
    KEPT_FOR_SES,
    LONGEST_DELAY,
    RATE_DELAY,
    TO_READERS,
    TO_STRANGERS,
    UNWRITTEN_DELAY,
    Greeted,
    Greeting,
    Letter,
    accepted_counter,
    due,
    is_unwritten,
    next_look,
    without_doubted_mark,
)
from newsletter.readers.domain.limits import Policy
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.subscriber import Status, Subscriber, sign_up_asked_at
from newsletter.readers.mail_limiter import MailLimiter
from newsletter.readers.ports import GreetPorts
from newsletter.readers.records import update
from newsletter.readers.waiting_line import WaitingLine

LINKS_IN = {
    Letter.CONFIRMATION: (),  # its link is that of one sign-up
    Letter.ADDRESS_CHANGE_CONFIRM: (),  # its link binds two addresses
    Letter.ALREADY_SUBSCRIBED: (Purpose.PREFERENCES, Purpose.UNSUBSCRIBE),
    Letter.WELCOME: (Purpose.PREFERENCES, Purpose.UNSUBSCRIBE),
    Letter.LEAVE_LINK: (Purpose.UNSUBSCRIBE,),
    Letter.ACCOUNT_LINK: (Purpose.ACCOUNT,),
    Letter.ADDRESS_CHANGE_NOTICE: (Purpose.PREFERENCES,),
    Letter.REPLY_THANKS: (),
    Letter.RENEWAL: (Purpose.RENEW, Purpose.UNSUBSCRIBE),
}
"""Which links an email holds: none that its recipient does not need."""

BUSY = "this subscriber is being changed at the same moment; the message will be delivered again"


def greet(
    greeting: Greeting, *, ports: GreetPorts, links: Links, reply_to: str, policy: Policy, now: datetime
) -> Greeted:
    """Write at most one email, and return what became of the request.

    Email that strangers can cause has a place in an hour, the present one or a later one: a bot that gets past every
    limit on the form must not make us the sender of thousands of emails that nobody asked for, nor keep a person from
    getting theirs. What has to wait goes back to the queue.

    The record is marked before the email leaves: of two deliveries of one message only one gets to write, and to mail.

    Where SES gives no clear answer, the mark stays, and the message comes back when SES has had time to report what it
    took: only an email that it did not report is written again, so nobody gets two.

    Where SES takes nothing now, it waits in the queue, for weeks if need be, and never becomes a dead letter. When
    there is room again, the newest leaves first: whoever waits for it at this moment still knows what they asked for.

    Raises:
        StoreBusyError: Nothing left; deliver the message again.
    """
    if greeting.mail_at is not None and now < greeting.mail_at:
        return _later(Greeted.WAITS, greeting, ports, now)
    if greeting.doubted_at is not None and ports.counters.count(accepted_counter(greeting.cause_tag)):
        return Greeted.PROVED
    if greeting.mail_at is not None and not WaitingLine(ports.counters).is_turn_of(greeting.asked_at, now=now):
        return _untaken(greeting, LONGEST_DELAY, ports, now)
    suppression = ports.suppressions.get(greeting.subscriber_id)

    def attempt() -> Greeted | Literal[Race.LOST]:
        subscriber = ports.subscribers.get(greeting.subscriber_id)
        suppressed = suppression is not None and not suppression.lifted_by_sign_up
        if not suppressed and is_unwritten(greeting, subscriber, now=now):
            ports.greet_queue.greet(greeting, delay=UNWRITTEN_DELAY)
            return Greeted.UNWRITTEN
        if subscriber is None or subscriber.suppressed or suppressed:
            return Greeted.NOT_DUE
        subscriber = without_doubted_mark(subscriber, greeting.doubted_at)
        letter = due(greeting, subscriber, now=now)
        if letter is None:
            return Greeted.NOT_DUE
        if stopped := _stopped(letter, greeting, subscriber, ports, links, policy, now):
            return stopped
        marked = _marked(letter, subscriber, now)
        if ports.subscribers.save(marked) or _is_ours(marked, ports):
            return _sent(letter, greeting, subscriber, marked, ports, links, reply_to, now)
        return LOST  # to another copy of this message, or to the reader: read again, and decide again

    return win(attempt, busy=BUSY)


def _stopped(
    letter: Letter,
    greeting: Greeting,
    subscriber: Subscriber,
    ports: GreetPorts,
    links: Links,
    policy: Policy,
    now: datetime,
) -> Greeted | None:
    """Return why an email that is due may not leave now, if so."""
    mailbox, limiter = _recipient(letter, subscriber), MailLimiter(ports.counters, policy, links.keys.current)
    if letter in TO_STRANGERS:
        if ports.disposable.is_disposable(mailbox.email.rpartition("@")[2]):
            return Greeted.NOT_DUE
        if mailbox.subscriber_id != subscriber.subscriber_id and _takes_no_move(mailbox.subscriber_id, ports):
            return Greeted.NOT_DUE
        # Its network first: what waits for that takes nothing of the steps of the lane.
        if greeting.network and limiter.is_network_held(
            ports.network_holds(greeting.network).get(), greeting.network, now=now
        ):
            return _later(Greeted.HELD, replace(greeting, mail_at=None), ports, now)
        if limiter.is_held(ports.confirmation_holds[greeting.lane].get(), greeting.lane, now=now):
            return _later(Greeted.HELD, replace(greeting, mail_at=None), ports, now)
    if letter in TO_READERS or greeting.mail_at is not None:
        return None
    # Last of the refusals, so that only mails that would leave are counted; and before the place, which all share.
    if letter in TO_STRANGERS and not limiter.may_mail(mailbox.email, greeting.cause, now=now):
        return Greeted.SPARED
    # Asked for a price, so once for an email, and behind the limit on emails to one mailbox.
    if letter is Letter.CONFIRMATION and ports.address_insights.is_undeliverable(mailbox.email):
        return Greeted.UNDELIVERABLE
    mail_at = limiter.book(letter, mailbox.email, greeting.lane, now=now)
    if mail_at is None:
        return _later(Greeted.NO_PLACE, greeting, ports, now)
    return _later(Greeted.OVER_BUDGET, replace(greeting, mail_at=mail_at), ports, now) if mail_at > now else None


def _later(greeted: Greeted, greeting: Greeting, ports: GreetPorts, now: datetime) -> Greeted:
    delay = next_look(greeting, now=now)
    if not delay:
        return Greeted.GIVEN_UP
    ports.greet_queue.greet(greeting, delay=delay)
    return greeted


def _untaken(greeting: Greeting, delay: int, ports: GreetPorts, now: datetime, *, in_line: bool = True) -> Greeted:
    """Put the request back for another look; it keeps the place that it has among the emails of an hour."""
    if now - greeting.asked_at >= KEPT_FOR_SES:
        return Greeted.GIVEN_UP
    if in_line:
        WaitingLine(ports.counters).note(greeting.asked_at, now=now)
    ports.greet_queue.greet(replace(greeting, mail_at=greeting.mail_at or now), delay=delay)
    return Greeted.UNTAKEN


def _takes_no_move(new_id: str, ports: GreetPorts) -> bool:
    """Return whether an address must not be asked to take a reader in: it is suppressed, or a reader has it already."""
    suppression, existing = ports.suppressions.get(new_id), ports.subscribers.get(new_id)
    suppressed = suppression is not None and not suppression.lifted_by_sign_up
    return suppressed or (existing is not None and (existing.suppressed or existing.status is Status.CONFIRMED))


@dataclass(frozen=True, slots=True)
class _Recipient:
    """Which mailbox an email goes to, and which id its events are about."""

    subscriber_id: str
    email: str


def _recipient(letter: Letter, subscriber: Subscriber) -> _Recipient:
    if letter is Letter.ADDRESS_CHANGE_CONFIRM and subscriber.move is not None:
        return _Recipient(subscriber.move.new_id, subscriber.move.email)
    return _Recipient(subscriber.subscriber_id, subscriber.email)


def _sent(
    letter: Letter,
    greeting: Greeting,
    subscriber: Subscriber,
    marked: Subscriber,
    ports: GreetPorts,
    links: Links,
    reply_to: str,
    now: datetime,
) -> Greeted:
    try:
        _send(letter, greeting, subscriber, ports, links, reply_to, now)
    except SendRejectedError:
        if letter is Letter.RENEWAL:
            _unmark(marked, subscriber, ports)  # nobody may leave by not answering what they never got
        return Greeted.REFUSED
    except SendOutcomeUnknownError:
        if now - greeting.asked_at >= KEEP_TRYING:
            return Greeted.GIVEN_UP
        ports.greet_queue.greet(replace(greeting, doubted_at=now), delay=LONGEST_DELAY)
        return Greeted.IN_DOUBT
    except NewsletterError as refusal:
        # Nobody got an email: the next try must not have to wait until another one would be due.
        _unmark(marked, subscriber, ports)
        if not isinstance(refusal, NOTHING_NOW):
            raise
        if not is_lasting(refusal):
            return _untaken(greeting, RATE_DELAY, ports, now)
        WaitingLine(ports.counters).close(now=now)
        # Whom the sandbox bars keeps nobody waiting who is verified.
        barred = isinstance(refusal, RecipientNotVerifiedError)
        return _untaken(greeting, LONGEST_DELAY, ports, now, in_line=not barred)
    return Greeted.MAILED


def _unmark(marked: Subscriber, before: Subscriber, ports: GreetPorts) -> None:
    def rule(current: Subscriber) -> Subscriber:
        if _marks(current) != _marks(marked):
            return current
        return replace(
            current,
            confirmation_sent_at=before.confirmation_sent_at,
            last_notice_at=before.last_notice_at,
            move=before.move,
            renewal_asked_at=before.renewal_asked_at,
        )

    update(ports.subscribers, marked.subscriber_id, rule, busy=BUSY)


def _marked(letter: Letter, subscriber: Subscriber, now: datetime) -> Subscriber:
    if letter in (Letter.LEAVE_LINK, Letter.ACCOUNT_LINK):
        return subscriber  # asked for on purpose, and limited by count
    if subscriber.status is Status.UNCONFIRMED:
        return replace(subscriber, confirmation_sent_at=now)
    if letter is Letter.RENEWAL:
        return replace(subscriber, renewal_asked_at=now)
    move = subscriber.move
    if letter is Letter.ADDRESS_CHANGE_CONFIRM and move is not None:
        return replace(subscriber, move=replace(move, mailed_at=now))
    if letter is Letter.ADDRESS_CHANGE_NOTICE and move is not None:
        return replace(subscriber, move=replace(move, notice_at=now))
    return replace(subscriber, last_notice_at=now)


def _marks(subscriber: Subscriber) -> tuple[datetime | None, datetime | None, Move | None, datetime | None]:
    return subscriber.confirmation_sent_at, subscriber.last_notice_at, subscriber.move, subscriber.renewal_asked_at


def _is_ours(marked: Subscriber, ports: GreetPorts) -> bool:
    """Return whether the refused write is our own, repeated by the client after a lost answer."""
    current = ports.subscribers.get(marked.subscriber_id)
    return current == replace(marked, version=marked.version + 1)


def _send(
    letter: Letter,
    greeting: Greeting,
    subscriber: Subscriber,
    ports: GreetPorts,
    links: Links,
    reply_to: str,
    now: datetime,
) -> None:
    made_at = max(now, subscriber.links_since or now)  # whoever has just ended all older links wants this one to work

    mailbox, lang = _recipient(letter, subscriber), subscriber.lang

    def url(purpose: Purpose) -> str:
        return links.to(purpose, subscriber.subscriber_id, now=made_at, lang=lang)

    context: dict[str, object] = {f"{purpose}_url": url(purpose) for purpose in LINKS_IN[letter]}
    if letter is Letter.WELCOME:
        context |= {"latest": ports.latest_issue(), "archive_url": f"{links.public_url}/"}
    if letter is Letter.CONFIRMATION:
        asked = sign_up_asked_at(subscriber, greeting.asked_at)
        lang, number = asked.lang, asked.number
        confirm_url = links.to(Purpose.CONFIRM, subscriber.subscriber_id, now=now, sign_up=number, lang=lang)
        context["confirm_url"] = confirm_url
    if letter is Letter.ADDRESS_CHANGE_CONFIRM:
        context["confirm_url"] = links.to_move(subscriber.subscriber_id, mailbox.subscriber_id, now=now, lang=lang)
    # Nothing that somebody typed goes to a mailbox whose owner has not confirmed: it would be a stranger's words in our
    # name, to anybody.
    stranger = letter in TO_STRANGERS
    mail = ports.mails.mail(letter, lang=lang, name="" if stranger else subscriber.name, **context)
    headers = () if stranger else links.leave_headers(url(Purpose.UNSUBSCRIBE), reply_to)
    about = {
        "kind": str(letter),
        "subscriber_id": mailbox.subscriber_id,
        "lane_tag": str(greeting.lane) if stranger else "",
        "network_tag": greeting.network if stranger else "",
        "cause_tag": greeting.cause_tag,
    }
    ports.mailer.send(mailbox.email, mail, headers=headers, **about)

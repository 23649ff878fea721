"""Mail to one subscriber, as they stand when the queue gets to it: confirm, already here, your link, or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from newsletter.core.link_token import Purpose
from newsletter.core.links import Links, unsubscribe_headers
from newsletter.core.ports import Counters
from newsletter.errors import NewsletterError, SendRejectedError, StoreBusyError
from newsletter.readers.domain.greeting import TO_STRANGERS, Greeting, Occasion
from newsletter.readers.domain.limits import Policy, counter
from newsletter.readers.domain.subscriber import Status, Subscriber, wants_confirmation, wants_to_be_told
from newsletter.readers.ports import GreetPorts

TRIES = 5

TO_READERS = frozenset({"welcome", "address_change_notice"})
"""Mail that only a confirmed reader's own press of a button can cause."""


def greet(greeting: Greeting, *, ports: GreetPorts, links: Links, reply_to: str, policy: Policy, now: datetime) -> str:
    """Write at most one mail and return which; "none" where none is due, "budget" or "held" where it has to wait.

    Mail to strangers has an hourly budget: a bot that gets past every limit on the form must not make us the sender of
    thousands of mails that nobody asked for.

    The record is marked before the mail leaves: of two deliveries of one message only one gets to write, and to mail.

    Raises:
        SendThrottledError, SendOutcomeUnknownError, SendingPausedError: Nothing left; deliver the message again.
    """
    suppression = ports.suppressions.get(greeting.subscriber_id)
    for _ in range(TRIES):
        who = ports.subscribers.get(greeting.subscriber_id)
        if who is None or who.suppressed or (suppression is not None and not suppression.lifted_by_sign_up):
            return "none"
        mail = _mail_for(greeting, who, now)
        if mail in TO_STRANGERS and ports.disposable.is_disposable(who.email.rpartition("@")[2]):
            return "none"
        if mail == "none":
            return mail
        if mail in TO_STRANGERS and ports.confirmation_hold.get().because:
            return "held"
        if mail not in TO_READERS and not _within_budget(ports.counters, policy, now):
            return "budget"
        marked = _marked(mail, who, now)
        if ports.subscribers.save(marked) or _is_ours(marked, ports):
            return _sent(mail, who, marked, ports, links, reply_to, now)
        # Somebody else wrote: another copy of this message, or the reader. Read again, and decide again.
    raise StoreBusyError("this subscriber is being changed at the same moment; the message will be delivered again")


def _sent(
    mail: str, who: Subscriber, marked: Subscriber, ports: GreetPorts, links: Links, reply_to: str, now: datetime
) -> str:
    try:
        _send(mail, who, ports, links, reply_to, now)
    except SendRejectedError:
        return "refused"  # this address will never take mail from us; it stays unconfirmed, and expires
    except NewsletterError:
        # Nobody got a mail: the next try must not have to wait for the pause to end.
        current = ports.subscribers.get(who.subscriber_id)
        if current is not None and _marks(current) == _marks(marked):
            ports.subscribers.save(replace(current, confirmation_sent_at=who.confirmation_sent_at, told_at=who.told_at))
        raise
    return mail


def _marked(mail: str, who: Subscriber, now: datetime) -> Subscriber:
    if mail == "leave_link":
        return replace(who)  # asked for on purpose, and limited by count
    return replace(who, confirmation_sent_at=now) if who.status is Status.UNCONFIRMED else replace(who, told_at=now)


def _marks(who: Subscriber) -> tuple[datetime | None, datetime | None]:
    return who.confirmation_sent_at, who.told_at


def _is_ours(marked: Subscriber, ports: GreetPorts) -> bool:
    """Return whether the refused write is our own, repeated by the client after a lost answer."""
    current = ports.subscribers.get(marked.subscriber_id)
    return current == replace(marked, version=marked.version + 1)


def _within_budget(counters: Counters, policy: Policy, now: datetime) -> bool:
    each = counter(policy.of_mails(), "", key="", now=now)
    return counters.bump(each.key, expires_at=each.expires_at) <= policy.of_mails().most


def _mail_for(greeting: Greeting, who: Subscriber, now: datetime) -> str:
    match greeting.occasion:
        case Occasion.SIGN_UP if who.status is Status.UNCONFIRMED:
            due = wants_confirmation(who, now=now)
            return ("address_change_confirm" if who.moves_from else "confirmation") if due else "none"
        case Occasion.SIGN_UP if who.status is Status.CONFIRMED:
            # A message that was delivered twice must not tell a reader who confirmed since that they are here already.
            before = who.confirmed_at is None or who.confirmed_at < greeting.asked_at
            return "already_subscribed" if before and wants_to_be_told(who, now=now) else "none"
        case Occasion.WELCOME if who.status is Status.CONFIRMED:
            return "welcome" if who.told_at is None or who.told_at < greeting.asked_at else "none"
        case Occasion.LEAVE_LINK if who.status is not Status.UNSUBSCRIBED:
            return "leave_link"
        case Occasion.MOVING if who.status is Status.CONFIRMED:
            return "address_change_notice" if who.told_at is None or who.told_at < greeting.asked_at else "none"
    return "none"


def _send(name: str, who: Subscriber, ports: GreetPorts, links: Links, reply_to: str, now: datetime) -> None:
    urls = {
        f"{purpose}_url": links.to(purpose, who.subscriber_id, now=now)
        for purpose in (Purpose.CONFIRM, Purpose.PREFERENCES, Purpose.UNSUBSCRIBE)
    }
    wanted = {
        "confirmation": ("confirm_url",),
        "address_change_confirm": ("confirm_url",),
        "already_subscribed": ("preferences_url", "unsubscribe_url"),
        "welcome": ("preferences_url", "unsubscribe_url"),
        "leave_link": ("unsubscribe_url",),
        "address_change_notice": ("preferences_url",),
    }[name]
    context: dict[str, object] = {url: urls[url] for url in wanted}
    if name == "welcome":
        context |= {"latest": ports.latest_issue(), "archive_url": f"{links.public_url}/"}
    mail = ports.mails.mail(name, lang=who.lang, name=who.name, **context)
    headers = unsubscribe_headers(urls["unsubscribe_url"], reply_to) if who.status is Status.CONFIRMED else ()
    ports.mailer.send(who.email, mail, kind=name, subscriber_id=who.subscriber_id, headers=headers)

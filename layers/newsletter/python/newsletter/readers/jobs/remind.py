"""One reminder to whoever asked for the newsletter and did not confirm."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from newsletter.core.link_token import Purpose
from newsletter.core.links import Links
from newsletter.errors import NewsletterError, SendRejectedError
from newsletter.readers.domain.greeting import Letter
from newsletter.readers.domain.limits import Lane, Policy
from newsletter.readers.domain.subscriber import Subscriber, wants_reminder
from newsletter.readers.mail_limiter import MailLimiter
from newsletter.readers.ports import GreetPorts, ReminderList

DAYS_LOOKED_BACK = 3
"""A clock that did not tick for a weekend forgets nobody."""


def remind(
    *,
    ports: GreetPorts,
    waiting: ReminderList,
    links: Links,
    reminder_after: timedelta,
    unconfirmed_days: int,
    policy: Policy,
    now: datetime,
) -> int:
    """Mail the reminders that are due, each once, and return how many.

    Raises:
        SendThrottledError, SendOutcomeUnknownError, SendingPausedError: The rest waits for the next look.
    """
    # Nobody waits for a reminder: they go with the lane that is held first.
    if ports.confirmation_holds[Lane.SLOW].get().holds(now):
        return 0  # the days looked back at give it another chance
    limiter = MailLimiter(ports.counters, policy, links.keys.current)
    sent = 0
    for back in range(DAYS_LOOKED_BACK + 1):
        for subscriber_id in waiting.to_remind(now.date() - timedelta(days=back)):
            subscriber = ports.subscribers.get(subscriber_id)
            if subscriber is None or not wants_reminder(subscriber, reminder_after=reminder_after, now=now):
                continue
            if ports.suppressions.get(subscriber_id):
                continue
            if not limiter.may_mail(subscriber.email, f"reminder {subscriber_id}", now=now):
                continue  # its owner got enough today; tomorrow is another day
            if not ports.subscribers.save(replace(subscriber, reminded_at=now)):
                continue
            try:
                _mail(subscriber, ports, links, unconfirmed_days, now)
            except SendRejectedError:
                continue  # this address takes no mail from us; it expires by itself
            except NewsletterError:
                current = ports.subscribers.get(subscriber_id)
                if current is not None and current.reminded_at == now:
                    ports.subscribers.save(replace(current, reminded_at=None))
                raise
            sent += 1
    return sent


def _mail(subscriber: Subscriber, ports: GreetPorts, links: Links, unconfirmed_days: int, now: datetime) -> None:
    newest = subscriber.pending[-1].number if subscriber.pending else 0
    lang = subscriber.lang
    confirm_url = links.to(Purpose.CONFIRM, subscriber.subscriber_id, now=now, sign_up=newest, lang=lang)
    days_left = unconfirmed_days - (now - subscriber.signed_up_at).days
    mail = ports.mails.mail(Letter.REMINDER, lang=lang, confirm_url=confirm_url, name="", days=days_left)
    ports.mailer.send(
        subscriber.email, mail, kind=Letter.REMINDER, subscriber_id=subscriber.subscriber_id, lane_tag=Lane.SLOW
    )

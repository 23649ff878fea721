"""Hold confirmation mail that bounces or annoys: somebody may be typing strangers' addresses into the form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from newsletter.errors import NewsletterError
from newsletter.feedback.domain.breaker import Breaker, counts
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.ports import HoldPorts
from newsletter.readers.domain.greeting import TO_STRANGERS


def hold_confirmations(events: Iterable[FeedbackEvent], *, ports: HoldPorts, breaker: Breaker, now: datetime) -> bool:
    """Judge the confirmation mail of today by these events; return whether it is held.

    Repeated: messages are counted by their ids, and the editors are mailed as long as it is not noted that they were.
    What SES does not take now is tried with the next events: nobody else's feedback waits for that mail.
    """
    hold = ports.watch.get()
    messages: dict[FeedbackKind, set[str]] = defaultdict(set)
    for event in events:
        if event.mail in TO_STRANGERS and not event.slug and counts(event, since=hold.judged_from):
            messages[event.kind].add(event.message_id)
    if messages:
        evidence = breaker.verdict(ports.watch.count(now.date(), hold.judged_from, messages, now=now))
        if evidence and not hold.because:
            ports.watch.hold(evidence)
            hold = ports.watch.get()
    if hold.because and not hold.editors_informed:
        try:
            ports.editors.tell("editors_confirmations_held", because=hold.because)
        except NewsletterError:
            return True  # an account that SES stopped takes no mail for days, and feedback is needed most then
        ports.watch.note_notice()
    return bool(hold.because)

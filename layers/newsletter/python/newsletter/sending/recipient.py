"""The message to one reader: where it goes, and what is personal about it."""

from __future__ import annotations

from datetime import datetime

from newsletter.core.link_token import Purpose
from newsletter.core.links import NOBODY, Links
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.personal import variables
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.sending.domain.send import Recipient, Send


def recipient_in(
    place: str,
    person: Subscriber,
    rendered: RenderedIssue,
    *,
    send: Send,
    part: str,
    links: Links,
    reply_to: str,
    now: datetime,
) -> Recipient:
    """Return the message for a place in a send.

    What SES reports about it is kept by place; links and consequences are the person's. The two ids differ for whoever
    moved to another address since the audience was planned.
    """
    subscriber_id = person.subscriber_id
    lang = person.lang or rendered.lang
    unsubscribe_url = links.to(Purpose.UNSUBSCRIBE, subscriber_id, now=now, lang=lang)
    preferences_url = links.to(Purpose.PREFERENCES, subscriber_id, now=now, lang=lang)
    # By the place, not by the person: whoever moved in mid-send has one email, and one vote.
    voter = NOBODY if send.rehearsal_of else place
    return Recipient(
        subscriber_id=place,
        email=send.address(subscriber_id, person.email),
        variables=variables(
            rendered,
            name=person.name,
            unsubscribe_url=unsubscribe_url,
            preferences_url=preferences_url,
            vote_url=links.to_vote(send.issue, voter, now=now, lang=lang) if rendered.asks_whether_useful else "",
            field_values=person.fields,
        ),
        headers=links.leave_headers(unsubscribe_url, reply_to),
        tags={
            "kind": "rehearsal" if send.rehearsal_of else "issue",
            "issue": send.slug,
            "batch": part,
            "subscriber": place,
            **({} if subscriber_id == place else {"reader": subscriber_id}),
        },
    )

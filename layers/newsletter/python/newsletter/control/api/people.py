"""Single readers: found by their address, added, and changed at their word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from newsletter.control.api.fields import up_to
from newsletter.control.api.problems import FieldFault, invalid
from newsletter.control.api.readers import SubscriberShown, SuppressionShown, subscriber_shown, suppression_shown
from newsletter.control.api.request import ApiRequest, ApiRoute, Nothing
from newsletter.core.audience.reading_rhythm import ReadingRhythm, month_of
from newsletter.core.language import NAMES
from newsletter.core.text import LONGEST_NAME, one_line
from newsletter.desk.domain.act import Act
from newsletter.desk.people.add_reader import Added, NewReader, add_reader
from newsletter.desk.people.change_reader import ReaderChange, change_reader
from newsletter.errors import NotFoundError
from newsletter.readers.domain.subscriber import ID_LENGTH
from newsletter.readers.importing.domain.rows import LONGEST_EVIDENCE
from newsletter.readers.jobs.preferences import erase
from newsletter.readers.jobs.suppress import LONGEST_NOTE, suppress
from newsletter.readers.jobs.unsubscribe import unsubscribe
from newsletter.readers.ports import SignUpPorts

LONGEST_EMAIL = 254
LONGEST_TAGS = 2500
"""As many and as long as a reader may have, with commas between them."""

LANGUAGES = frozenset(NAMES)


@dataclass(frozen=True, slots=True)
class Address:
    """Whose record."""

    email: str = up_to(LONGEST_EMAIL)


@dataclass(frozen=True, slots=True)
class AddressFound:
    """What there is about an address."""

    id: str
    """Of the address, whether or not there is a record."""
    subscriber: bool
    """Whether there is a record of a reader."""
    suppressed: bool
    """Whether the address must not be mailed."""


@dataclass(frozen=True, slots=True)
class NewSubscriber:
    """Whom to add."""

    email: str = up_to(LONGEST_EMAIL)
    name: str = up_to(LONGEST_NAME, default="")
    lang: str = up_to(20, default="")
    """A code such as `de`; empty for the newsletter's own language."""
    source: str = up_to(200, default="")
    """Where they signed up, for their receipt; the name of the key if it is empty."""
    evidence: str = up_to(LONGEST_EVIDENCE, default="")
    """How they consented, in a sentence. Without it they are asked by email, and confirm by themselves."""
    consented_on: date | None = None
    """The day of that; today if it is left out."""


@dataclass(frozen=True, slots=True)
class SubscriberAdded:
    """Somebody who was added."""

    id: str
    result: Added
    """`asked`: an email with a button is on its way. `on_the_list`: at once. `already`: they were there."""


@dataclass(frozen=True, slots=True)
class Person:
    """All that programs see of one reader."""

    id: str
    subscriber: SubscriberShown | None
    """Null where only a suppression is kept."""
    suppression: SuppressionShown | None


@dataclass(frozen=True, slots=True)
class SubscriberChange:
    """What is different about a reader from now on; null leaves it as it is."""

    name: str | None = up_to(LONGEST_NAME, default=None)
    lang: str | None = up_to(20, default=None)
    tags: str | None = up_to(LONGEST_TAGS, default=None)
    """All tags they have from now on, separated by commas; empty for none."""
    add_tags: str = up_to(LONGEST_TAGS, default="")
    """Tags they get besides those they have."""
    remove_tags: str = up_to(LONGEST_TAGS, default="")
    """Tags that are taken off them; the others stay."""
    rhythm: ReadingRhythm | None = None
    """How often they want to hear from us, from the first of next month on; `monthly` only where there is a digest."""


@dataclass(frozen=True, slots=True)
class KeepingOut:
    """Why an address is not to be mailed."""

    because: str = up_to(LONGEST_NOTE)
    """Without the address itself, which is not kept."""


class Done(StrEnum):
    """What became of a reader."""

    CHANGED = "changed"
    UNSUBSCRIBED = "unsubscribed"
    ERASED = "erased"
    SUPPRESSED = "suppressed"
    ALREADY = "already"
    """It was so before."""


@dataclass(frozen=True, slots=True)
class ReaderDone:
    """What was done to a reader."""

    id: str
    result: Done


def find_subscriber(request: ApiRequest[Nothing, Address]) -> AddressFound:
    """Find somebody by their exact address. It is posted, so that no address stands in a log."""
    app, subscriber_id = request.app, _id_of(request, request.body.email)
    subscriber, suppression = app.subscribers.get(subscriber_id), app.suppressions.get(subscriber_id)
    return AddressFound(subscriber_id, subscriber is not None, suppression is not None)


def add_subscriber(request: ApiRequest[Nothing, NewSubscriber]) -> SubscriberAdded:
    """Add somebody: with evidence of their consent at once, else they are asked by email."""
    app, body = request.app, request.body
    if body.lang and body.lang not in LANGUAGES:
        raise invalid(FieldFault("lang", f"should be one of {', '.join(sorted(LANGUAGES))}"))
    consented_at = datetime.combine(body.consented_on, time(), UTC) if body.consented_on else None
    source = one_line(body.source) or request.api_key.name
    new = NewReader(body.email, one_line(body.name), body.lang, source, one_line(body.evidence), consented_at)
    added = add_reader(
        new,
        addresses=app.addresses,
        sign_up_ports=SignUpPorts(app.subscribers, app.suppressions, app.greet_queue),
        import_ports=app.import_ports,
        seal_key=app.address_key,
        now=request.now,
    )
    subscriber_id = _id_of(request, body.email)
    if added is not Added.ALREADY:
        request.note("added a reader", subscriber_id, str(added))
    return SubscriberAdded(subscriber_id, added)


def get_subscriber(request: ApiRequest[Nothing, Nothing]) -> Person:
    """Show one reader, and whether the address is suppressed."""
    app, subscriber_id = request.app, request.parts["id"]
    subscriber, suppression = app.subscribers.get(subscriber_id), app.suppressions.get(subscriber_id)
    if subscriber is None and suppression is None:
        raise NotFoundError("nothing is held under this id")
    return Person(
        subscriber_id,
        subscriber_shown(subscriber) if subscriber else None,
        suppression_shown(suppression) if suppression else None,
    )


def change_subscriber(request: ApiRequest[Nothing, SubscriberChange]) -> ReaderDone:
    """Change a reader's name, language, tags and rhythm of reading: all of it, or nothing."""
    app, body, subscriber_id = request.app, request.body, request.parts["id"]
    if app.subscribers.get(subscriber_id) is None:
        raise NotFoundError("there is no record of a reader under this id")
    change = ReaderChange(
        name=None if body.name is None else one_line(body.name),
        lang=body.lang,
        tags_text=body.tags,
        added_tags_text=body.add_tags,
        removed_tags_text=body.remove_tags,
        reading_rhythm=body.rhythm,
    )
    month = month_of(app.rhythm.local_date(request.now))
    offers_digest = body.rhythm is not None and app.offers_digest()
    if not change_reader(subscriber_id, change, subscribers=app.subscribers, month=month, offers_digest=offers_digest):
        return ReaderDone(subscriber_id, Done.ALREADY)
    return _done(request, "changed a reader", Done.CHANGED)


def unsubscribe_subscriber(request: ApiRequest[Nothing, Nothing]) -> ReaderDone:
    """Take somebody off the list; only they themselves can come back."""
    app, subscriber_id = request.app, _on_record(request)
    if not unsubscribe(subscriber_id, subscribers=app.subscribers, now=request.now):
        return ReaderDone(subscriber_id, Done.ALREADY)
    return _done(request, "took a reader off the list", Done.UNSUBSCRIBED)


def erase_subscriber(request: ApiRequest[Nothing, Nothing]) -> ReaderDone:
    """Erase all that is held about somebody, but that they must not be mailed."""
    app, subscriber_id = request.app, _on_record(request)
    if not erase(subscriber_id, subscribers=app.subscribers, suppressions=app.suppressions, now=request.now):
        return ReaderDone(subscriber_id, Done.ALREADY)
    return _done(request, "erased a reader", Done.ERASED)


def suppress_subscriber(request: ApiRequest[Nothing, KeepingOut]) -> ReaderDone:
    """Never mail this address again, whoever signs it up.

    The id is what `find_subscriber` returned, with or without a record.
    """
    app, because = request.app, request.body.because
    suppress(_id(request), because=because, subscribers=app.subscribers, suppressions=app.suppressions, now=request.now)
    return _done(request, "suppressed an address", Done.SUPPRESSED, one_line(because))


def _id_of(request: ApiRequest[Any, Any], email: str) -> str:
    addresses = request.app.addresses
    return addresses.subscriber_id(addresses.mailbox(email))


def _id(request: ApiRequest[Any, Any]) -> str:
    subscriber_id = request.parts["id"]
    if len(subscriber_id) != ID_LENGTH or not set(subscriber_id) <= set("0123456789abcdef"):
        raise invalid(FieldFault("id", "should be the id of a reader, as `find` returns it"))
    return subscriber_id


def _on_record(request: ApiRequest[Any, Any]) -> str:
    subscriber_id = request.parts["id"]
    app = request.app
    if app.subscribers.get(subscriber_id) is None and app.suppressions.get(subscriber_id) is None:
        raise NotFoundError("nothing is held under this id")
    return subscriber_id


def _done(request: ApiRequest[Any, Any], did: str, done: Done, details: str = "") -> ReaderDone:
    request.note(did, request.parts["id"], details)
    return ReaderDone(request.parts["id"], done)


READER = "/subscribers/<id>"

ROUTES = (
    ApiRoute("POST", "/subscribers/find", Act.PEOPLE, find_subscriber, body=Address),
    ApiRoute("POST", "/subscribers", Act.PEOPLE, add_subscriber, body=NewSubscriber, changes=True),
    ApiRoute("GET", READER, Act.PEOPLE, get_subscriber),
    ApiRoute("PATCH", READER, Act.PEOPLE, change_subscriber, body=SubscriberChange, changes=True),
    ApiRoute("POST", f"{READER}/unsubscribe", Act.PEOPLE, unsubscribe_subscriber, changes=True),
    ApiRoute("POST", f"{READER}/erase", Act.PEOPLE, erase_subscriber, changes=True),
    ApiRoute("POST", f"{READER}/suppress", Act.PEOPLE, suppress_subscriber, body=KeepingOut, changes=True),
)

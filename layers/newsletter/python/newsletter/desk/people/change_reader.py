"""Changing what is kept about one reader, at their word: name, language, how often they hear from us, a pause, tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from newsletter.core.audience.reading_rhythm import ReadingRhythm
from newsletter.core.language import NAMES
from newsletter.core.reader_fields.answers import NO_VALUES, read_answers
from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.errors import InvalidRequestError
from newsletter.readers.domain.subscriber import Status, Subscriber, clean_name, resting
from newsletter.readers.records import update
from newsletter.readers.rhythm_choice import with_rhythm
from newsletter.readers.tags import checked_tags

if TYPE_CHECKING:
    from newsletter.readers.ports import SubscriberStore

BUSY = "the record is being changed at the same moment; try again"


def change_reader(
    subscriber_id: str,
    name: str,
    lang: str,
    *,
    form_fields: Mapping[str, str] = NO_VALUES,
    reader_fields: Sequence[ReaderField] = (),
    subscribers: SubscriberStore,
) -> bool:
    """Set how somebody is called, the language of emails to them, and what they answered; return whether it is news.

    Args:
        subscriber_id: Of the reader.
        name: As they write it; empty for none.
        lang: A code of `NAMES`; empty for the newsletter's own language.
        form_fields: What a form says of the publisher's fields, by name in the form.
        reader_fields: These fields.
        subscribers: The list.

    Raises:
        InvalidRequestError: The name cannot stand in an email, there are no words in this language, a field cannot hold
            what was typed, or nobody is there.
        StoreBusyError: Nothing was changed; the same call can work later.
    """
    if name.strip() and not clean_name(name):
        raise InvalidRequestError("this name looks like a link, and would be left out of every email")
    if lang and lang not in NAMES:
        raise InvalidRequestError(f"there are no words in the language {lang[:20]}")

    def rule(subscriber: Subscriber) -> Subscriber:
        before = subscriber.fields
        answers = read_answers(reader_fields, form_fields, demanded=False, values_before=before)
        if answers.problems:
            form_name, problem = next(iter(answers.problems.items()))
            label = next(each.label() for each in reader_fields if each.form_name == form_name)
            raise InvalidRequestError(f"{label}: {problem}")
        return replace(subscriber, name=clean_name(name), lang=lang, fields=answers.over(before))

    return _update(subscriber_id, rule, subscribers)


def pause_reader(subscriber_id: str, rests_until: date | None, *, subscribers: SubscriberStore, today: date) -> bool:
    """Send somebody no issue until a day, at most a year from now; None ends the pause. Return whether it is news.

    Raises:
        InvalidRequestError: Nobody is there, or they are not on the list.
        StoreBusyError: Nothing was changed; the same call can work later.
    """

    def rule(subscriber: Subscriber) -> Subscriber:
        if subscriber.status is not Status.CONFIRMED:
            raise InvalidRequestError("whoever is not on the list gets nothing anyway, so there is nothing to pause")
        return resting(subscriber, rests_until, today=today)

    return _update(subscriber_id, rule, subscribers)


def choose_rhythm(
    subscriber_id: str,
    reading_rhythm: ReadingRhythm,
    *,
    offers_digest: bool,
    subscribers: SubscriberStore,
    month: str,
) -> bool:
    """Set how often somebody hears from us, from the next month on; return whether it is news.

    Args:
        subscriber_id: Of the reader.
        reading_rhythm: What they want.
        offers_digest: Whether there is a monthly digest.
        subscribers: The list.
        month: The present one, by the newsletter's clock.

    Raises:
        InvalidRequestError: There is no digest, or nobody is there.
        StoreBusyError: Nothing was changed; the same call can work later.
    """
    if reading_rhythm is ReadingRhythm.MONTHLY and not offers_digest:
        raise InvalidRequestError("there is no monthly digest; `digest: monthly` in settings/brand.yaml begins one")
    return _update(subscriber_id, lambda one: with_rhythm(one, reading_rhythm, month=month), subscribers)


def tag_reader(subscriber_id: str, tags_text: str, *, subscribers: SubscriberStore) -> bool:
    """Give somebody these tags and no others; return whether anything was different before.

    Args:
        subscriber_id: Of the reader.
        tags_text: As they were typed, separated by commas; empty for none.
        subscribers: The list.

    Raises:
        InvalidRequestError: One of them can be no tag, they are too many, or nobody is there.
        StoreBusyError: Nothing was changed; the same call can work later.
    """
    tags = checked_tags(tags_text)
    return _update(subscriber_id, lambda one: replace(one, tags=tags), subscribers)


def _update(subscriber_id: str, rule: Callable[[Subscriber], Subscriber], subscribers: SubscriberStore) -> bool:
    updated = update(subscribers, subscriber_id, rule, busy=BUSY)
    if updated is None:
        raise InvalidRequestError("nothing is held about this address any more, so there is nothing to change")
    return updated.changed

"""Changing what is kept about one reader, at their word: name, language, how often they hear from us, a pause, tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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
from newsletter.readers.tags import checked_tags, with_tags, without_tags

if TYPE_CHECKING:
    from newsletter.readers.ports import SubscriberStore

BUSY = "the record is being changed at the same moment; try again"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderChange:
    """What is different about a reader from now on; None leaves it as it is."""

    name: str | None = None
    """As they write it; empty for none."""
    lang: str | None = None
    """A code of `NAMES`; empty for the newsletter's own language."""
    tags_text: str | None = None
    """All tags they have from now on, as they were typed, separated by commas; empty for none."""
    added_tags_text: str = ""
    """Tags they have besides, in the same way."""
    removed_tags_text: str = ""
    """Tags they have no more; one that is added too is taken off."""
    reading_rhythm: ReadingRhythm | None = None
    """How often they hear from us, from the next month on."""


def change_reader(
    subscriber_id: str,
    reader_change: ReaderChange,
    *,
    form_fields: Mapping[str, str] = NO_VALUES,
    reader_fields: Sequence[ReaderField] = (),
    subscribers: SubscriberStore,
    month: str = "",
    offers_digest: bool = False,
) -> bool:
    """Change how somebody is called, their language, tags and answers: all of it or nothing. Return whether it is news.

    Args:
        subscriber_id: Of the reader.
        reader_change: What is different.
        form_fields: What a form says of the publisher's fields, by name in the form.
        reader_fields: These fields.
        subscribers: The list.
        month: The present one, by the newsletter's clock; needed for another `reading_rhythm`.
        offers_digest: Whether there is a monthly digest.

    Raises:
        InvalidRequestError: The name cannot stand in an email, there are no words in this language, one of the tags can
            be none or they are too many, there is no digest, a field cannot hold what was typed, or nobody is there.
        StoreBusyError: Nothing was changed; the same call can work later.
    """
    if reader_change.name and reader_change.name.strip() and not clean_name(reader_change.name):
        raise InvalidRequestError("this name looks like a link, and would be left out of every email")
    if reader_change.lang and reader_change.lang not in NAMES:
        raise InvalidRequestError(f"there are no words in the language {reader_change.lang[:20]}")
    if reader_change.reading_rhythm is ReadingRhythm.MONTHLY and not offers_digest:
        raise InvalidRequestError("there is no monthly digest; `digest: monthly` in settings/brand.yaml begins one")
    tags = None if reader_change.tags_text is None else checked_tags(reader_change.tags_text)
    removed = checked_tags(reader_change.removed_tags_text)
    added = checked_tags(reader_change.added_tags_text) - removed

    def rule(subscriber: Subscriber) -> Subscriber:
        before = subscriber.fields
        answers = read_answers(reader_fields, form_fields, demanded=False, values_before=before)
        if answers.problems:
            form_name, problem = next(iter(answers.problems.items()))
            label = next(each.label() for each in reader_fields if each.form_name == form_name)
            raise InvalidRequestError(f"{label}: {problem}")
        changed = replace(
            subscriber,
            name=subscriber.name if reader_change.name is None else clean_name(reader_change.name),
            lang=subscriber.lang if reader_change.lang is None else reader_change.lang,
            tags=subscriber.tags if tags is None else tags,
            fields=answers.over(before),
        )
        if reader_change.reading_rhythm is not None:
            changed = with_rhythm(changed, reader_change.reading_rhythm, month=month)
        return with_tags(without_tags(changed, removed), added)

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


def _update(subscriber_id: str, rule: Callable[[Subscriber], Subscriber], subscribers: SubscriberStore) -> bool:
    updated = update(subscribers, subscriber_id, rule, busy=BUSY)
    if updated is None:
        raise InvalidRequestError("nothing is held about this address any more, so there is nothing to change")
    return updated.changed

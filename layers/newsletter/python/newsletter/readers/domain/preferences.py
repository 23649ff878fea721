"""A subscriber's own page: what its form asks for, what it shows, and which page answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from newsletter.core.audience.reading_rhythm import ReadingRhythm, month_of, next_month
from newsletter.core.language import NAMES
from newsletter.core.reader_fields.answers import Answers, read_answers
from newsletter.core.reader_fields.reader_field import FORM_PREFIX, AskedOn, ReaderField
from newsletter.errors import InvalidRequestError
from newsletter.readers.domain.subscriber import Subscriber, rest_choices
from newsletter.web.form import day_of

LINK_NEEDED = "this needs a fresh link; have one mailed to the address, it works for an hour"

SEVERAL = ("topic",)
"""Fields that the form sends more than once."""


class PreferencesAction(StrEnum):
    """What the pages offer; the values are those of their buttons."""

    PAUSE = "pause"
    RESUME = "resume"
    SEND_LINK = "send_link"
    """A fresh link, mailed to the address on record."""
    SAVE = "save"
    CHANGE_EMAIL = "change_email"
    END_LINKS = "end_links"
    ERASE = "erase"


FOR_EVERY_LINK = frozenset({PreferencesAction.PAUSE, PreferencesAction.RESUME, PreferencesAction.SEND_LINK})
"""What the link in every footer may do: it can be undone, and shows nothing."""


class PreferencesPage(StrEnum):
    """Which page answers; the values are the names of the templates."""

    SUBSCRIPTION = "subscription"
    """What the link in a footer opens: no data, a pause, and a fresh link for everything else."""
    PREFERENCES = "preferences"
    """Everything we hold; behind a fresh link."""
    LINK_SENT = "link_sent"
    ADDRESS_CHANGE_SENT = "address_change_sent"
    LINKS_ENDED = "links_ended"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesForm:
    """What a subscriber asked for."""

    action: PreferencesAction
    name: str = ""
    lang: str = ""
    reading_rhythm: ReadingRhythm | None = None
    """How often to hear from us; None if the form did not ask."""
    topics: frozenset[str] | None = None
    """Those that were ticked; None if the form did not show any."""
    rests_until: date | None = None
    new_email: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    """What was sent for the publisher's fields, by name in the form."""

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> PreferencesForm:
        """Return what the fields of a form say.

        Raises:
            InvalidRequestError: It does not say what to do, names no day, or erases without being sure.
        """
        named = fields.get("action", "")
        if named not in set(PreferencesAction):
            raise InvalidRequestError("The form does not say what to do.")
        action, lang = PreferencesAction(named), fields.get("lang", "")
        if action is PreferencesAction.ERASE and fields.get("sure") != "yes":
            raise InvalidRequestError("Please tick the box that says you are sure.")
        # An unticked box sends nothing, so the form says that it had boxes.
        shown = "topics_shown" in fields
        return cls(
            action=action,
            name=fields.get("name", ""),
            lang=lang if lang in NAMES else "",
            reading_rhythm=_rhythm(fields.get("rhythm", "")),
            topics=frozenset(fields.get("topic", "").split("\n")) if shown else None,
            rests_until=day_of(fields.get("pause_until", "")) if action is PreferencesAction.PAUSE else None,
            new_email=fields.get("new_email", ""),
            typed={name: text for name, text in fields.items() if name.startswith(FORM_PREFIX)},
        )

    def answers(self, subscriber: Subscriber, reader_fields: Sequence[ReaderField]) -> Answers:
        """Return what it says of the publisher's fields; whoever left one empty that came later may leave it so."""
        return read_answers(
            reader_fields,
            self.typed,
            asked_on=AskedOn.PREFERENCES,
            demanded=False,
            values_before=subscriber.fields,
        )

    def muted(self, subscriber: Subscriber, topics_of_issues: Collection[str]) -> tuple[str, ...]:
        """Return the topics that are muted from here on: of those that were shown, the ones without a tick."""
        if self.topics is None:
            return subscriber.muted_topics
        return tuple(topic for topic in offered(subscriber, topics_of_issues) if topic not in self.topics)


@dataclass(frozen=True, slots=True)
class Changed:
    """What the subscriber sees next."""

    page: PreferencesPage
    subscriber: Subscriber | None = None
    """As held now, for the page that shows it."""
    saved: str = ""
    """What was done, for the page."""
    problem: str = ""
    """Why the new address was refused."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """Why an answer was refused, by name in the form; then nothing was saved."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """What was sent for the fields, to be shown again."""
    link_needed: bool = False
    """Whether nothing was done because it needs a fresh link."""

    @property
    def status(self) -> int:
        """The status of the answer."""
        return 403 if self.link_needed else 422 if self.problem or self.problems else 200


def _rhythm(text: str) -> ReadingRhythm | None:
    return ReadingRhythm(text) if text in set(ReadingRhythm) else None


def offered(subscriber: Subscriber, topics_of_issues: Collection[str]) -> list[str]:
    """Return the topics that the page shows: of the newest issues, and whatever the subscriber muted before."""
    return sorted({*topics_of_issues, *subscriber.muted_topics})


def context(
    changed: Changed,
    recent_topics: Callable[[], Collection[str]],
    *,
    unsubscribe_url: str,
    today: date,
    offers_digest: bool,
) -> dict[str, Any]:
    """Return what the page shows. Shape: the variables of its template.

    Args:
        changed: What the subscriber sees next.
        recent_topics: Returns what the newest issues are about; asked only for the page that shows it.
        unsubscribe_url: The reader's link to leave.
        today: The day, where the newsletter lives.
        offers_digest: Whether the reader may choose a monthly digest.
    """
    shown = {
        "saved": changed.saved,
        "problem": changed.problem,
        "problems": changed.problems,
        "link_needed": changed.link_needed,
        "pause_choices": rest_choices(today),
        "unsubscribe_url": unsubscribe_url,
    }
    subscriber = changed.subscriber
    if subscriber is None:
        return shown
    muted = subscriber.muted_topics
    return shown | {
        "lang": subscriber.lang,
        "subscriber": {"name": "", "lang": "", "fields": {}, **subscriber.as_held()},
        "answers": {**{f"{FORM_PREFIX}{key}": value for key, value in subscriber.fields.items()}, **changed.typed},
        "languages": list(NAMES.items()),
        "topics": [(topic, topic in muted) for topic in offered(subscriber, recent_topics())],
        "paused_until": subscriber.rests_until,
        "offers_digest": offers_digest,
        "reading_rhythm": subscriber.reading_rhythm,
        "rhythm_changes_on": date.fromisoformat(f"{next_month(month_of(today))}-01"),
    }


def data(changed: Changed) -> dict[str, Any]:
    """Return the page for programs. Shape: {"status", "subscriber"}, or {"errors": {field or "link": sentence}}."""
    if changed.link_needed:
        return {"errors": {"link": LINK_NEEDED}}
    if changed.problem:
        return {"errors": {"new_email": changed.problem}}
    if changed.problems:
        return {"errors": dict(changed.problems)}
    if changed.subscriber is None:
        return {"status": changed.saved or str(changed.page)}
    return {"status": changed.saved or "shown", "subscriber": changed.subscriber.as_held()}

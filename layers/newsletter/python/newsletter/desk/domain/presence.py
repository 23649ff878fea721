"""Presence: who else of the team is at an issue at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SHOWN_FOR = timedelta(minutes=5)
"""An open page says once a minute that it is there, and a browser in the background less often."""

KEPT = timedelta(hours=1)


class Doing(StrEnum):
    """At which page somebody is."""

    WRITING = "writing"
    READING = "reading"


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody of the team, at one issue."""

    member_id: str
    label: str
    doing: Doing
    at: datetime


def presence_sentence(present: Iterable[Presence], *, member_id: str, writing: bool, now: datetime) -> str:
    """Return in a sentence or two who else is here, and whose turn it is; empty if nobody is.

    Args:
        present: Who said lately that they are.
        member_id: For whom it is said.
        writing: Whether that person is at the page to write on.
        now: The present.
    """
    others = sorted(
        (each for each in present if each.member_id != member_id and now - each.at <= SHOWN_FOR),
        key=lambda each: each.at,
        reverse=True,
    )
    if not others:
        return ""
    writers = [each for each in others if each.doing is Doing.WRITING]
    sentences = [f"{each.label} {_does(each, writing=writing)} ({_ago(now - each.at)})." for each in others]
    if writers and writing:
        sentences.append("You can both go on: what each of you types is put together.")
    elif writers:
        sentences.append("A newer version may be on its way: what is approved is the one on this page.")
    return " ".join(sentences)


def _does(presence: Presence, *, writing: bool) -> str:
    if presence.doing is Doing.WRITING:
        return "is writing here too" if writing else "is writing on it"
    return "is looking at it" if writing else "is looking at it too"


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    if minutes < 1:
        return "just now"
    return "a minute ago" if minutes == 1 else f"{minutes} minutes ago"

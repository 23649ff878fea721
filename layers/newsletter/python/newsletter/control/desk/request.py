"""A request of the desk, and the ways to answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from newsletter.desk.domain.act import Act
from newsletter.desk.domain.activity import Activity
from newsletter.desk.sessions.enter import Visitor
from newsletter.web.form import SentFile
from newsletter.wiring import App


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """Somebody of the team asks for a page, or presses a button on one."""

    app: App
    visitor: Visitor
    now: datetime
    parts: Mapping[str, str] = field(default_factory=dict)
    """What the path names: `slug`, for one."""
    query: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    """Of the form."""
    files: Sequence[SentFile] = ()
    by_script: bool = False
    """Whether a script of the page asks, and takes data for an answer."""

    def note(self, did: str, what: str = "", details: str = "") -> None:
        """Write into the log what this person did."""
        member, session = self.visitor.member, self.visitor.session
        self.app.activities.note(Activity(self.now, member.label, did, what, details, session.name))


@dataclass(frozen=True, slots=True)
class Show:
    """Answer with a page `templates/desk/<name>.html`."""

    name: str
    context: Mapping[str, Any] = field(default_factory=dict)
    status_code: int = 200
    posts_to: str = ""
    """An origin besides our own that a form or script of this page may send to."""


@dataclass(frozen=True, slots=True)
class Go:
    """Answer with another address, of the desk or of a file in a bucket of ours; reloading it posts nothing again."""

    path: str


@dataclass(frozen=True, slots=True)
class File:
    """Answer with something that is no page of the desk."""

    content: str | bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Data:
    """Answer a script of the desk."""

    content: Mapping[str, Any]
    status_code: int = 200


Answer = Show | Go | File | Data


@dataclass(frozen=True, slots=True)
class Route:
    """An address of the desk and what it takes to use it."""

    method: str
    path: str
    """With `<name>` for a part that varies."""
    act: Act
    answer: Callable[[DeskRequest], Answer]

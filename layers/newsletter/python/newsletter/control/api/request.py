"""A request of a program, and the routes that answer one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from newsletter.desk.api_keys.api_key import ApiKey
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.activity import Activity
from newsletter.wiring import App

BASE = "/api/v1"

DEFAULT_LIMIT, MOST_AT_ONCE = 50, 100
"""Items of a page."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """A body or a query without fields."""


Body = TypeVar("Body")
Query = TypeVar("Query")


@dataclass(frozen=True, slots=True)
class ApiRequest(Generic[Query, Body]):
    """A program asks for something."""

    app: App
    api_key: ApiKey
    now: datetime
    parts: dict[str, str]
    """What the path names: `slug`, for one."""
    query: Query
    body: Body

    def note(self, did: str, what: str = "", details: str = "") -> None:
        """Write into the log of the desk what this program did."""
        activity = Activity(self.now, self.api_key.label, did, what, details, self.api_key.session_name)
        self.app.activities.note(activity)


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """An address of the API, and what it takes to use it.

    The description for programs is made of this: the words are those of the function that answers, the fields those of
    the types.
    """

    method: str
    path: str
    """Below `/api/v1`, with `<name>` for a part that varies."""
    act: Act
    answer: Callable[[ApiRequest[Any, Any]], Any]
    """Returns what is answered, of the type that its annotation says."""
    body: type = Nothing
    query: type = Nothing
    changes: bool = False
    """Whether it changes something. A POST that does takes an `Idempotency-Key`."""

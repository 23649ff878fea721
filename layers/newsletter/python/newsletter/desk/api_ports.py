"""What programs with a key touch, whatever they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from newsletter.core.ports import Counters
    from newsletter.desk.api_keys.api_key import ApiKey
    from newsletter.desk.api_keys.kept_answer import KeptAnswer
    from newsletter.desk.session_ports import ActivityLog


class ApiKeyStore(Protocol):
    """The keys that are not revoked."""

    def all(self) -> Sequence[ApiKey]:
        """Return the keys, by name."""
        ...

    def find(self, key_id: str) -> ApiKey | None:
        """Return a key, read consistently: a revoked one is never found again."""
        ...

    def add(self, api_key: ApiKey) -> bool:
        """Keep a key; return whether there was room for it."""
        ...

    def remove(self, key_id: str) -> bool:
        """Forget a key; return whether there was one."""
        ...

    def note_use(self, key_id: str, day: date) -> None:
        """Remember that a key was used on this day; one that was revoked meanwhile stays revoked."""
        ...


class KeptAnswers(Protocol):
    """Answers to requests that changed something."""

    def begin(self, name: str, fingerprint: str, *, now: datetime) -> KeptAnswer | None:
        """Note that a request is under way; return what is kept there already, and nothing noted then.

        Of two at the same moment one gets None. What is older than a day, or without an answer for more than a minute,
        counts as nothing.
        """
        ...

    def keep(self, name: str, kept_answer: KeptAnswer, *, now: datetime) -> None:
        """Keep the answer to what is under way."""
        ...

    def forget(self, name: str) -> None:
        """Forget what is under way: nothing came of it."""
        ...


@dataclass(frozen=True, slots=True)
class ApiPorts:
    """What every request of a program touches."""

    api_keys: ApiKeyStore
    answers: KeptAnswers
    counters: Counters
    activities: ActivityLog

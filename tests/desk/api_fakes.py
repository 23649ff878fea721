"""What programs with a key touch, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from newsletter.desk.api_keys.api_key import MOST, ApiKey
from newsletter.desk.api_keys.kept_answer import KEPT, UNDER_WAY, KeptAnswer


class MemoryApiKeys:
    """The keys that are not revoked."""

    def __init__(self) -> None:
        self._keys: dict[str, ApiKey] = {}

    def all(self) -> Sequence[ApiKey]:
        return sorted(self._keys.values(), key=lambda each: (each.name.casefold(), each.made_at))

    def find(self, key_id: str) -> ApiKey | None:
        return self._keys.get(key_id)

    def add(self, api_key: ApiKey) -> bool:
        if len(self._keys) >= MOST or api_key.key_id in self._keys:
            return False
        self._keys[api_key.key_id] = api_key
        return True

    def remove(self, key_id: str) -> bool:
        return self._keys.pop(key_id, None) is not None

    def note_use(self, key_id: str, day: date) -> None:
        if key_id in self._keys:
            self._keys[key_id] = replace(self._keys[key_id], used_on=day)


class MemoryKeptAnswers:
    """Answers to requests that changed something."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[KeptAnswer, datetime]] = {}

    def begin(self, name: str, fingerprint: str, *, now: datetime) -> KeptAnswer | None:
        kept, since = self._answers.get(name, (None, now))
        dead = kept is not None and kept.status_code is None and kept.fingerprint == fingerprint
        if kept is None or now - since >= KEPT or (dead and now - since >= UNDER_WAY):
            self._answers[name] = (KeptAnswer(fingerprint), now)
            return None
        return kept

    def keep(self, name: str, kept_answer: KeptAnswer, *, now: datetime) -> None:
        self._answers[name] = (kept_answer, now)

    def forget(self, name: str) -> None:
        self._answers.pop(name, None)

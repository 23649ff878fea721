"""A consent receipt: when, where, to which words, and from which network somebody said yes, sealed by us.

A receipt is written with the sign-up, completed by the confirm button, shown in the export, and can be checked later:
the seal is a keyed hash over everything else, so nobody (not even an operator with the table open) can change a
word of it unnoticed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from newsletter.core.stored import known_fields

FORM_VERSION = "2026-11"
"""Changes with the words of the form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One consent, both steps."""

    asked_at: datetime
    page: str = ""
    """Where the form stood, as it said itself."""
    words: str = ""
    """What stood above the fields of the form, in the language of the reader."""
    form_version: str = FORM_VERSION
    network: str = ""
    """Keyed hash of the network address: two sign-ups can be compared, nobody can be located."""
    confirmed_at: datetime | None = None
    confirmed_network: str = ""
    seal: str = ""
    further: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What a newer release of this code wrote beside. It is under the seal, so it is kept as it stands."""

    def sealed(self, key: str) -> Consent:
        """Return the receipt with the seal that fits it."""
        return replace(self, seal=self._seal(key))

    def holds(self, key: str) -> bool:
        """Return whether nothing was changed since it was sealed."""
        return hmac.compare_digest(self.seal, self._seal(key))

    def as_held(self) -> dict[str, str]:
        """Return the receipt as texts, for the table and for the person."""
        held = asdict(self)
        further: dict[str, str] = held.pop("further")
        return further | {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in held.items() if value
        }

    @classmethod
    def from_held(cls, texts: dict[str, str]) -> Consent:
        """Return the receipt that `as_held` wrote, in this release or another."""
        known = known_fields(cls, texts)
        further = {name: text for name, text in texts.items() if name not in known}
        for name in ("asked_at", "confirmed_at"):
            if name in texts:
                known[name] = datetime.fromisoformat(texts[name])
        return cls(**known, further=further)

    def _seal(self, key: str) -> str:
        content = {name: value for name, value in self.as_held().items() if name != "seal"}
        return hmac.new(key.encode(), json.dumps(content, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def network_hash(address: str, key: str) -> str:
    """Return the keyed hash of a network address; empty for an empty one."""
    return hmac.new(key.encode(), b"network\0" + address.encode(), hashlib.sha256).hexdigest()[:32] if address else ""

"""The addresses we put into mails, and the headers that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.core.link_token import Purpose, SigningKeys, sign


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the personal links of one subscriber."""

    public_url: str
    keys: SigningKeys

    def to(self, purpose: Purpose, subscriber_id: str, *, now: datetime) -> str:
        """Return the address of the page for this purpose, signed for this subscriber."""
        return f"{self.public_url}/{purpose}?token={sign(purpose, subscriber_id, self.keys, now=now)}"


def unsubscribe_headers(unsubscribe_url: str, reply_to: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of one-click unsubscribing.

    The order matters to nobody we know of, but AWS shows List-Unsubscribe first.
    Source: https://www.rfc-editor.org/rfc/rfc8058 and https://www.rfc-editor.org/rfc/rfc2369
    """
    return (
        ("List-Unsubscribe", f"<{unsubscribe_url}>, <mailto:{reply_to}?subject=Unsubscribe>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )

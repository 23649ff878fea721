"""Signatures by Standard Webhooks: who sent this, when, and that nobody changed it on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from standardwebhooks import Webhook


def signature_headers(event_id: str, body: str, *, secrets: Sequence[str], now: datetime) -> Mapping[str, str]:
    """Return the three headers; a signature for each secret, of which the receiver has to know one.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    signatures = [Webhook(secret).sign(event_id, now, body) for secret in secrets]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }

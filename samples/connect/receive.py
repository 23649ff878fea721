"""Reads what a webhook of the newsletter says, for whatever answers requests at your side. See docs/connect.md.

pip install standardwebhooks
"""

from __future__ import annotations

from collections.abc import Mapping

from standardwebhooks import Webhook

NOT_MAILED_ANY_MORE = {"subscriber.left", "subscriber.bounced", "subscriber.complained", "subscriber.erased"}


def who_left(secret: str, body: bytes, headers: Mapping[str, str]) -> str | None:
    """Return the id of the reader who left, as adding them returned it; None if the event is about something else.

    Args:
        secret: Of the endpoint, as the desk showed it once; it begins with `whsec_`.
        body: Of the request, byte for byte: JSON that was read and written again has another signature.
        headers: Of the request.

    Raises:
        standardwebhooks.WebhookVerificationError: Nobody who knows the secret sent this just now. Answer 400.
    """
    event = Webhook(secret).verify(body, dict(headers))
    reader_id: str = event["data"].get("subscriber_id", "")
    return reader_id if event["type"] in NOT_MAILED_ANY_MORE else None

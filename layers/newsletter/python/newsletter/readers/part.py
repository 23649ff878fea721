"""Whether a reader's own record is in a part of the list, as the index would say it a moment later."""

from __future__ import annotations

from typing import Any

from newsletter.core.audience.expression import AudienceExpression
from newsletter.readers.domain.subscriber import Subscriber


def is_in_part(subscriber: Subscriber, expression: AudienceExpression | None) -> bool:
    """Return whether issues for this part of the list are planned for the reader; None is the whole list."""
    return subscriber.in_audience and (expression is None or expression.holds(attributes_of(subscriber)))


def attributes_of(subscriber: Subscriber) -> dict[str, Any]:
    """Return what an expression may ask about a reader, under the names of the table."""
    return {
        "tags": subscriber.tags,
        "muted_topics": subscriber.muted_topics,
        "lang": subscriber.lang,
        "source": subscriber.source,
        "confirmed_at": subscriber.confirmed_at.isoformat() if subscriber.confirmed_at else "",
        "fields": subscriber.fields,
        "digest_since": subscriber.digest_since,
        "digest_months": subscriber.digest_months,
    }

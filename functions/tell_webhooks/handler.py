"""Streams of the tables: what happened in them is queued for each endpoint that is told of it.

A batch that raises is read again, half by half; what was queued before is told apart by its id.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.desk.webhooks.event import WebhookEvent
from newsletter.desk.webhooks.queue_deliveries import queue_deliveries
from newsletter.errors import MalformedMessageError
from newsletter.wiring import app

logger = Logger()


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> None:
    events = [each for record in event["Records"] for each in events_of(record)]
    deliveries = queue_deliveries(events, ports=app().webhook_ports, now=datetime.now(UTC))
    logger.info("webhook events", extra={"events": len(events), "deliveries": deliveries})


def events_of(record: dict[str, Any]) -> list[WebhookEvent]:
    try:
        return app().record_changes.events(record)
    except MalformedMessageError:
        # Nobody can read it, now or later; raised, it would keep all that come after it for a day.
        logger.exception("unreadable change", extra={"event_id": record.get("eventID")})
        return []

"""Invoked by operators: {"action": ..., ...}. Answers what was done, or {"error": sentence}; never half of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.control.table import act
from newsletter.errors import PermanentError
from newsletter.wiring import app

logger = Logger()


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    try:
        answer = act(event, app, datetime.now(UTC))
    except PermanentError as problem:
        answer = {"error": str(problem)}
    name = event.get("action") if isinstance(event, dict) else None
    logger.info("control", extra={"action": name, "error": answer.get("error", "")})
    return answer

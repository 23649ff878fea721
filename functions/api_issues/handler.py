"""/api/v1/: programs with a key, about issues, days, sends and results. It cannot read a subscriber."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.control.api.door import ApiDoor
from newsletter.control.api.routes import ROUTES
from newsletter.wiring import app

logger = Logger()
door = ApiDoor(ROUTES, app, logger)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda gives it
    return door.resolve(event)

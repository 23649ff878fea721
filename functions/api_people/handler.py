"""/api/v1/subscribers: single readers, for programs whose key looks after the list. It cannot go through the list."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.control.api.door import ApiDoor
from newsletter.control.api.people import ROUTES
from newsletter.wiring import app

logger = Logger()
door = ApiDoor(ROUTES, app, logger, methods_elsewhere={"/subscribers": ["GET"]})


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda gives it
    return door.resolve(event)

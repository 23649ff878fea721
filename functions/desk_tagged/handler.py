"""/desk/people/tagged: who has a tag, for whoever looks after the list. It takes no form, and changes nothing."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.control.desk.door import Door
from newsletter.control.desk.people.tagged import ROUTES
from newsletter.web.http import Http
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)
door = Door(http, ROUTES, app, logger)

http.resolver.route("/desk/people/tagged.*", methods=["GET", "HEAD"], compress=True)(door.answer)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)

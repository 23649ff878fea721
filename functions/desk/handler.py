"""/desk/: what editors see and do in a browser, about issues, days and results. It cannot read a subscriber."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.control.desk.door import Door
from newsletter.control.desk.overview.calendar_feed import CalendarFeed
from newsletter.control.desk.routes import ROUTES
from newsletter.web.http import Http
from newsletter.wiring import app

logger = Logger()
LARGEST_BODY = 4_500_000
"""Bytes. Lambda takes 6 MB for a request, and API Gateway hands a form over in base64, a third longer."""

http = Http(lambda: app().pages, logger, largest_body=LARGEST_BODY)
door = Door(http, ROUTES, app, logger)
feed = CalendarFeed(http, app)

http.resolver.route("/desk/calendar.ics", methods=["GET", "HEAD"])(feed.answer)  # first: the other matches it too
http.resolver.route("/desk.*", methods=["GET", "HEAD", "POST"], compress=True)(door.answer)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)

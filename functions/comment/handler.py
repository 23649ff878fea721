"""/comment/<signed>/: the text of an issue for whoever was asked for comments. GET changes nothing, POST adds one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.control.comment_pages import CommentPages
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)
pages = CommentPages(http, app, logger)


@http.resolver.route("/comment/<signed>", methods=["GET", "HEAD"])
@http.resolver.route("/comment/<signed>/", methods=["GET", "HEAD"])
def show(signed: str) -> Response:
    return pages.show(signed, datetime.now(UTC))


@http.resolver.post("/comment/<signed>")
@http.resolver.post("/comment/<signed>/")
def add(signed: str) -> Response:
    return pages.add(signed, datetime.now(UTC))


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)

"""/preview/<signed>/: the page of an issue before it is public, for whoever has its address. Changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.desk.adapters.preview_links import read_preview
from newsletter.desk.jobs.show_preview import show_preview
from newsletter.errors import ExpiredTokenError, InvalidTokenError
from newsletter.web.http import Http
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


@http.resolver.route("/preview/<signed>", method=["GET", "HEAD"])
@http.resolver.route("/preview/<signed>/", method=["GET", "HEAD"])
def show(signed: str) -> Response[str]:
    try:
        slug, since = read_preview(signed, app().editor_keys, now=datetime.now(UTC))
        page = show_preview(slug, since, ports=app().preview_page_ports)
    except (InvalidTokenError, ExpiredTokenError):
        # One answer for all: whoever guesses learns nothing, not even whether there is such an issue.
        return http.page("preview_ended", lang="en", status_code=400, data={"error": "this preview has ended"})
    logger.info("preview", extra={"issue": slug})
    return Response(200, page.content_type, page.body.decode(), dict(app().pages.preview_headers()))


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)

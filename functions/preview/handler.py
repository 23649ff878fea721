"""/preview/<signed>/: the page of an issue before it is public, for whoever has its address. Changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.desk.adapters.preview_links import read_preview
from newsletter.desk.domain.preview_view import View, chosen_view
from newsletter.desk.jobs.show_preview import show_file, show_mail, show_preview
from newsletter.errors import ExpiredTokenError, InvalidTokenError
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


@http.resolver.route("/preview/<signed>", methods=["GET", "HEAD"])
@http.resolver.route("/preview/<signed>/", methods=["GET", "HEAD"])
@http.resolver.route("/preview/<signed>/<name>", methods=["GET", "HEAD"])
@http.resolver.route("/preview/<signed>/<folder>/<name>", methods=["GET", "HEAD"])
def show(signed: str, folder: str = "", name: str = "") -> Response:
    query = http.event.query
    view, lang = chosen_view(query.get("view", "")), query.get("lang", "")
    try:
        slug, since = read_preview(signed, app().editor_keys, now=datetime.now(UTC))
        logger.info("preview", extra={"issue": slug, "view": view})
        if name:
            address = show_file(slug, since, f"{folder}/{name}".lstrip("/"), ports=app().preview_page_ports)
            return Response(303, "text/plain", "", {**app().pages.preview_headers(), "Location": address})
        return _page(slug, since, lang) if view is View.PAGE else _mail(slug, since, view, lang)
    except (InvalidTokenError, ExpiredTokenError):
        # One answer for all: whoever guesses learns nothing, not even whether there is such an issue.
        return http.page("preview_ended", lang="en", status_code=400, data={"error": "this preview has ended"})


def _page(slug: str, since: datetime, lang: str) -> Response:
    page_url, ports = app().preview_links.to_page(slug, since=since), app().preview_page_ports
    page = show_preview(slug, since, page_url=page_url, ports=ports, lang=lang)
    return Response(200, page.content_type, page.body.decode(), dict(app().pages.preview_headers()))


def _mail(slug: str, since: datetime, view: View, lang: str) -> Response:
    pages, page_url = app().pages, app().preview_links.to_page(slug, since=since)
    text = show_mail(slug, since, view, page_url=page_url, ports=app().preview_page_ports, lang=lang)
    if view is View.PHONE:
        return http.page("preview_phone", lang="en")
    kind = "plain" if view is View.TEXT else "html"
    return Response(200, f"text/{kind}; charset=utf-8", text, dict(pages.mail_headers()))


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)

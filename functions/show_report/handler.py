"""/report: an editor's link to the report of an issue, or to the growth of the list. Reads, and changes nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.reports.adapters.report_links import read_report_link
from newsletter.reports.domain.report_name import GROWTH
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


@http.resolver.route("/report", methods=["GET", "HEAD"])
def show() -> Response:
    query = http.event.query
    name = read_report_link(query, app().editor_keys, now=datetime.now(UTC))
    stored = app().content.report(name)
    logger.info("show report", extra={"report": name, "found": stored is not None})
    if stored is None:
        return http.page("report_missing", lang="en", status_code=404, data={"error": "there is no such report yet"},
                         growth=name == GROWTH)  # fmt: skip
    report = json.loads(stored)
    if query.get("format") == "json":
        return http.json(report)
    json_url = f"/report?{http.event.raw_query_string}&format=json"
    return http.page("growth" if name == GROWTH else "report", lang="en", data=report, report=report,
                     json_url=json_url, zone=app().rhythm.time_zone)  # fmt: skip


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)

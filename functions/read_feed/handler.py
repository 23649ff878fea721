"""Asked by `schedule` and `desk`: fetches one feed of a website, reads it, and answers what is in it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.desk.adapters.feeds.feed_function import answer_of, read_question
from newsletter.wiring import app

logger = Logger()


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    address, etag, modified = read_question(event)
    feed_answer = app().web_feeds.read(address, etag=etag, modified=modified)
    found = {"outcome": feed_answer.outcome, "entries": len(feed_answer.entries), "problem": feed_answer.problem}
    # Some feeds have a password in their address, and the log needs none.
    logger.info("feed", extra={"host": urlsplit(address).netloc.rpartition("@")[2], **found})
    return answer_of(feed_answer)

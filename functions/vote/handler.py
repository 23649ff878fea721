"""/vote: "Was this useful?" under an issue. GET shows two buttons and counts nothing; POST counts, once a link."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.core.language import msg
from newsletter.errors import InvalidRequestError
from newsletter.feedback.adapters.vote_links import read_vote_link
from newsletter.feedback.domain.response import Vote, VoteLink, VoteResult
from newsletter.feedback.jobs.count_vote import count_vote
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import app

logger, TRAP = Logger(), "reference"
http = Http(lambda: app().pages, logger)


@http.resolver.route("/vote", methods=["GET", "HEAD"])
def show() -> Response:
    vote_link, chosen = _link(), http.event.query.get("answer", "")
    action_url = f"/vote?{http.event.raw_query_string}"
    return http.page("vote", data={"status": "press_the_button"}, action_url=action_url, chosen=chosen,
                     slug=vote_link.slug)  # fmt: skip


@http.resolver.post("/vote")
def act() -> Response:
    vote_link, fields = _link(), http.fields()
    if fields.get("answer") not in set(Vote):
        raise InvalidRequestError(msg("Please press one of the two buttons."))
    counted = count_vote(vote_link, Vote(fields["answer"]), in_trap=bool(fields.get(TRAP)), responses=app().responses)
    # Not what was answered: lines of a log have a moment, and a reader's other clicks have one too.
    logger.info("vote", extra={"issue": vote_link.slug, "outcome": counted})
    already = counted is VoteResult.ALREADY
    return http.page("voted", data={"status": "counted_before" if already else "thank_you"}, already=already,
                     slug=vote_link.slug)  # fmt: skip


def _link() -> VoteLink:
    return read_vote_link(http.event.query, app().keys, now=datetime.now(UTC))


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)

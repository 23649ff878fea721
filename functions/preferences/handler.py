"""/preferences: GET shows what we hold (JSON when asked for); POST changes it, moves it elsewhere, erases it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.core.language import LANGUAGES
from newsletter.core.link_token import Purpose, Token, read
from newsletter.errors import InvalidEmailError, InvalidRequestError
from newsletter.readers.domain.subscriber import Subscriber, pause_choices
from newsletter.readers.jobs import preferences
from newsletter.readers.jobs.admit import may_ask_to_leave
from newsletter.readers.jobs.unsubscribe import rest
from newsletter.web.http import Http, day_of
from newsletter.wiring import app

RECENT = 100
"""Four years of fortnights: what nobody wrote about for so long is no choice any more."""

logger = Logger()
http = Http(lambda: app().pages, logger)


def _topics(muted: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Return what the newest issues are about, and whether this reader muted it."""
    known = {topic for issue in app().issues.newest(RECENT) for topic in issue.topics} | set(muted)
    return [(topic, topic in muted) for topic in sorted(known)]


def _page(who: Subscriber, now: datetime, *, saved: str = "", problem: str = "") -> Response[str]:
    if http.event.query_string_parameters.get("format") == "json":
        return http.json({"subscriber": who.as_held()}, file_name="my-subscription.json")
    return http.page(
        "preferences",
        lang=who.lang,
        status=422 if problem else 200,
        data={"errors": {"new_email": problem}}
        if problem
        else {"status": saved or "shown", "subscriber": who.as_held()},
        action_url=f"/preferences?token={http.token}",
        subscriber={"name": "", "lang": "", **who.as_held()},
        languages=list(LANGUAGES.items()),
        topics=_topics(who.muted_topics),
        paused_until=who.paused_until,
        pause_choices=pause_choices(app().rhythm.local_date(now)),
        saved=saved,
        problem=problem,
        unsubscribe_url=app().links.to(Purpose.UNSUBSCRIBE, who.subscriber_id, now=now),
    )


@http.resolver.route("/preferences", method=["GET", "HEAD"])
def show() -> Response[str]:
    now = datetime.now(UTC)
    token = read(Purpose.PREFERENCES, http.token, app().keys, now=now)
    return _page(preferences.show(token, subscribers=app().subscribers), now)


@http.resolver.post("/preferences")
def act() -> Response[str]:
    now, fields = datetime.now(UTC), http.fields(several=("topic",))
    token = read(Purpose.PREFERENCES, http.token, app().keys, now=now)
    action = fields.get("action", "")
    logger.info("preferences", extra={"subscriber_id": token.subscriber_id, "action": action[:20]})
    match action:
        case "save":
            return _save(token, fields, now)
        case "pause" | "resume":
            until = fields.get("pause_until", "") if action == "pause" else ""
            today = app().rhythm.local_date(now)
            rest(token, day_of(until), subscribers=app().subscribers, today=today)
            return _page(preferences.show(token, subscribers=app().subscribers), now, saved=action)
        case "change_email":
            return _move(token, fields.get("new_email", ""), now)
        case "erase":
            if fields.get("sure") != "yes":
                raise InvalidRequestError("Please tick the box that says you are sure.")
            preferences.erase(token, subscribers=app().subscribers, suppressions=app().suppressions, now=now)
            return http.page("erased")
    raise InvalidRequestError("The form does not say what to do.")


def _save(token: Token, fields: dict[str, str], now: datetime) -> Response[str]:
    known = preferences.show(token, subscribers=app().subscribers)
    muted: Collection[str] = known.muted_topics
    if "topics_shown" in fields:  # an unticked box sends nothing, so the form says that it had boxes
        wanted = set(fields.get("topic", "").split("\n"))
        muted = [topic for topic, _ in _topics(known.muted_topics) if topic not in wanted]
    lang = fields.get("lang", "")
    saved = preferences.save(
        token,
        name=fields.get("name", ""),
        lang=lang if lang in LANGUAGES else "",
        muted_topics=muted,
        subscribers=app().subscribers,
    )
    return _page(saved, now, saved="save")


def _move(token: Token, email: str, now: datetime) -> Response[str]:
    try:
        if not _may_move(token, now):
            return http.page("address_change_sent")
        preferences.move(
            token, email, addresses=app().addresses, ports=app().sign_up_ports, seal_key=app().address_key, now=now
        )
    except InvalidEmailError as problem:
        return _page(preferences.show(token, subscribers=app().subscribers), now, problem=str(problem))
    return http.page("address_change_sent")


def _may_move(token: Token, now: datetime) -> bool:
    """Whether this reader may ask again: each time two mailboxes get a mail."""
    network = http.network(behind_cloudfront=app().settings.behind_cloudfront)
    who, key = token.subscriber_id, app().address_key
    return may_ask_to_leave(who, network, counters=app().counters, policy=app().policy, key=key, now=now).allowed


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)

"""Actions that steer a send, and look at one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from newsletter.control.requests import required_text, send_name
from newsletter.reports.jobs.ask_for_report import ask_for_report
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.reach import Reach
from newsletter.sending.domain.send import Again, Send
from newsletter.sending.jobs.cancel_send import cancel_send
from newsletter.sending.jobs.list_doubtful import list_doubtful
from newsletter.sending.jobs.look_up_outcome import look_up_outcome
from newsletter.sending.jobs.pause_send import pause_send
from newsletter.sending.jobs.rehearse import rehearse
from newsletter.sending.jobs.repair_send import repair_send
from newsletter.sending.jobs.resume_send import resume_send
from newsletter.sending.jobs.send_again import send_again
from newsletter.sending.jobs.send_status import send_status
from newsletter.sending.jobs.send_test import send_test
from newsletter.sending.readers_of_issue import readers_of_send
from newsletter.wiring import App


def status(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Return how a send stands, with its books, and how many of those who wait may have it by now."""
    send, count = send_status(send_name(request), sends=app.sends, now=now)
    return _as_json(send, count.books) | {"in_hand": count.in_hand}


def pause(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Hold a send."""
    pause_send(send_name(request), required_text(request, "because"), ports=app.control_ports, now=now)
    return status(request, app, now)


def resume(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Let a send go on."""
    resume_send(send_name(request), ports=app.control_ports, now=now)
    return status(request, app, now)


def cancel(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Stop a send for good."""
    cancel_send(send_name(request), required_text(request, "because"), ports=app.control_ports, now=now)
    return status(request, app, now)


def send_once_more(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Send to those for whom it failed, or to the rest; `waiting_again` says to how many."""
    whom = Again.FAILED if request["action"] == "retry_failed" else Again.REST
    waiting = send_again(send_name(request), whom, ports=app.control_ports, now=now)
    return {"waiting_again": waiting} | status(request, app, now)


def repair(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Say what is on record about a send and cannot be read; with `apply` rebuild it. The send is held then."""
    slug, apply = send_name(request), request.get("apply") is True
    shard_count = app.settings.fan_out_shards
    return asdict(repair_send(slug, apply=apply, ports=app.repair_ports, shard_count=shard_count, now=now))


def rehearsal(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Send an issue to SES's own mailbox instead of the readers."""
    slug, shard_count = send_name(request), app.settings.fan_out_shards
    send = rehearse(slug, ports=app.control_ports, shard_count=shard_count, now=now)
    return status({"slug": send.slug}, app, now)


def mail_a_test(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Mail an issue to one address, in each of its languages, or in `language`."""
    slug, ports = send_name(request), app.control_ports
    to, name, lang = required_text(request, "email"), str(request.get("name", "")), str(request.get("language", ""))
    reply_to = app.newsletter.reply_to
    languages = send_test(slug, to, name, lang=lang, ports=ports, links=app.links, reply_to=reply_to, now=now)
    return {"slug": slug, "sent": len(languages), "languages": languages}


def look_up(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - as all actions
    """Return what became of one reader in one send."""
    return asdict(look_up_outcome(send_name(request), required_text(request, "email"), ports=app.control_ports))


def doubtful(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Return a page of the readers who may have been mailed twice, or of whom nothing is proven: ids, no addresses."""
    behind = str(request.get("after", ""))
    return asdict(list_doubtful(send_name(request), after=behind, ports=app.control_ports, now=now))


def release_confirmations(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:  # noqa: ARG001
    """Let mail to people who sign up go on."""
    return {"released": any([watch.release(now=now) for watch in app.confirmation_watches.values()])}


def report(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Return the link to the report of a send, or to the growth of the list."""
    name = send_name(request) if request.get("slug") else ""
    return ask_for_report(
        name,
        fresh=request.get("fresh") is True,
        sends=app.sends,
        report_queue=app.report_queue,
        report_links=app.report_links,
        now=now,
    )


def _as_json(send: Send, books: Books) -> dict[str, Any]:
    """Return a send and its books for JSON."""
    return {
        "slug": send.slug,
        "state": str(send.state),
        "opened_at": send.opened_at.isoformat(),
        "closed_at": send.closed_at.isoformat() if send.closed_at else None,
        "paused_because": send.paused_because,
        "paused_by": send.paused_by,
        "resume_at": send.resume_at.isoformat() if send.resume_at else None,
        "doubts_wait_for": send.doubts_wait_for,
        "cancelled_because": send.cancelled_because,
        "round": send.round,
        "forecast": send.forecast.plain() if send.forecast else None,
        "expected_end": send.expected_end.isoformat() if send.expected_end else None,
        "audience_expression": send.audience,
        "goes_to": readers_of_send(send).in_words,
        "audience_is_whole": send.audience_is_whole,
        "books": asdict(books) | {"balanced": books.balanced},
        "reach": Reach.of(send, books).plain(),
    }

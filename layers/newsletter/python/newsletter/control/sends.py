"""Actions that steer a send, and look at one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from newsletter.control.wishes import a_send_name, a_text, told
from newsletter.reports.jobs.ask_for_report import ask_for_report
from newsletter.sending.jobs.cancel_send import cancel_send
from newsletter.sending.jobs.look_up_outcome import look_up_outcome
from newsletter.sending.jobs.pause_send import pause_send
from newsletter.sending.jobs.rehearse import rehearse
from newsletter.sending.jobs.resume_send import resume_send
from newsletter.sending.jobs.send_again import Again, send_again
from newsletter.sending.jobs.send_status import send_status
from newsletter.sending.jobs.send_test import send_test
from newsletter.wiring import App


def status(wish: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - as all actions
    """Return how a send stands, with its books."""
    return told(*send_status(a_send_name(wish), sends=app.sends))


def pause(wish: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Hold a send."""
    pause_send(a_send_name(wish), a_text(wish, "because"), ports=app.control_ports, now=now)
    return status(wish, app, now)


def resume(wish: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Let a send go on."""
    resume_send(a_send_name(wish), ports=app.control_ports, now=now)
    return status(wish, app, now)


def cancel(wish: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Stop a send for good."""
    cancel_send(a_send_name(wish), a_text(wish, "because"), ports=app.control_ports, now=now)
    return status(wish, app, now)


def send_once_more(wish: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Send to those for whom it failed, or to the rest; `waiting_again` says to how many."""
    whom = Again.FAILED if wish["action"] == "retry_failed" else Again.REST
    waiting = send_again(a_send_name(wish), whom, ports=app.control_ports, now=now)
    return {"waiting_again": waiting} | status(wish, app, now)


def rehearsal(wish: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Send an issue to SES's own mailbox instead of the readers."""
    slug, shard_count = a_send_name(wish), app.settings.fan_out_shards
    send = rehearse(slug, ports=app.control_ports, shard_count=shard_count, now=now)
    return status({"slug": send.slug}, app, now)


def mail_a_test(wish: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Mail an issue to one address."""
    slug, reply_to = a_send_name(wish), app.newsletter.reply_to
    to, name = a_text(wish, "email"), wish.get("name", "")
    send_test(slug, to, str(name), ports=app.control_ports, links=app.links, reply_to=reply_to, now=now)
    return {"slug": slug, "sent": 1}


def look_up(wish: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - as all actions
    """Return what became of one reader in one send."""
    return asdict(look_up_outcome(a_send_name(wish), a_text(wish, "email"), ports=app.control_ports))


def release_confirmations(wish: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:  # noqa: ARG001
    """Let mail to people who sign up go on."""
    return {"released": app.confirmation_watch.release(now=now)}


def report(wish: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Return the link to the report of a send, or to the growth of the list."""
    name = a_send_name(wish) if wish.get("slug") else ""
    return ask_for_report(
        name,
        fresh=wish.get("fresh") is True,
        sends=app.sends,
        report_queue=app.report_queue,
        links=app.report_links,
        now=now,
    )

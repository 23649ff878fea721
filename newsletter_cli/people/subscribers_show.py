"""`subscribers show`: everything on record about one person."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from newsletter.errors import InvalidRequestError, UnknownSendError
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.sending.jobs.look_up_outcome import look_up_outcome
from newsletter_cli.console import show_json, show_table
from newsletter_cli.context import stack_of
from newsletter_cli.people.arguments import AsJson, Email, mailbox_of
from newsletter_cli.people.everyone import as_shown
from newsletter_cli.problems import CommandError

if TYPE_CHECKING:
    from newsletter.wiring import App

LAST_ISSUES = 5
"""Each costs three reads."""


def show_subscriber(context: typer.Context, email: Email, as_json: AsJson = False) -> None:
    """Show one person: the record, the receipt of consent and whether it is unchanged, the last issues."""
    app = stack_of(context).app
    _, subscriber_id = mailbox_of(app, email)
    subscriber, suppression = app.subscribers.get(subscriber_id), app.suppressions.get(subscriber_id)
    if subscriber is None and suppression is None:
        raise CommandError("Nobody with this address is on the list. `subscribers add` asks them to confirm.")
    held: dict[str, Any] = as_shown(subscriber) if subscriber else {"subscriber_id": subscriber_id}
    if subscriber is not None and subscriber.consent is not None:
        held["receipt_holds"] = subscriber.consent.holds(app.address_key)
    for number, receipt in enumerate(app.leavers.receipts_of(subscriber_id), start=1):
        holds = receipt.consent.holds(app.address_key)
        held[f"receipt_kept_{number}"] = {**receipt.consent.as_held(), "left_at": receipt.left_at, "holds": str(holds)}
    if suppression is not None:
        held["suppression"] = {name: each for name, each in asdict(suppression).items() if name != "subscriber_id"}
    held["issues"] = _outcomes(app, email, subscriber)
    if as_json:
        show_json(held)
        return
    show_table(("Field", "Value"), list(_lines(held)), nothing="")


def _outcomes(app: App, email: str, subscriber: Subscriber | None) -> dict[str, str]:
    if subscriber is None:
        return {}
    outcomes = {}
    for issue in app.issues.newest(LAST_ISSUES):
        try:
            outcomes[issue.slug] = look_up_outcome(issue.slug, email, ports=app.control_ports).outcome
        except UnknownSendError:
            continue  # it is in the archive, and was never sent
        except InvalidRequestError:
            outcomes[issue.slug] = "forgotten"
    return outcomes


def _lines(held: dict[str, Any]) -> list[tuple[str, object]]:
    lines: list[tuple[str, object]] = []
    for name, value in held.items():
        if name == "receipt_holds":
            said = "yes, nothing was changed since" if value else "NO: the receipt was changed after it was sealed"
            lines.append(("seal of the receipt holds", said))
        elif isinstance(value, dict):
            lines += [(f"{name} {key}".replace("_", " "), each) for key, each in value.items() if each]
        elif value not in ("", [], False):
            lines.append((name.replace("_", " "), ", ".join(value) if isinstance(value, list) else value))
    return lines

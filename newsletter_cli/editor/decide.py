"""`newsletter approve`, `hold`, `release`, `withdraw`: the decisions that a preview's links make, from the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from newsletter_cli.backend import Backend
from newsletter_cli.console import confirm, err, out, show_json, show_table
from newsletter_cli.context import backend_of
from newsletter_cli.issue_names import IssueName
from newsletter_cli.problems import CommandError

SAID = {
    "approved": "Approved: exactly this version may be sent, in its turn.",
    "held": "Held: it will not be sent until somebody releases it.",
    "paused": "It was already going out: its send is paused. To let it continue: newsletter send resume {slug}",
    "released": "Released: it goes out in its turn again.",
    "withdrawn": "Withdrawn: its file is removed and its page goes. To bring it back, publish it again.",
    "already": "Nothing to do: it was so already.",
}
Data = Annotated[bool, typer.Option("--json", help="For programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")]


def approve(context: typer.Context, issue: IssueName, yes: Yes = False) -> None:
    """Approve an issue: exactly its newest version."""
    backend = backend_of(context)
    answer = backend.control("issue", slug=issue)
    err.print(f"{answer['title']}\n{answer['outlook']}", markup=False)
    if not confirm("Approve exactly this version?", yes=yes):
        raise CommandError("Nothing was approved.")
    _decide(backend, "approve_issue", issue, content=answer["content_hash"])


def hold(context: typer.Context, issue: IssueName) -> None:
    """Keep an issue from going out until it is released; if it is going out, hold its send."""
    _decide(backend_of(context), "hold_issue", issue)


def release(context: typer.Context, issue: IssueName) -> None:
    """Let a held issue go out in its turn again."""
    backend = backend_of(context)
    _decide(backend, "release_issue", issue)
    out.print(backend.control("issue", slug=issue)["outlook"], markup=False)


def decisions(context: typer.Context, issue: IssueName, as_data: Data = False) -> None:
    """List what was decided about an issue, when and by whom."""
    noted = backend_of(context).control("issue", slug=issue)["decisions"]
    if as_data:
        show_json(noted)
        return
    show_table(
        ("when", "what", "who", "content"),
        ((each["at"], each["verb"], each["by"] or "an editor", each["content"][:12]) for each in noted),
        nothing="Nothing was decided about it yet.",
    )


def withdraw(context: typer.Context, issue: IssueName, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Remove an issue: it is not sent, leaves the archive, and if it is going out its send is paused."""
    backend = backend_of(context)
    answer = backend.control("issue", slug=issue)
    err.print(f"{answer['title']} ({answer['status']})\n{_consequence(answer)}", markup=False)
    if dry_run:
        out.print("Nothing was changed.")
        return
    if not confirm("Withdraw it?", yes=yes):
        raise CommandError("Nothing was changed.")
    _decide(backend, "withdraw_issue", issue)


def _consequence(answer: Mapping[str, Any]) -> str:
    if answer["status"] in ("sending", "paused"):
        return "Its send would be paused; emails already sent cannot be called back. Its page would leave the archive."
    if answer["status"] in ("sent", "cancelled"):
        return "It has gone out; it would only leave the archive."
    return "It would not be sent, and its page would go."


def _decide(backend: Backend, action: str, slug: str, **more: str) -> None:
    outcome = backend.control(action, slug=slug, **more)["outcome"]
    out.print(SAID[outcome].format(slug=slug), markup=False)

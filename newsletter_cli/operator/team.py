"""`newsletter team`: who writes, approves, keeps the list or owns it all; `newsletter log`: what they did."""

from __future__ import annotations

import csv
import sys
from typing import Annotated, Any

import typer

from newsletter.core.team import Role
from newsletter.readers.importing.domain.formula import guarded
from newsletter_cli.console import confirm, err, out, show_json, show_table
from newsletter_cli.context import stack_of
from newsletter_cli.problems import CommandError, UsageError

team_app = typer.Typer(
    no_args_is_help=True, help="Who is in the team and what each may do; whoever is signs in at the desk."
)
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address of the person.")]
Roles = Annotated[
    list[Role], typer.Option("--role", help="What they may do; several times for several roles.", show_default=False)
]
Data = Annotated[bool, typer.Option("--json", help="For programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

COLUMNS = ("at", "actor", "did", "what", "details", "session")


@team_app.command("list")
def show_team(context: typer.Context, as_data: Data = False) -> None:
    """List the team."""
    members = stack_of(context).about_team("team")["members"]
    if as_data:
        show_json(members)
        return
    rows = (
        (
            each["name"], each["email"], ", ".join(each["roles"]), (each["added_at"] or "")[:10],
            str(each.get("passkeys", "")),  # a stack of before does not say
        )
        for each in members
    )  # fmt: skip
    show_table(("name", "email", "roles", "since", "passkeys"), rows, nothing="Nobody is in the team.")


@team_app.command("invite")
def invite(
    context: typer.Context,
    email: Email,
    role: Roles,
    name: Annotated[str, typer.Option("--name", help="As the others call this person.")] = "",
) -> None:
    """Add somebody to the team; they are told by email. Somebody who is in it gets these roles."""
    roles = [str(each) for each in role]
    answer = stack_of(context).about_team("invite_member", email=email, name=name, roles=roles)
    out.print(f"Invited {answer['label']}: {answer['roles']}. An email tells them how to sign in.", markup=False)


@team_app.command("role")
def change_roles(context: typer.Context, email: Email, role: Roles) -> None:
    """Give somebody other roles in place of those they have; they sign in again."""
    answer = stack_of(context).about_team("change_member_roles", email=email, roles=[str(each) for each in role])
    out.print(f"{answer['label']}: {answer['roles']}.", markup=False)


@team_app.command("remove")
def remove(context: typer.Context, email: Email, yes: Yes = False) -> None:
    """Take somebody out of the team: their sessions, their passkeys and the links in emails to them end."""
    stack = stack_of(context)
    if not confirm(f"Remove {email} from the team?", yes=yes):
        raise CommandError("Nothing was changed.")
    answer = stack.about_team("remove_member", email=email)
    out.print(f"Removed {answer['label']}.", markup=False)


def log(
    context: typer.Context,
    month: Annotated[str, typer.Option("--month", help="As in 2026-12; this month if left out.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="As a table for a spreadsheet.")] = False,
    as_data: Data = False,
) -> None:
    """Show who did what in a month, newest first: at the desk, by links in emails, at the command line."""
    if as_csv and as_data:
        raise UsageError("Say --csv or --json, not both.")
    answer = stack_of(context).about_team("log", month=month)
    lines: list[dict[str, Any]] = answer["lines"]
    if as_data:
        show_json(lines)
    elif as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(COLUMNS)
        writer.writerows([guarded(str(each[column])) for column in COLUMNS] for each in lines)
    else:
        rows = ([each["at"][:19].replace("T", " "), *(each[column] for column in COLUMNS[1:])] for each in lines)
        show_table(("when (UTC)", *COLUMNS[1:]), rows, nothing=f"Nobody did anything in {answer['month']}.")
    if answer["cut"]:
        err.print(f"These are the newest {len(lines):,} lines of {answer['month']}; there are more.")

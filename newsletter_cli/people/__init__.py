"""The list: who is on it, who comes, who leaves, who must not be mailed."""

from __future__ import annotations

import typer

from newsletter_cli.people.accountability.command import accountability
from newsletter_cli.people.export_list import export_list
from newsletter_cli.people.import_list import import_list
from newsletter_cli.people.subscribers_add import add_subscriber
from newsletter_cli.people.subscribers_forget import forget_subscriber
from newsletter_cli.people.subscribers_list import list_subscribers
from newsletter_cli.people.subscribers_remove import remove_subscriber
from newsletter_cli.people.subscribers_repair import repair_subscriber
from newsletter_cli.people.subscribers_show import show_subscriber
from newsletter_cli.people.subscribers_stats import subscriber_stats
from newsletter_cli.people.suppressions_add import add_suppression
from newsletter_cli.people.suppressions_list import list_suppressions
from newsletter_cli.people.suppressions_remove import remove_suppression
from newsletter_cli.people.website_form import form

PANEL = "People"


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    subscribers = typer.Typer(no_args_is_help=True, help="Who is on the list.")
    subscribers.command("list")(list_subscribers)
    subscribers.command("show")(show_subscriber)
    subscribers.command("add")(add_subscriber)
    subscribers.command("remove")(remove_subscriber)
    subscribers.command("forget")(forget_subscriber)
    subscribers.command("repair")(repair_subscriber)
    subscribers.command("stats")(subscriber_stats)
    app.add_typer(subscribers, name="subscribers", rich_help_panel=PANEL)
    app.command("import", rich_help_panel=PANEL)(import_list)
    app.command("export", rich_help_panel=PANEL)(export_list)
    app.command("accountability", rich_help_panel=PANEL)(accountability)
    app.command("form", rich_help_panel=PANEL)(form)
    suppressions = typer.Typer(no_args_is_help=True, help="Who must not be mailed.")
    suppressions.command("list")(list_suppressions)
    suppressions.command("add")(add_suppression)
    suppressions.command("remove")(remove_suppression)
    app.add_typer(suppressions, name="suppressions", rich_help_panel=PANEL)

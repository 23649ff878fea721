"""`subscribers clear-field`: forget what readers answered to a field that is not asked any more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Annotated

import typer

from newsletter.readers.jobs.clear_field import clear_field
from newsletter_cli.console import confirm, out, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.people.arguments import AsJson, Yes
from newsletter_cli.people.subscribers_stats import PARTS
from newsletter_cli.problems import CommandError


def clear_field_of_subscribers(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The key that the field had in fields.yaml.", show_default=False)],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Clear every reader's answer to a field that was taken out of fields.yaml. This cannot be taken back.

    Reads every record, as `subscribers stats` does. After an interruption the same command goes on.
    """
    app = stack_of(context).app
    if key in {each.key for each in app.house_style.stored().reader_fields}:
        raise CommandError(f"Readers are still asked for {key}. Take it out of settings/fields.yaml first.")
    if not confirm(f"Clear every answer to {key}? This cannot be taken back.", yes=yes):
        return
    clear_part = partial(clear_field, key, whole_list=app.subscribers, subscribers=app.subscribers, segments=PARTS)
    with ThreadPoolExecutor(PARTS) as readers:
        count = sum(readers.map(lambda part: clear_part(segment=part), range(PARTS)))
    if as_json:
        show_json({"field": key, "cleared": count})
        return
    out.print(f"{count:,} answers to {key} are cleared. Backups and exported files still hold them.", markup=False)

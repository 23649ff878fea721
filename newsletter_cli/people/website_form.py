"""`newsletter form`: the sign-up form for another website."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter.core.language import LANGUAGES
from newsletter_cli.context import stack_of
from newsletter_cli.problems import UsageError


def form(
    context: typer.Context,
    source: Annotated[str, typer.Option("--source", metavar="URL", help="The page that the form will stand on.")],
    lang: Annotated[str, typer.Option("--lang", help=f"{', '.join(LANGUAGES)}.")] = "en",
) -> None:
    """Print the sign-up form to paste into a page of any website; it says which words its readers agree to."""
    if lang not in LANGUAGES:
        raise UsageError(f"{lang!r} is no language of ours. There are: {', '.join(LANGUAGES)}.")
    typer.echo(stack_of(context).app.pages.embedded_form(source, lang=lang))

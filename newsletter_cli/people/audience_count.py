"""`audience count`: how many readers an issue's `audience` means."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter.core.audience.grammar import parse_audience
from newsletter.core.audience.words import in_words
from newsletter.errors import InvalidAudienceError
from newsletter.readers.look_at_audience import look_at_audience
from newsletter.reports.tag_counts import tag_counts
from newsletter_cli.console import err, out, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.people.arguments import AsJson
from newsletter_cli.problems import UsageError


def count_audience(
    context: typer.Context,
    expression: Annotated[str, typer.Argument(help="As in front matter: tag:members and not tag:staff.")],
    as_json: AsJson = False,
) -> None:
    """Count the readers that an expression means. Nobody's record is read."""
    try:
        parsed = parse_audience(expression)
    except InvalidAudienceError as refusal:
        raise UsageError(str(refusal)) from refusal
    app = stack_of(context).app
    look = look_at_audience(parsed, audience=app.subscribers, known_tags=lambda: tag_counts(app.content))
    if as_json:
        show_json(
            {
                "expression": parsed.text,
                "goes_to": in_words(parsed),
                "readers": look.readers,
                "everybody": look.everybody,
                "is_estimate": look.is_estimate,
                "unknown_tags": {tag: list(near) for tag, near in look.unknown_tags.items()},
            }
        )
        return
    about = "About " if look.is_estimate else ""
    out.print(f"{about}{look.readers:,} of {look.everybody:,}: {in_words(parsed)}.", markup=False)
    for tag, near in look.unknown_tags.items():
        meant = f" Did you mean {' or '.join(near)}?" if near else ""
        err.print(f"No reader has the tag {tag}.{meant}", markup=False)

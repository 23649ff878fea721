"""`newsletter dead-letters show`: what the messages say, without the addresses in them."""

from __future__ import annotations

import contextlib
import json
from typing import Annotated, Any

import typer

from newsletter_cli.console import out, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.operator.dead_letters.meanings import MEANINGS, dead_letter_queues, named_queue
from newsletter_cli.operator.dead_letters.peek import peeked, sent_at, without_addresses
from newsletter_cli.operator.queue_facts import DEAD_LETTERS


def show(
    context: typer.Context,
    queue: Annotated[
        str, typer.Argument(help="publish, schedule, greet, inbound, import, plan, batch, feedback, settle or report.")
    ],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many messages.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show what failed. Nothing is taken out of the queue, and no address is shown."""
    stack = stack_of(context)
    word = named_queue(stack, queue)
    with peeked(stack.client("sqs"), dead_letter_queues(stack)[f"{word}{DEAD_LETTERS}"], limit=limit) as messages:
        rows = [_row(message) for message in messages]
    if as_json:
        show_json(rows)
        return
    if not rows:
        out.print(f"No dead letters of {word}.")
        return
    out.print(MEANINGS[word])
    for row in rows:
        out.print(f"\n[bold]{row['id']}[/bold]  sent {row['sent_at']:%Y-%m-%d %H:%M} UTC")
        out.print(json.dumps(row["body"], ensure_ascii=False, indent=2), markup=False)
    log = {"plan": "fan_out", "batch": "send"}.get(word, word)
    out.print(f"\nThe reason is in the log of {log}: look for the line `failed` with the id of the message.")


def _row(message: dict[str, Any]) -> dict[str, Any]:
    body = without_addresses(message["Body"])
    with contextlib.suppress(ValueError):  # not JSON: a foreign message, shown as it is
        body = json.loads(body)
    return {"id": message["MessageId"], "sent_at": sent_at(message), "body": body}

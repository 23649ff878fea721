"""`newsletter dead-letters list`: how many there are, since when, and what it means."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from newsletter_cli.console import show_json, show_table
from newsletter_cli.context import stack_of
from newsletter_cli.operator.ages import age
from newsletter_cli.operator.dead_letters.meanings import MEANINGS, dead_letter_queues
from newsletter_cli.operator.dead_letters.peek import A_CALL, peeked, sent_at
from newsletter_cli.operator.queue_facts import DEAD_LETTERS, queue_facts
from newsletter_cli.stack import Stack


def list_queues(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False
) -> None:
    """Count the messages that failed for good, queue by queue."""
    now = datetime.now(UTC)
    rows = [_row(stack_of(context), word, url) for word, url in dead_letter_queues(stack_of(context)).items()]
    if as_json:
        show_json(rows)
        return
    table = [
        (row["queue"], row["messages"], age(now - row["oldest"]) if row["oldest"] else None, row["meaning"])
        for row in rows
    ]
    show_table(("queue", "messages", "oldest", "what it means"), table, nothing="This stack has no dead-letter queue.")


def _row(stack: Stack, queue: str, url: str) -> dict[str, Any]:
    sqs, word = stack.client("sqs"), queue.removesuffix(DEAD_LETTERS)
    facts = queue_facts(sqs, url)
    oldest = None
    if facts.waiting:
        # SQS does not say how old the oldest is; of the first ten it is near enough, and exact for fewer.
        with peeked(sqs, url, limit=A_CALL) as messages:
            oldest = min(map(sent_at, messages), default=None)
    return {
        "queue": word,
        "messages": facts.waiting + facts.under_way,
        "oldest": oldest,
        "meaning": MEANINGS.get(word, ""),
    }

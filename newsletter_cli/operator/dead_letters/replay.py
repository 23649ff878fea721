"""`newsletter dead-letters replay`: messages go back where they came from."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from newsletter_cli.console import confirm, out
from newsletter_cli.context import stack_of
from newsletter_cli.operator.dead_letters.meanings import WITHOUT_SOURCE, dead_letter_queues, named_queue
from newsletter_cli.operator.dead_letters.peek import A_CALL
from newsletter_cli.operator.queue_facts import DEAD_LETTERS, QueueFacts, queue_facts
from newsletter_cli.problems import CommandError
from newsletter_cli.progress import progress
from newsletter_cli.stack import Stack

GONE_FROM_STREAMS = (
    "What changed in the tables a day ago is not in their streams any more. Compare what the programs hold with an "
    "export of the list, then purge the queue."
)
FIRE_BY_HAND = (
    "The dead letters of schedule come from the clock itself, so there is no queue to send them back to. "
    'Fire the slot by hand instead (docs/operate.md, "The first send"), within LateAfterHours; they then expire.'
)

HELD = 120
"""Seconds for which a message is out of sight while it is moved; whatever is cut off comes back after."""


def replay(
    context: typer.Context,
    queue: Annotated[
        str, typer.Argument(help="publish, greet, inbound, import, plan, batch, feedback, settle or report.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Send dead letters back to their queue, once the reason is put right. Coming twice, they do nothing new."""
    stack = stack_of(context)
    word = named_queue(stack, queue)
    if word in WITHOUT_SOURCE:
        raise CommandError(FIRE_BY_HAND if word == "schedule" else GONE_FROM_STREAMS)
    sqs, url = stack.client("sqs"), dead_letter_queues(stack)[f"{word}{DEAD_LETTERS}"]
    facts = queue_facts(sqs, url)
    if not facts.waiting:
        out.print(f"No dead letters of {word} to send back.")
        return
    if dry_run:
        out.print(f"{facts.waiting} would go back to {word}.")
        return
    if not confirm(f"Send {facts.waiting} back to {word}?", yes=yes):
        return
    out.print(sent_back(stack, word, facts))


def sent_back(stack: Stack, word: str, facts: QueueFacts) -> str:
    """Send the dead letters of a queue back to it, and return a sentence about it."""
    sqs, target = stack.client("sqs"), stack.resources.queues[word]
    if stack.is_local:
        moved = _moved_by_hand(sqs, dead_letter_queues(stack)[f"{word}{DEAD_LETTERS}"], target, facts.waiting)
        return f"{moved} went back to {word}."
    # SQS goes on when we are gone. The queue is named because feedback puts its dead letters there itself, and SQS
    # knows of no queue that such a message came from.
    sqs.start_message_move_task(SourceArn=facts.arn, DestinationArn=queue_facts(sqs, target).arn)
    return f"SQS is sending {facts.waiting} back to {word}; `newsletter dead-letters list` shows what is left."


def _moved_by_hand(sqs: Any, source: str, target: str, expected: int) -> int:
    """Move messages one by one, sent first and deleted after: cut off in between, a message is there twice, not lost.

    The laptop stack's SQS has no move tasks.
    """
    moved = 0
    with progress() as bar:
        task = bar.add_task("Moving", total=expected)
        # No more than there were: a message that fails again at once must not be moved for ever.
        while moved < expected:
            got = sqs.receive_message(
                QueueUrl=source, MaxNumberOfMessages=min(A_CALL, expected - moved), VisibilityTimeout=HELD
            ).get("Messages", [])
            if not got:
                break
            for message in got:
                sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
                sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
                moved += 1
                bar.advance(task)
    return moved

"""What a message in each dead-letter queue means."""

from __future__ import annotations

from newsletter_cli.operator.queue_facts import DEAD_LETTERS
from newsletter_cli.problems import UsageError
from newsletter_cli.stack import Stack

MEANINGS = {
    "publish": "An upload was not published, or the archive not written.",
    "schedule": "The daily clock failed; an issue may not have been opened.",
    "greet": "Somebody waits for a confirmation, a welcome or a link to leave.",
    "sign_in": "An email with a link to the desk was not sent. Whoever waited has to ask for a new one.",
    "inbound": "An email to unsubscribe was not honoured; its sender is still on the list.",
    "import": "A piece of a list was not imported; the import stays open.",
    "plan": "A part of the audience was not planned; the send stays open.",
    "batch": "Recipients of one batch were not handled.",
    "feedback": "Events of SES were not read; bounces in them suppress nobody.",
    "settle": "A send could not be looked after.",
    "report": "A report was not written or mailed.",
    "webhook": "A message about an event for another program could not be read.",
    "tell": "Changes in the tables could not be told to other programs; the message names them by their numbers.",
}
"""By the word of the queue they failed in; docs/operate.md says what to look for."""

WITHOUT_SOURCE = frozenset({"schedule", "tell"})
"""Their dead letters come from the clock itself, and from streams: there is no queue to send them back to."""


def named_queue(stack: Stack, name: str) -> str:
    """Return the word of the queue that a person named: `plan`, `plan-dead-letters` or `PlanDeadLetters`.

    Raises:
        UsageError: There is none of this name.
    """
    wanted = name.replace("-", "").replace("_", "").lower().removesuffix("deadletters")
    for queue in stack.resources.queues:
        word = queue.removesuffix(DEAD_LETTERS)
        if word != queue and word.replace("_", "") == wanted:
            return word
    known = ", ".join(sorted(each.removesuffix(DEAD_LETTERS) for each in dead_letter_queues(stack)))
    raise UsageError(f"There are no dead letters of {name}. The queues are {known}.")


def dead_letter_queues(stack: Stack) -> dict[str, str]:
    """Return the addresses of the dead-letter queues, by their words."""
    return {word: url for word, url in sorted(stack.resources.queues.items()) if word.endswith(DEAD_LETTERS)}

"""What steers a send while it goes out."""

from __future__ import annotations

from newsletter_cli.verbs import Panel, VerbEntry, VerbGroup

PANEL = Panel(
    "Sending",
    groups=(
        VerbGroup(
            "send",
            "Look at a send and steer it: status, pause, resume, cancel ...",
            (
                VerbEntry(
                    "status",
                    "newsletter_cli.sending.status:status",
                    "Show the progress of a send: state, reason for a pause, speed, forecast, books.",
                ),
                VerbEntry(
                    "outcome",
                    "newsletter_cli.sending.outcome:outcome",
                    "Say what became of one reader in one send, and why.",
                ),
                VerbEntry(
                    "outcomes",
                    "newsletter_cli.sending.outcomes:outcomes",
                    "List readers by how the send ended for them: ids and what is known, never an address.",
                ),
                VerbEntry(
                    "books",
                    "newsletter_cli.sending.books:books",
                    "Show the books of a send: final ones, or counted at this moment.",
                ),
                VerbEntry(
                    "pause",
                    "newsletter_cli.sending.pause:pause",
                    "Hold a send: from the next call on nobody gets it, and everybody keeps their place.",
                ),
                VerbEntry(
                    "resume",
                    "newsletter_cli.sending.pause:resume",
                    "Let a paused send continue where it stopped; nobody gets it twice.",
                ),
                VerbEntry(
                    "cancel",
                    "newsletter_cli.sending.cancel:cancel",
                    "Stop a send for good: whoever has not got the issue does not get it.",
                ),
                VerbEntry(
                    "retry-failed",
                    "newsletter_cli.sending.again:retry_failed",
                    "Try again for everybody with whom it failed; whom SES is known to have accepted is not mailed.",
                ),
                VerbEntry(
                    "rest",
                    "newsletter_cli.sending.again:rest",
                    "Send to those who were cancelled, and to those who joined or came back since.",
                ),
                VerbEntry(
                    "rehearse",
                    "newsletter_cli.sending.rehearse:rehearse",
                    "Send an issue to as many as would get it, but into SES's own mailbox; no reader is mailed.",
                ),
                VerbEntry(
                    "repair",
                    "newsletter_cli.sending.repair:repair",
                    "Find what cannot be read of a send, and with --apply rebuild it from what else is known.",
                ),
                VerbEntry(
                    "replay",
                    "newsletter_cli.sending.replay:replay",
                    "Record once more what SES reported about a send: what is kept of 30 days, and "
                    "what lies among the dead letters.",
                ),
                VerbEntry(
                    "release-confirmations",
                    "newsletter_cli.sending.release_confirmations:release_confirmations",
                    "Let confirmations, moves and reminders go out again that were held back after "
                    "too many bounces or complaints.",
                ),
            ),
        ),
    ),
)

"""`newsletter setup` and `newsletter teardown`: from an account to the first email, and back.

They run on the machine of whoever keeps the account, with broad rights, and never in Lambda. `domain` knows what can be
known without asking; `jobs` are the way, step by step, over `ports`; `adapters` are AWS, the laptop, files and the
terminal.
"""

from __future__ import annotations

from newsletter_cli.verbs import Panel, VerbEntry

PANEL = Panel(
    "The first day, and the last",
    verbs=(
        VerbEntry(
            "setup",
            "newsletter_cli.setup.commands:setup",
            "Take an account to the first email: eight questions, and everything that follows. Goes "
            "on where it stopped.",
        ),
        VerbEntry(
            "teardown",
            "newsletter_cli.setup.commands:teardown",
            "Delete a newsletter: says what goes, what stays, and how to remove that too. Asks for the stack's name.",
        ),
    ),
)

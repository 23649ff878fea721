"""Telling the editors something by email."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.errors import SendRejectedError

if TYPE_CHECKING:
    from newsletter.core.content import MailContent
    from newsletter.core.ports import Mailer, MailRenderer
    from newsletter.core.team import Editor


@dataclass(frozen=True, slots=True)
class Editors:
    """Whoever writes and releases issues, each reached at an address of their own."""

    mailer: Mailer
    mails: MailRenderer
    team: tuple[Editor, ...]

    def tell(self, name: str, /, **context: object) -> None:
        """Send the email `templates/email/<name>.*` to each editor, in exactly one attempt.

        Raises:
            SendThrottledError, SendOutcomeUnknownError, SendRejectedError, SendingPausedError.
        """
        self.send(self.mails.mail(name, lang="", **context))

    def send(self, mail: MailContent) -> None:
        """Send an email that is written already to each editor; raises as `tell` does."""
        self.send_each(lambda _: mail)

    def send_each(self, written_for: Callable[[Editor], MailContent]) -> None:
        """Send each editor an email of their own; raises as `tell` does.

        An address that SES refuses keeps nothing from the others: it is an error only if nobody was reached.
        """
        refused: list[SendRejectedError] = []
        for editor in self.team:
            try:
                self.mailer.send(editor.email, written_for(editor), kind="editors")
            except SendRejectedError as refusal:
                refused.append(refusal)
        if refused and len(refused) == len(self.team):
            raise refused[0]

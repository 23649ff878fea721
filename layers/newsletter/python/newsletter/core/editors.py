"""Telling the editors something by email."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.core.content import MailContent
    from newsletter.core.ports import Mailer, MailRenderer


@dataclass(frozen=True, slots=True)
class Editors:
    """Whoever writes and releases issues, reached at one address."""

    mailer: Mailer
    mails: MailRenderer
    email: str

    def tell(self, name: str, /, **context: object) -> None:
        """Send the email `templates/email/<name>.*`, in exactly one attempt.

        Raises:
            SendThrottledError, SendOutcomeUnknownError, SendRejectedError, SendingPausedError.
        """
        self.send(self.mails.mail(name, lang="", **context))

    def send(self, mail: MailContent) -> None:
        """Send an email that is written already; raises as `tell` does."""
        self.mailer.send(self.email, mail, kind="editors")

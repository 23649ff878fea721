"""The content of an email, before it is addressed to anybody."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailContent:
    """The three things a reader sees of a mail."""

    subject: str
    html: str
    text: str

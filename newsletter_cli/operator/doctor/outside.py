"""The world outside AWS, as doctor asks it: DNS and web pages."""

from __future__ import annotations

from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from newsletter.aws import ses_identity
from newsletter.errors import StoreBusyError
from newsletter_cli.operator.doctor.patient import Answer
from newsletter_cli.problems import CommandError

PATIENCE = 20
"""Seconds for a page."""


def resolve(name: str, kind: str) -> list[str]:
    """Return the records of a name, as text; TXT without quotes, names without the last dot.

    Raises:
        CommandError: No name server answers.
    """
    try:
        return ses_identity.resolve(name, kind)
    except StoreBusyError as exc:
        raise CommandError(f"{exc}. Check the network.") from exc


def fetch(address: str) -> Answer:
    """Ask for a page and return status and headers."""
    if not address.startswith(("https://", "http://")):
        return Answer(0, {})
    try:
        with urlopen(Request(address), timeout=PATIENCE) as answer:  # noqa: S310 - checked above
            return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()})
    except HTTPError as answer:
        return Answer(answer.code, {name.lower(): value for name, value in answer.headers.items()})
    except (URLError, OSError):
        return Answer(0, {})

"""The world outside AWS, as doctor asks it: DNS and web pages."""

from __future__ import annotations

from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from newsletter_cli.operator.doctor.patient import Answer
from newsletter_cli.problems import CommandError

PATIENCE = 20
"""Seconds for a page."""

LIFETIME = 5
"""Seconds for a name."""


def resolve(name: str, kind: str) -> list[str]:
    """Return the records of a name, as text; TXT without quotes, names without the last dot.

    Raises:
        CommandError: No name server answers.
    """
    from dns.exception import DNSException  # a tenth of a second that only doctor pays
    from dns.rdtypes.ANY.TXT import TXT
    from dns.resolver import NXDOMAIN, NoAnswer, NoNameservers
    from dns.resolver import resolve as ask

    try:
        answers = ask(name, kind, lifetime=LIFETIME)
    except (NXDOMAIN, NoAnswer):
        return []
    except (NoNameservers, DNSException) as exc:
        raise CommandError(f"DNS does not answer about {name}. Check the network.") from exc
    return [
        b"".join(record.strings).decode("utf-8", "replace") if isinstance(record, TXT) else record.to_text().rstrip(".")
        for record in answers
    ]


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

"""What SES and DNS say of the domain in From."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.errors import StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

MISSING = frozenset({"NotFoundException", "NotFound", "ResourceNotFoundException"})
"""What SES calls a thing that is not there."""

LIFETIME = 5
"""Seconds for a name."""


def resolve(name: str, kind: str) -> list[str]:
    """Return the records of a name, as text; TXT without quotes, names without the last dot.

    Raises:
        StoreBusyError: No name server answers.
    """
    from dns.exception import DNSException  # a tenth of a second that only those pay who ask
    from dns.rdtypes.ANY.TXT import TXT
    from dns.resolver import NXDOMAIN, NoAnswer, NoNameservers
    from dns.resolver import resolve as ask

    try:
        answers = ask(name, kind, lifetime=LIFETIME)
    except (NXDOMAIN, NoAnswer):
        return []
    except (NoNameservers, DNSException) as exc:
        raise StoreBusyError(f"DNS does not answer about {name}") from exc
    return [
        b"".join(record.strings).decode("utf-8", "replace") if isinstance(record, TXT) else record.to_text().rstrip(".")
        for record in answers
    ]


class SesIdentity:
    """Asks SES about the identity, and name servers about its records."""

    def __init__(
        self, client: SESV2Client, sender_email: str, find_records: Callable[[str, str], list[str]] = resolve
    ) -> None:
        """Ask about the domain of this address; `find_records` returns the records of a name and a kind."""
        self._client = client
        self.find_records = find_records
        self.domain = sender_email.rpartition("@")[2].lower()

    @property
    def region(self) -> str:
        """Where SES sends from."""
        return self._client.meta.region_name

    def identity(self) -> dict[str, Any]:
        """Return what SES says about the sender's domain; nothing if it does not know it."""
        try:
            found: Any = self._client.get_email_identity(EmailIdentity=self.domain)
        except ClientError as exc:
            if exc.response.get("Error", {}).get("Code") not in MISSING:
                raise
            return {}
        return dict(found)

    def identity_in_time(self) -> dict[str, Any]:
        """Return the same, for a page that can do without.

        Raises:
            StoreBusyError: SES does not say.
        """
        try:
            return self.identity()
        except (ClientError, BotoCoreError) as exc:
            raise StoreBusyError("Amazon SES does not say how the sender stands") from exc

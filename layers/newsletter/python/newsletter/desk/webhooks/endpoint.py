"""An endpoint: an address of another program, and which events it is told of."""

from __future__ import annotations

import base64
import ipaddress
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from newsletter.desk.webhooks.event import EventType
from newsletter.errors import InvalidRequestError

MOST = 10
"""Endpoints of a stack. Each event is delivered to each, and a stack feeds a few programs, not the public."""

LONGEST_URL = 1000
"""Characters. The longest in use carry a key of a hundred letters or two."""

SECRET_BYTES = 32
"""Of a secret; the specification asks for 24 to 64."""

BOTH_SIGN = timedelta(hours=24)
"""After a rotation: time to give the program its new secret, in which the old one is right too."""

FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=15)
"""How long an endpoint is left alone after the first failure, and after many in a row. Each call of one that never
answers takes ten seconds in which the events of others wait; so there is one such call in a quarter of an hour."""


class OffBecause(StrEnum):
    """Why an endpoint is told nothing."""

    OWNER = "owner"
    """An owner switched it off."""
    GONE = "gone"
    """It answered 410: nobody wants to be told there any more."""


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """One program that is told of events."""

    endpoint_id: str
    url: str
    event_types: frozenset[EventType]
    with_addresses: bool
    """Whether it is told the addresses of subscribers; otherwise their ids alone."""
    secret: str
    made_by: str
    """The id of the owner who entered it."""
    made_at: datetime
    previous_secret: str = ""
    rotated_at: datetime | None = None
    off_because: OffBecause | None = None
    failures: int = 0
    """Calls in a row that failed."""
    rests_until: datetime | None = None
    """No call before this moment."""
    version: int = 0
    """Counts the writes; a write that expects another version is refused."""

    @property
    def is_on(self) -> bool:
        """Whether it is told anything."""
        return self.off_because is None

    @property
    def label(self) -> str:
        """What pages and the log call it: the address without what may be a password of it."""
        parts = urlsplit(self.url)
        path = parts.path.rstrip("/")
        return f"{parts.hostname}{path}"[:80]

    def secrets_at(self, now: datetime) -> tuple[str, ...]:
        """Return the secrets that sign at this moment: for a day after a rotation, two."""
        turned = self.rotated_at is not None and now < self.rotated_at + BOTH_SIGN
        return (self.secret, self.previous_secret) if turned and self.previous_secret else (self.secret,)

    def rests(self, now: datetime) -> bool:
        """Return whether it is left alone at this moment."""
        return self.rests_until is not None and now < self.rests_until

    def with_new_secret(self, now: datetime) -> WebhookEndpoint:
        """Return it with another secret; the one before signs for a day more."""
        return replace(self, secret=new_secret(), previous_secret=self.secret, rotated_at=now)

    def switched(self, off_because: OffBecause | None) -> WebhookEndpoint:
        """Return it switched off for this reason; None switches it on, with no failure behind it."""
        return replace(self, off_because=off_because, failures=0, rests_until=None)

    def after_failure(self, now: datetime) -> WebhookEndpoint:
        """Return it as one more failure leaves it: at rest, each time for twice as long."""
        rest = min(LONGEST_REST, FIRST_REST * 2 ** min(self.failures, 10))
        return replace(self, failures=self.failures + 1, rests_until=now + rest)

    def after_success(self) -> WebhookEndpoint:
        """Return it with no failure behind it."""
        return replace(self, failures=0, rests_until=None)


@dataclass(frozen=True, slots=True)
class EndpointGone:
    """Whom to tell that an endpoint was switched off since it answered 410."""

    member_id: str
    label: str


def is_endpoint_id(text: str) -> bool:
    """Return whether this may be the id of an endpoint."""
    return re.fullmatch("[0-9a-f]{16}", text) is not None


def new_secret() -> str:
    """Return a new secret, as the specification writes it.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def make_endpoint(
    url: str,
    event_types: Collection[EventType],
    *,
    with_addresses: bool,
    made_by: str,
    http_on_loopback: bool,
    now: datetime,
) -> WebhookEndpoint:
    """Return a new endpoint.

    Args:
        url: Where it is told.
        event_types: What it is told of.
        with_addresses: Whether it is told the addresses of subscribers.
        made_by: The id of the owner who enters it.
        http_on_loopback: Whether http to this very machine will do, as on a laptop.
        now: The present.

    Raises:
        InvalidRequestError: The address is none that events may be sent to, or it is told of nothing.
    """
    address = usable_url(url.strip(), http_on_loopback=http_on_loopback)
    if not event_types:
        raise InvalidRequestError("choose at least one event that this endpoint is told of")
    chosen = frozenset(event_types)
    return WebhookEndpoint(secrets.token_hex(8), address, chosen, with_addresses, new_secret(), made_by, now)


def usable_url(url: str, *, http_on_loopback: bool) -> str:
    """Return the address if events may be sent there, as far as it tells by itself; its host is looked up at each call.

    Raises:
        InvalidRequestError: It is not https, has a user name or a fragment, or leads into a private network.
    """
    if len(url) > LONGEST_URL or re.search(r"[\s\x00-\x20\x7f]", url):
        raise InvalidRequestError(f"an address has no spaces and at most {LONGEST_URL} characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidRequestError(
            "this is not an address; copy it once more from the program that it belongs to"
        ) from None
    if http_on_loopback and parts.scheme in ("http", "https") and _is_loopback(host):
        return url
    if parts.scheme != "https":
        raise InvalidRequestError("the address has to begin with https://, so that nobody on the way can read along")
    if parts.username is not None or parts.fragment:
        raise InvalidRequestError("take the user name and everything from # on out of the address")
    if port == 0 or not _is_public_host(host):
        raise InvalidRequestError("this address leads into a private network; events go to the open internet alone")
    return url


def _is_public_host(host: str) -> bool:
    """Return whether a host may be one of the open internet; which it really is, only looking it up can say."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    try:
        name = host.encode("idna").decode().rstrip(".").lower()
    except UnicodeError:
        return False
    labels = name.split(".")
    # A last label without a letter is a number, however it is written: 0x7f.1 is this machine.
    return len(labels) > 1 and all(labels) and re.fullmatch(r"[a-z][a-z0-9-]*", labels[-1]) is not None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

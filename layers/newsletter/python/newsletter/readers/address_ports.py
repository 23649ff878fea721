"""Ports that judge an address before anybody writes to it, each by what somebody else knows of it."""

from __future__ import annotations

from typing import Protocol


class DisposableDomains(Protocol):
    """Where mailboxes are thrown away after use."""

    def is_disposable(self, domain: str) -> bool: ...


class AddressInsights(Protocol):
    """What is known of an address before anybody writes to it."""

    def is_undeliverable(self, email: str) -> bool:
        """Return whether nothing arrives at this address, for certain; without a clear answer it may."""
        ...


class MailDomains(Protocol):
    """Which domains take mail."""

    def takes_no_mail(self, domain: str) -> bool:
        """Return whether nothing can be delivered to this domain, for certain; without a clear answer it may."""
        ...

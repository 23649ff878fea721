"""Disposable mailboxes, by the list that the project disposable-email-domains keeps."""

from __future__ import annotations

from newsletter.readers.near_miss import near_miss


class ListedDomains:
    """Knows the domains of the list, and everything below them."""

    def is_disposable(self, domain: str) -> bool:
        """Return whether mailboxes of this domain are thrown away after use.

        Args:
            domain: In ASCII, as an address has it after the @ sign.
        """
        if near_miss(domain.lower()):
            return False  # the list has gmial.com too, and most of those who type it are people
        # Ten thousand names take 0.1 s to import on Lambda: only when somebody asks.
        from disposable_email_domains import blocklist

        labels = domain.lower().rstrip(".").split(".")
        return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


class NoDomains:
    """Takes every domain for a lasting one: the policy `allow`."""

    def is_disposable(self, domain: str) -> bool:
        """Return False."""
        del domain
        return False

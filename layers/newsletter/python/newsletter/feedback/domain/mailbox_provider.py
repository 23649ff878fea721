"""Mailbox providers, as far as the domain of an address tells: enough to see that one of them refuses us."""

from __future__ import annotations

from enum import StrEnum


class Provider(StrEnum):
    """Who keeps the mailbox. Companies' own domains may be kept by any of them, and are `other`."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"
    YAHOO = "yahoo"
    APPLE = "apple"
    OTHER = "other"


LABELS = {
    "gmail": Provider.GOOGLE,
    "googlemail": Provider.GOOGLE,
    "outlook": Provider.MICROSOFT,
    "hotmail": Provider.MICROSOFT,
    "live": Provider.MICROSOFT,
    "msn": Provider.MICROSOFT,
    "yahoo": Provider.YAHOO,
    "ymail": Provider.YAHOO,
    "rocketmail": Provider.YAHOO,
    "aol": Provider.YAHOO,
    "icloud": Provider.APPLE,
    "me": Provider.APPLE,
    "mac": Provider.APPLE,
}
"""By the first label of a public mail domain: hotmail.co.uk and hotmail.fr are one provider."""

LONGEST_SUFFIX = 2
"""Labels behind it, as in co.uk; outlook.mail.example.com is somebody else's."""


def provider_of(domain: str) -> Provider:
    """Return who keeps the mailboxes of this domain."""
    label, _, suffix = domain.lower().partition(".")
    if suffix.count(".") >= LONGEST_SUFFIX:
        return Provider.OTHER
    # Two letters and three are sold in every country: only these two are Apple's.
    if label in ("me", "mac") and suffix != "com":
        return Provider.OTHER
    return LABELS.get(label, Provider.OTHER)

"""Providers: known by the public domains of their mailboxes."""

from __future__ import annotations

import pytest

from newsletter.feedback.domain.mailbox_provider import Provider, provider_of


@pytest.mark.parametrize(
    ("domain", "provider"),
    [
        ("gmail.com", Provider.GOOGLE),
        ("GoogleMail.com", Provider.GOOGLE),
        ("hotmail.co.uk", Provider.MICROSOFT),
        ("outlook.fr", Provider.MICROSOFT),
        ("yahoo.co.jp", Provider.YAHOO),
        ("icloud.com", Provider.APPLE),
        ("me.com", Provider.APPLE),
        ("me.uk", Provider.OTHER),
        ("example.org", Provider.OTHER),
        ("outlook.mail.example.com", Provider.OTHER),
        ("", Provider.OTHER),
    ],
)
def test_a_provider_is_known_by_the_domain(domain: str, provider: Provider) -> None:
    assert provider_of(domain) is provider

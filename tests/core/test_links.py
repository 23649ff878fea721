"""The headers by which a reader leaves: by one click, or by a mail."""

from __future__ import annotations

from datetime import UTC, datetime

from newsletter.core.link_token import Purpose, SigningKeys, read
from newsletter.core.links import LEAVE_TAG, Links
from tests.factories import an_id

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
KEYS = SigningKeys(current="k")


def test_a_mail_to_leave_goes_to_our_own_mailbox_where_ses_receives_for_us() -> None:
    links = Links("https://briefing.example.org", KEYS, "leave.example.org")
    url = links.to(Purpose.UNSUBSCRIBE, an_id(1), now=NOW)

    (_, value), _ = links.leave_headers(url, "hello@example.org")

    assert value.startswith(f"<{url}>, <mailto:{LEAVE_TAG}")
    mailbox = value.partition("<mailto:")[2].partition("?")[0]
    local, _, domain = mailbox.partition("@")
    assert domain == "leave.example.org"
    assert len(local) <= 64  # RFC 5321
    assert read(Purpose.UNSUBSCRIBE, local.removeprefix(LEAVE_TAG), KEYS, now=NOW).subscriber_id == an_id(1)


def test_without_a_domain_of_our_own_a_person_reads_it() -> None:
    links = Links("https://briefing.example.org", KEYS)
    url = links.to(Purpose.UNSUBSCRIBE, an_id(1), now=NOW)

    (_, value), _ = links.leave_headers(url, "hello@example.org")

    assert value == f"<{url}>, <mailto:hello@example.org?subject=Unsubscribe>"

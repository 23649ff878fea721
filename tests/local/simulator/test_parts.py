"""The parts of the simulator that need no server."""

import json
import tracemalloc
from datetime import timedelta
from types import SimpleNamespace

import pytest

from local.simulator import template
from local.simulator.account import Account, Limits
from local.simulator.addresses import BadAddressError, bare
from local.simulator.content import Content, Letter, Letters, RawContents, TemplatedContent
from local.simulator.inbox.store import Inbox
from local.simulator.mailbox import Fate, fate
from local.simulator.message import Message
from local.simulator.mime import as_delivered, header_fields
from tests.ses_server import NOW

ENVELOPE = SimpleNamespace(stamps=(), to=("a@example.org",), cc=(), message_id="1")


def message(number: int, content: Content | None = None) -> Message:
    return Message(
        message_id=str(number),
        region="eu-west-2",
        sent_at=0.0,
        sender="n@example.org",
        author="n@example.org",
        to=(f"r{number}@example.org",),
        cc=(),
        bcc=(),
        fates=(Fate.DELIVERED,),
        subject="s",
        tags=(),
        operation="SendEmail",
        configuration_set="",
        identity_arn="",
        caller="",
        content=content or TemplatedContent(Letter("n@example.org", (), "s", "t", None), "{}", (), "s"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{a}} {{ b }} {{{c}}}", "1 {{a}} <3>"),
        ("no variables", "no variables"),
        ("{ {a} }", "{ {a} }"),
    ],
)
def test_simple_substitution(text: str, expected: str) -> None:
    assert template.render(text, {"a": 1, "b": "{{a}}", "c": "<3>"}) == expected


@pytest.mark.parametrize("text", ["{{missing}}", "{{#if a}}x{{/if}}", "{{a", "{{}}", "{{a b}}", "{{a}}}", "{{a}}}}"])
def test_what_cannot_be_substituted_fails_to_render(text: str) -> None:
    with pytest.raises(template.RenderingFailureError):
        template.render(text, {"a": 1})


@pytest.mark.parametrize("address", ["a@b.org", "A B <a@b.org>", '"B, A" <a+b@b.org>', "o'hara@xn--bcher-kva.example"])
def test_addresses_ses_takes(address: str) -> None:
    assert bare(address).endswith(("b.org", "example"))


@pytest.mark.parametrize(
    "address", ["", "a", "a@", "@b.org", "a@b", "é@b.org", "a@bücher.example", "a b@c.org", "a..b@c.org"]
)
def test_addresses_ses_refuses(address: str) -> None:
    with pytest.raises(BadAddressError):
        bare(address)


def test_labels_do_not_change_a_fate() -> None:
    assert fate("Bounce+any.label@simulator.amazonses.com") is Fate.BOUNCED
    assert fate("bounce@example.org") is Fate.DELIVERED


def test_a_burst_lasts_a_second_and_the_rate_holds_after_it() -> None:
    account = Account(Limits(max_send_rate=10))
    passed = 0
    for tenth in range(50):
        while account.take_rate(1, NOW + timedelta(seconds=tenth / 10)):
            passed += 1

    assert 10 + 48 <= passed <= 10 + 50


def test_an_unlimited_account_has_no_quota() -> None:
    account = Account(Limits(max_24_hour_send=-1))
    account.count(10_000_000, NOW)

    assert account.quota_left(1, NOW)


def test_the_quota_rolls_minute_by_minute() -> None:
    account = Account(Limits(max_24_hour_send=10))
    account.count(6, NOW)
    account.count(4, NOW + timedelta(hours=12))

    assert not account.quota_left(1, NOW + timedelta(hours=23))
    assert account.quota_left(6, NOW + timedelta(hours=24, minutes=1))
    assert not account.quota_left(7, NOW + timedelta(hours=24, minutes=1))


def test_raw_messages_of_one_issue_share_their_lines_and_unpack_to_the_same_bytes() -> None:
    contents = RawContents()
    body = b"\r\n".join(b"line %d of the issue" % number for number in range(2000))
    sources = [b"To: r%d@example.org\r\nSubject: s\r\n\r\n" % number + body for number in range(20)]
    sources.append(b"To: x@example.org\r\nSubject: s\r\n\r\n" + body.upper())

    packed = [contents.pack(source, sender="n@example.org", subject="s") for source in sources]

    assert [each.raw(ENVELOPE) for each in packed] == sources
    assert max(each.size for each in packed[1:20]) < 500


def test_equal_letters_are_kept_once() -> None:
    letters = Letters()
    first = letters.shared(Letter("n@example.org", (), "s", "t" * 9, None))

    assert letters.shared(Letter("n@example.org", (), "s", "t" * 9, None)) is first
    assert letters.shared(Letter("n@example.org", (), "other", "t" * 9, None)) is not first


def test_the_oldest_make_room_in_a_full_inbox() -> None:
    inbox = Inbox(max_messages=3)
    for number in range(5):
        inbox.add(message(number))

    assert len(inbox) == 3
    assert inbox.get("1") is None
    assert inbox.get("4") is not None


def test_ten_thousand_recipients_of_a_long_letter_cost_little_each() -> None:
    letter = Letter("n@example.org", (), "s", "t" * 50_000, "h" * 50_000)
    inbox = Inbox()
    tracemalloc.start()
    for number in range(10_000):
        data = json.dumps({"unsubscribe_url": f"https://example.org/unsubscribe?token={number:064}"})
        headers = (("List-Unsubscribe", f"<https://example.org/unsubscribe?token={number:064}>"),)
        inbox.add(message(number, TemplatedContent(letter, data, headers, "s")))
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert used / 10_000 < 2_500


def test_a_folded_header_is_one_field_and_its_parts_leave_together() -> None:
    raw = b"Bcc: a@example.org,\n b@example.org\nSubject: one\n two\nDate: never\n\nbody\n"

    assert header_fields(raw)[1] == ("Subject", "one two")
    assert as_delivered(raw, (("Date", "now"),)) == b"Date: now\r\nSubject: one\r\n two\r\n\r\nbody\r\n"

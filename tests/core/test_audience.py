"""Audience expressions: what can be said, what it means, and what is said about one that cannot be read."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.audience.grammar import DEEPEST, LONGEST, MOST_COMPARISONS, parse_audience
from newsletter.core.audience.words import in_words
from newsletter.errors import InvalidAudienceError

ADA: dict[str, Any] = {
    "tags": ["members", "vip-members"], "muted_topics": ["bins"], "lang": "cy", "source": "https://example.org/events/",
    "confirmed_at": "2026-03-01T12:00:00+00:00", "fields": {"region": "Wales", "born": "1990-05-06"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("tag:members", True),
        ("tag = members", True),
        ("tag:press", False),
        ("tag != press", True),
        ('tag:"VIP Members"', True),
        ("tag:“VIP Members”", True),  # a word processor's
        ("tag:members and not tag:staff", True),
        ("not tag:members or tag:press", False),
        ("tag:press or tag:members and language:de", False),  # `and` binds closer
        ("(tag:press or tag:members) and language:cy", True),
        ("not not tag:members", True),
        ("topic:housing", True),
        ("topic:bins", False),
        ("language:cy", True),
        ("language:CY_GB", False),
        ("source:events", True),
        ("source:example.com", False),
        ("source = events", False),
        ('source = "https://example.org/events/"', True),
        ("joined >= 2026-03-01", True),
        ("joined > 2026-03-01", False),
        ("joined <= 2026-03-01", True),
        ("joined < 2026-03-01", False),
        ("joined = 2026-03-01", True),
        ("joined:2026-03-02", False),
        ("joined != 2026-03-01", False),
        ('field.region = "Wales"', True),
        ("field.region = wales", False),
        ("field.region != England", True),
        ("field.other = x", False),
        ("field.other != x", True),
        ("field.born < 2000-01-01", True),
        ("field.other < 2000-01-01", False),
        ('language:cy or (field.region = "Wales" and joined >= 2026-01-01)', True),
        ("TAG:members AND NOT tag:staff", True),
        ("tag:members\n  and\n  tag:vip-members", True),
    ],
)
def test_an_expression_holds_for_a_reader_or_does_not(text: str, *, holds: bool) -> None:
    assert parse_audience(text).holds(ADA) is holds


def test_of_a_reader_of_whom_nothing_is_known_only_what_they_have_not_is_true() -> None:
    for text in ("tag:x", "language:en", "source:a", "joined < 2999-01-01", "field.a = b"):
        assert not parse_audience(text).holds({})
        assert parse_audience(f"not {text}").holds({})
    assert parse_audience("topic:bins").holds({})  # whoever has muted nothing wants every topic


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("", 1, "empty"),
        ("   ", 1, "empty"),
        ("members", 1, "Write tag:members if it is a tag"),
        ("tag:members tag:press", 13, "Write and, or, or not"),
        ("tag:members and", 16, "The end stands where a comparison should"),
        ("and tag:members", 1, "stands where a comparison should"),
        ("(tag:members", 1, "does not close"),
        ("tag:members)", 12, "none is open"),
        ("tag:", 5, "Nothing stands behind"),
        ("tag members", 5, "compared with nothing"),
        ("tga:members", 1, "Did you mean tag?"),
        ("email:ada@example.org", 1, "tag, topic, language"),
        ("field.Région = x", 1, "Nothing is known of readers"),
        ("field. = x", 1, "Nothing is known of readers"),
        ("tag < members", 5, "has no order"),
        ("joined >= yesterday", 11, "like 2026-12-31"),
        ("joined >= 2026-02-30", 11, "is no day"),
        ("joined > 9999-12-31", 10, "is no day"),
        ("field.born < soon", 14, "is no day"),
        ('tag:""', 5, "is empty"),
        ('tag:" "', 5, "is empty"),
        ("tag:!!!", 5, "Nothing stands behind"),
        ('tag:"!!!"', 5, "can be no tag"),
        ('tag:"members', 5, "Nothing stands behind"),
        ("tag:members; DROP TABLE", 14, "Write and, or, or not"),
        ("__import__('os').system('x')", 1, "does not say what it is"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place_and_a_remedy(text: str, at: int, says: str) -> None:
    with pytest.raises(InvalidAudienceError) as refusal:
        parse_audience(text)

    assert refusal.value.position == at
    assert says in str(refusal.value)


def test_ten_thousand_brackets_and_a_megabyte_are_refused_at_once() -> None:
    deep = "(" * DEEPEST + "tag:a" + ")" * DEEPEST
    assert parse_audience(deep).holds({"tags": ["a"]})
    begun = time.process_time()
    for text in (
        "(" * 10_000 + "tag:a" + ")" * 10_000, f"({deep})", "not " * 240 + "tag:a", "tag:a or " * 120_000 + "tag:a",
        " " * 1_000_000, '"' * 1_000_000, "x" * 1_000_000,
    ):  # fmt: skip
        with pytest.raises(InvalidAudienceError):
            parse_audience(text)
    assert time.process_time() - begun < 5


def test_there_are_at_most_fifty_comparisons() -> None:
    many = [f"tag:t{number}" for number in range(MOST_COMPARISONS + 1)]

    assert parse_audience(" or ".join(many[:-1])).values("tag") == tuple(f"t{number}" for number in range(50))
    with pytest.raises(InvalidAudienceError, match="more than 50"):
        parse_audience(" or ".join(many))


@given(st.text(max_size=LONGEST + 5))
def test_whatever_is_typed_is_read_or_refused_in_a_sentence(text: str) -> None:
    refusals = []
    try:
        parse_audience(text)
    except InvalidAudienceError as refusal:
        refusals.append(refusal)

    assert all(each.message[-1] in ".?" and each.remedy[-1] in ".?" for each in refusals)
    assert all(1 <= each.position <= LONGEST + 1 for each in refusals)


def test_an_expression_stands_on_one_line_and_means_the_same_again() -> None:
    parsed = parse_audience("  tag:members\n\tand language:cy ")

    assert parsed.text == "tag:members and language:cy"
    assert parse_audience(parsed.text).condition == parsed.condition


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tag:members and not tag:staff", "readers tagged “members” and not tagged “staff”"),
        ("language:cy or language:gd", "readers who read in Cymraeg or who read in gd"),
        (
            'language:cy or (field.region = "Wales" and joined >= 2026-01-01)',
            "readers who read in Cymraeg or (whose region is “Wales” and who joined since 2026-01-01)",
        ),
        ("not (topic:bins or source:fair)", "readers not (who have not muted “bins” or from a source with “fair”)"),
        ("joined < 2026-01-01", "readers who joined by 2025-12-31"),
        ("joined < 0001-01-01", "readers who joined never"),
        ("source = /about", "readers from the source “/about”"),
        ("field.born >= 2000-01-01", "readers whose born is at least 2000-01-01"),
    ],
)
def test_a_part_of_the_list_is_named_in_words(text: str, words: str) -> None:
    assert in_words(parse_audience(text)) == words

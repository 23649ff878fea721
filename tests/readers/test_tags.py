"""Tags: how they are written, how many a reader has, and how other systems hand them over."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.audience.tag import LONGEST_TAG, tag_of
from newsletter.errors import InvalidRequestError
from newsletter.readers.tags import (
    MOST_TAGS,
    checked_tag,
    checked_tags,
    tags_in_cell,
    with_tags,
    with_tags_that_fit,
    without_tags,
)
from tests.factories import subscriber


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("VIP Members", "vip-members"),
        ("  press  ", "press"),
        ("Gönner:innen", "gönner-innen"),
        ("ΦΊΛΟΙ", "φίλοι"),
        ("सदस्य", "सदस्य"),  # its vowel signs are marks, and part of the word
        ("2026_spring", "2026-spring"),
        ("-=+x", "x"),
        ("\u202eabc\u200f", "abc"),
        ("{{ x }}", "x"),
        ("🎉", ""),
        ("", ""),
    ],
)
def test_a_tag_is_a_word_of_small_letters_digits_and_hyphens(typed: str, kept: str) -> None:
    assert tag_of(typed) == kept


@given(st.text(max_size=200))
def test_a_tag_that_is_kept_stays_as_it_is(text: str) -> None:
    tag = tag_of(text)

    assert tag_of(tag) == tag
    assert len(tag) <= LONGEST_TAG
    assert not set(tag) & set(" ,;|\n\"'=+@<>{}:()")


@pytest.mark.parametrize("typed", ["", "!!!", "x" * 41, "y" * 1_000_000])
def test_what_can_be_no_tag_is_refused_with_a_remedy(typed: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"shorten it|such as members"):
        checked_tag(typed)


def test_several_tags_are_typed_with_commas_between_them() -> None:
    assert checked_tags("Members, press ,, members") == {"members", "press"}
    with pytest.raises(InvalidRequestError, match="50 tags at most"):
        checked_tags(",".join(f"t{number}" for number in range(MOST_TAGS + 1)))


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ('"Influencer","VIP Member"', {"influencer", "vip-member"}),  # Mailchimp
        ("News,Paid", {"news", "paid"}),  # Ghost
        ('{"city": "Cardiff", "tags": ["a", "b c"], "lists": ["Monthly"]}', {"a", "b-c", "monthly"}),  # listmonk
        ('["x", 7, null, {"y": 1}]', {"x"}),
        ('{"tags": "a; b"}', {"a", "b"}),
        ('{"tags": 5}', set()),
        ("{broken", set()),
        ("[" * 100_000, set()),
        ("", set()),
    ],
)
def test_tags_come_out_of_a_cell_as_other_systems_write_it(cell: str, tags: set[str]) -> None:
    assert tags_in_cell(cell) == tags


def test_of_ten_thousand_tags_in_a_row_the_first_fifty_are_kept() -> None:
    names = [f"tag-{number}" for number in range(10_000)]

    assert tags_in_cell(",".join(names)) == set(names[:MOST_TAGS])
    assert tags_in_cell(json.dumps(names)) == set(names[:MOST_TAGS])


def test_a_reader_has_fifty_tags_at_most() -> None:
    full = subscriber(tags=frozenset(f"t{number:02}" for number in range(49)))

    assert with_tags(full, ["press"]).tags == full.tags | {"press"}
    with pytest.raises(InvalidRequestError, match="50 tags at most"):
        with_tags(full, ["press", "members"])
    assert with_tags_that_fit(full, ["press", "members"]).tags == full.tags | {"members"}
    assert without_tags(full, ["t00", "unknown"]).tags == full.tags - {"t00"}


def test_a_reader_who_asks_for_their_data_gets_their_tags() -> None:
    assert subscriber(tags=frozenset({"press", "members"})).as_held()["tags"] == ["members", "press"]
    assert "tags" not in subscriber().as_held()

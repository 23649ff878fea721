"""Where new readers came from is counted without a word about one of them."""

from __future__ import annotations

import pytest

from newsletter.reports.domain.sign_up_source import MOST_SOURCES, countable_source, most_common_sources


@pytest.mark.parametrize(
    ("page", "source"),
    [
        ("https://www.example.org/about?utm_source=x&email=ada@example.org#top", "www.example.org/about · x"),
        ("subscribe?utm_campaign=Autumn+Launch&utm_source=LinkedIn", "subscribe · linkedin / autumn-launch"),
        ("subscribe?utm_source=ada@example.org&utm_medium=<b>&utm_term=x&fbclid=17", "subscribe"),
        ("https://www.example.org/", "www.example.org"),
        ("/about/", "/about"),
        ("/", "/"),
        ("footer", "footer"),
        ("", "not_said"),
        ("added at the desk", "by_hand"),
        ("Ada Lovelace signed at the fair", "by_hand"),
        ("ada@example.org", "other"),
        ("https://example.org/ada%40example.org", "other"),
        ("https://ada@example.org/", "other"),
        ("x" * 200, "other"),
        ("<script>", "other"),
        ("https://[", "other"),
    ],
)
def test_a_source_is_a_page_or_a_word_and_nothing_about_one_person(page: str, source: str) -> None:
    assert countable_source(page) == source


def test_a_campaign_of_fewer_than_three_readers_counts_with_its_page() -> None:
    counted = {"subscribe · linkedin": 3, "subscribe · ada": 2, "subscribe": 5, "footer · x": 1}

    assert most_common_sources(counted) == {"subscribe": 7, "subscribe · linkedin": 3, "footer": 1}


def test_of_many_sources_the_most_common_are_named_and_nobody_is_left_out() -> None:
    counted = {f"page-{number}": number for number in range(1, 101)} | {"other": 3}

    shown = most_common_sources(counted)

    assert sum(shown.values()) == sum(counted.values())
    assert len(shown) == MOST_SOURCES + 1
    assert next(iter(shown)) == "page-100"

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.language import LANGUAGES, NAMES, choose_language, language_hint, main_code


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("", "en"),
        ("cy", "cy"),
        ("cy-GB,cy;q=0.9,en;q=0.8", "cy"),
        ("de-AT", "de"),
        ("DE-at", "de"),
        ("nl,fr;q=0.5", "fr"),
        ("fr;q=0.2, es;q=0.7, de;q=0.6", "es"),
        ("es;q=0, de;q=0.1", "de"),
        ("*", "en"),
        ("tlh,*;q=0.5", "en"),
        ("en-GB, cy", "en"),
        ("fr;q=x, cy;q=0.3", "cy"),
        ("fr;q=7, cy;q=0.3", "cy"),
        ("fr;q=nan, cy;q=0.3", "cy"),
        (" fr ; q=0.8 , de", "de"),
        (";;;,,,q=1", "en"),
    ],
)
def test_the_language_is_the_best_of_the_browsers_that_we_speak(header: str, chosen: str) -> None:
    assert choose_language(header) == chosen


def test_what_the_reader_chose_counts_more_than_the_browser() -> None:
    assert choose_language("de", "cy") == "cy"


def test_a_wish_we_do_not_speak_leaves_it_to_the_browser() -> None:
    assert choose_language("de", "../../etc") == "de"


def test_a_few_words_are_given_to_whoever_asks_for_them_and_to_no_browser_that_may_like_another_better() -> None:
    assert choose_language("de", "ar") == "ar"
    assert choose_language("ar, fr;q=0.5") == "fr"
    assert choose_language("he") == "en"


def test_readers_of_traditional_chinese_are_not_given_simplified() -> None:
    assert [main_code(code) for code in ("zh", "zh-CN", "zh-Hans", "zh-Hant", "zh-TW", "zh-hk")] == [
        "zh", "zh", "zh", "", "", "",
    ]  # fmt: skip
    assert (language_hint("zh-Hans"), language_hint("zh-Hant")) == ("&lang=zh", "")


@given(st.text(), st.text())
def test_no_header_and_no_wish_is_too_strange(header: str, wanted: str) -> None:
    assert choose_language(header, wanted) in NAMES


@given(
    st.lists(st.tuples(st.sampled_from(["en", "cy", "de", "nl", "*"]), st.integers(0, 1000)), min_size=1, max_size=8)
)
def test_nothing_we_speak_was_wanted_more(wishes: list[tuple[str, int]]) -> None:
    header = ",".join(f"{tag};q={quality / 1000:.3f}" for tag, quality in wishes)

    chosen = choose_language(header)

    most = max((quality for tag, quality in wishes if tag in LANGUAGES), default=0)
    assert (chosen, most) in wishes if most else chosen == "en"

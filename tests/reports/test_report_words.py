"""Figures as the editors read them."""

from zoneinfo import ZoneInfo

import pytest

from newsletter.feedback.domain.feedback import Reason
from newsletter.feedback.domain.mailbox_provider import Provider
from newsletter.readers.domain.subscriber import LEAVING_REASONS
from newsletter.readers.domain.suppression import SuppressionReason
from newsletter.reports.domain.report_words import (
    WORDS,
    added_up,
    after,
    cents,
    frame,
    grouped,
    local,
    share,
    top,
    worded,
)
from newsletter.sending.domain.outcome import Outcome

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize("word", [*LEAVING_REASONS, *SuppressionReason, *Reason, *Provider])
def test_no_word_of_the_code_reaches_an_editor(word: str) -> None:
    assert "_" not in worded(word)
    assert worded(word)


def test_every_outcome_has_words() -> None:
    assert {outcome.reason for outcome in Outcome if outcome.reason} <= set(WORDS) | {"erased"}


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, "–"), (0, 10, "0.0 %"), (1, 100_000, "< 0.01 %"), (9, 1000, "0.90 %"), (999, 1000, "99.9 %")],
)
def test_a_small_share_is_not_called_nothing(part: int, whole: int, said: str) -> None:
    assert share(part, whole).replace("\xa0", " ") == said


@pytest.mark.parametrize(
    ("usd", "said"), [(0, "0.00"), (0.00001, "< 0.0001"), (0.0123, "0.0123"), (1.5, "1.50"), (1234.5, "1,234.50")]
)
def test_a_sum_is_exact_enough_to_be_added_up(usd: float, said: str) -> None:
    assert cents(usd) == said


@pytest.mark.parametrize(("number", "said"), [(0, "0"), (12345, "12,345"), (1.5, "1.50"), (1234.5, "1,234")])
def test_numbers_have_their_thousands_apart(number: float, said: str) -> None:
    assert grouped(number) == said


@pytest.mark.parametrize(
    ("largest", "end"), [(0, 2), (2, 2), (3, 4), (7, 8), (11, 20), (41, 60), (99, 100), (610, 800), (1001, 2000)]
)
def test_an_axis_ends_at_a_round_number_above_everything(largest: int, end: int) -> None:
    assert top(largest) == end


@pytest.mark.parametrize("values", [[0], [3, 5], [90, 100], [12_000, 12_010], [11_800, 12_400], [999_000, 1_000_000]])
def test_a_line_fits_into_its_frame_and_the_frame_can_be_halved(values: list[int]) -> None:
    low, high = frame(values)

    assert 0 <= low <= min(values) <= max(values) <= high
    assert (low + high) % 2 == 0
    assert low < high


def test_moments_are_said_in_the_newsletters_own_time() -> None:
    assert local("2026-07-01T08:00:00+00:00", LONDON) == "Wednesday 1 July 2026, 09:00"
    assert after("2026-07-01T08:00:00+00:00", 2, 5, LONDON) == "09:10"
    assert after("2026-07-01T08:00:00+00:00", 30, 60, LONDON) == "2 Jul, 15:00"


def test_reasons_of_many_days_are_added_up_the_most_frequent_first() -> None:
    assert list(added_up([{"other": 1}, {"too_many": 2}, {"too_many": 1}]).items()) == [("too_many", 3), ("other", 1)]

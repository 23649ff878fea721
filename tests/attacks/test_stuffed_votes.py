"""Whoever wants an issue to look useful: forged tokens, tokens of another issue, one token a hundred times, robots.

And whoever wants to know what a reader answered: tokens that are compared, and what is left of them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from local.documents.blast_radius import reach
from newsletter.core.link_token import Purpose, SigningKeys, sign
from newsletter.core.links import NOBODY, Links, vote_half_of_issue
from newsletter.errors import ExpiredTokenError, InvalidTokenError
from newsletter.feedback.adapters.vote_links import read_vote_link
from newsletter.feedback.domain.response import Responses, Vote, VoteResult
from newsletter.feedback.jobs.count_vote import count_vote
from tests.factories import SLUG, an_id
from tests.feedback.fakes import MemoryResponses

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
KEYS = SigningKeys("ours")
OTHER = "2026-12-15-another-issue"


def query(slug: str, reader: str, keys: SigningKeys = KEYS, *, now: datetime = NOW) -> dict[str, str]:
    """Return what the link under an issue says."""
    url = Links("https://b.example.org", keys).to_vote(slug, reader, now=now)
    return {name: value for name, (value, *_) in parse_qs(urlsplit(url).query).items()}


def test_one_token_a_hundred_times_is_one_vote() -> None:
    responses, link = MemoryResponses(), read_vote_link(query(SLUG, an_id(1)), KEYS, now=NOW)

    results = [count_vote(link, Vote.YES, in_trap=False, responses=responses) for _ in range(100)]

    assert results == [VoteResult.COUNTED] + [VoteResult.ALREADY] * 99
    assert responses.of_issue(SLUG) == Responses(useful=1)


def test_a_second_copy_of_the_email_a_week_later_is_no_second_vote() -> None:
    first, again = (
        read_vote_link(query(SLUG, an_id(1), now=at), KEYS, now=at) for at in (NOW, NOW + timedelta(days=7))
    )

    assert first.mark == again.mark


def test_a_token_of_one_issue_is_none_of_another() -> None:
    with pytest.raises(InvalidTokenError):
        read_vote_link({**query(SLUG, an_id(1)), "issue": OTHER}, KEYS, now=NOW)


@pytest.mark.parametrize("slug", ["", "..", "2026-12-01-x#y", "a/b", "x" * 300])
def test_a_name_that_no_issue_has_is_refused(slug: str) -> None:
    token = sign(Purpose.VOTE, vote_half_of_issue(slug) + "ab" * 8, KEYS, now=NOW)

    with pytest.raises(InvalidTokenError):
        read_vote_link({"issue": slug, "token": token}, KEYS, now=NOW)


@pytest.mark.parametrize("token", ["", "x", "=" * 48, "A" * 48, "ä"])
def test_a_made_up_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        read_vote_link({"issue": SLUG, "token": token}, KEYS, now=NOW)


def test_a_token_under_a_key_of_somebody_else_is_refused() -> None:
    with pytest.raises(InvalidTokenError):
        read_vote_link(query(SLUG, an_id(1), SigningKeys("theirs")), KEYS, now=NOW)


def test_one_character_of_a_token_is_enough_to_spoil_it() -> None:
    genuine = query(SLUG, an_id(1))["token"]
    for place in range(0, len(genuine), 5):
        altered = genuine[:place] + ("A" if genuine[place] != "A" else "B") + genuine[place + 1 :]
        with pytest.raises(InvalidTokenError):
            read_vote_link({"issue": SLUG, "token": altered}, KEYS, now=NOW)


def test_after_a_month_nobody_votes_and_no_mark_is_needed() -> None:
    link = read_vote_link(query(SLUG, an_id(1)), KEYS, now=NOW)
    late = NOW.replace(hour=0, minute=0) + timedelta(days=30, seconds=1)

    with pytest.raises(ExpiredTokenError):
        read_vote_link(query(SLUG, an_id(1)), KEYS, now=late)
    assert link.forgotten_at > late


def test_a_link_of_a_test_or_a_rehearsal_counts_nothing_whoever_presses_it() -> None:
    responses, link = MemoryResponses(), read_vote_link(query(SLUG, NOBODY), KEYS, now=NOW)

    assert count_vote(link, Vote.YES, in_trap=False, responses=responses) is VoteResult.OF_A_TEST
    assert responses.of_issue(SLUG) is None


def test_a_robot_that_fills_in_every_field_counts_nothing() -> None:
    responses, link = MemoryResponses(), read_vote_link(query(SLUG, an_id(1)), KEYS, now=NOW)

    assert count_vote(link, Vote.YES, in_trap=True, responses=responses) is VoteResult.ROBOT
    assert count_vote(link, Vote.NO, in_trap=False, responses=responses) is VoteResult.COUNTED


def test_a_token_holds_no_id_and_two_issues_of_one_reader_have_nothing_in_common() -> None:
    one, other = (read_vote_link(query(slug, an_id(1)), KEYS, now=NOW) for slug in (SLUG, OTHER))

    assert one.mark != other.mark
    assert an_id(1)[:16] not in (one.mark, other.mark)


def test_all_links_of_a_day_say_the_same_of_when_the_email_left() -> None:
    links = [read_vote_link(query(SLUG, an_id(n), now=NOW + timedelta(minutes=n)), KEYS, now=NOW) for n in range(20)]

    assert {link.made_on for link in links} == {NOW.replace(hour=0, minute=0)}
    assert len({link.forgotten_at for link in links}) == 1


def test_the_function_that_counts_meets_no_reader_and_reads_no_count() -> None:
    may = reach()["vote"]

    assert not [place for place in may if place.startswith(("SubscribersTable", "SuppressionsTable", "SendsTable"))]
    assert {action for place, actions in may.items() if "LimitsTable" in place for action in actions} == {
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    }

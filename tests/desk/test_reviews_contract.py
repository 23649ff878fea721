"""The port of what passes between people about an issue: the fake and DynamoDB keep the same contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.desk.adapters.dynamo_reviews import DynamoReviews
from newsletter.desk.domain.comment import Comment, CommentLink
from newsletter.desk.domain.named_test import NamedTest
from newsletter.desk.domain.presence import Doing, Presence
from newsletter.desk.review_ports import Reviews
from tests.desk.review_fakes import MemoryReviews
from tests.factories import SLUG

NOW = datetime(2026, 11, 30, 18, 2, 3, 4, UTC)
OTHER = "2026-12-15-another"


@pytest.fixture(params=["memory", "dynamodb"])
def reviews(request: pytest.FixtureRequest) -> Reviews:
    if request.param == "memory":
        return MemoryReviews()
    return DynamoReviews(request.getfixturevalue("dynamodb"), "ReviewsTable")


def a_comment(minutes: int = 0, chance: str = "0f0f0f0f", **changes: str) -> Comment:
    comment = Comment(NOW + timedelta(minutes=minutes), chance, "ab" * 8, "Jo", "More of what?", 7, "Councils ask")
    return replace(comment, **changes)  # type: ignore[arg-type]


def test_links_are_of_one_issue_and_an_ended_one_stays_ended(reviews: Reviews) -> None:
    first, second = CommentLink("aa" * 8, NOW, "Ann"), CommentLink("0b" * 8, NOW + timedelta(hours=1), "Ann", "Jo")
    for link in (second, first):
        reviews.make_link(SLUG, link)

    assert reviews.links(SLUG) == [first, second]
    assert reviews.link(SLUG, second.link_id) == second
    assert reviews.link(OTHER, second.link_id) is None
    assert reviews.links(OTHER) == []
    assert reviews.end_link(SLUG, second.link_id)
    assert reviews.link(SLUG, second.link_id) == replace(second, ended=True)
    assert not reviews.end_link(OTHER, second.link_id)
    assert not reviews.end_link(SLUG, "ff" * 8)
    assert reviews.link(SLUG, "ff" * 8) is None


def test_comments_come_oldest_first_with_their_answers_and_two_of_one_moment_are_two(reviews: Reviews) -> None:
    first, second, third = a_comment(), a_comment(1, "00000001"), a_comment(1, "00000002")
    for comment in (third, first, second):
        reviews.add(SLUG, comment)

    assert reviews.answer(SLUG, first.comment_id, "Of both.", answered_by="Ann")
    assert reviews.tick_off(SLUG, first.comment_id, done_by="Ben")
    found = reviews.comments(SLUG)
    assert found[0] == replace(first, answer="Of both.", answered_by="Ann", done_by="Ben")
    assert {each.comment_id for each in found[1:]} == {second.comment_id, third.comment_id}
    assert reviews.tick_off(SLUG, first.comment_id, done_by="")
    assert reviews.comments(SLUG)[0].is_open
    assert not reviews.answer(SLUG, a_comment(9).comment_id, "x", answered_by="Ann")
    assert not reviews.tick_off(OTHER, first.comment_id, done_by="Ann")
    assert reviews.comments(OTHER) == []


def test_a_comment_without_a_paragraph_keeps_its_words(reviews: Reviews) -> None:
    comment = replace(a_comment(), line=0, quote="", words="All of it.\nReally.")
    reviews.add(SLUG, comment)

    assert reviews.comments(SLUG) == [comment]


def test_somebody_is_at_an_issue_once_at_the_last_moment(reviews: Reviews) -> None:
    reviews.note_presence(SLUG, Presence("1" * 16, "Ann", Doing.READING, NOW))
    newest = Presence("1" * 16, "Ann", Doing.WRITING, NOW + timedelta(minutes=1))
    reviews.note_presence(SLUG, newest)

    assert reviews.present(SLUG) == [newest]
    assert reviews.present(OTHER) == []


def test_a_test_is_found_by_its_issue_and_its_name(reviews: Reviews) -> None:
    test = NamedTest("ab" * 8, "jo@example.net", "", "Ann", NOW)
    reviews.ask_for_test(SLUG, test)

    assert reviews.test(SLUG, test.test_id) == test
    assert reviews.test(OTHER, test.test_id) is None

"""What the store of issues promises, checked on the one in memory and on DynamoDB alike."""

from __future__ import annotations

import datetime
from dataclasses import fields, replace
from typing import Any

import pytest

from newsletter.core.time_zones import WallTime
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import Headline, IssueRecord
from newsletter.issues.ports import IssueStore
from tests.core.fakes import NOW
from tests.factories import SLUG, record
from tests.issues.fakes import MemoryIssues


@pytest.fixture(params=["memory", "dynamodb"])
def issues(request: pytest.FixtureRequest) -> IssueStore:
    if request.param == "memory":
        return MemoryIssues()
    return DynamoIssues(request.getfixturevalue("dynamodb"), "IssuesTable")


def test_an_issue_comes_back_as_it_was_put(issues: IssueStore) -> None:
    full = record(
        listed=True,
        announced="b" * 64,
        announced_version="v1",
        announced_translations={"cy": "v3"},
        withdrawn=True,
        version="v2",
        preflight={"errors": 0, "warnings": 2},
        approved="b" * 64,
        held=True,
        decisions=("2026-12-01T09:00:00+00:00 hold",),
        uploaded_by="ann@example.org",
        sent_hash="c" * 64,
        corrected_at=NOW,
        sent_at=NOW,
        leaves_at=NOW,
        lang="cy",
        send=SendPolicy.AT,
        send_at=WallTime(datetime.date(2026, 12, 3), 14, 30),
        topics=("housing",),
        audience="tag:members",
        digest="2026-11",
        translated_into=("cy", "pt-BR"),
        once_translated_into=("cy", "fr", "pt-BR"),
        shown=datetime.date(2026, 12, 1),
        preview_since=NOW,
        cleared="d" * 64,
        cleared_headline=Headline(
            title="T",
            summary="S",
            date=datetime.date(2026, 12, 2),
            lang="de",
            topics=("a",),
            translated_into=("cy",),
        ),
    )
    left_out = [each.name for each in fields(full) if getattr(full, each.name) in (each.default, {})]
    assert not left_out, "a field that is not put here may be lost unseen"

    assert issues.put(full, before=None)
    assert issues.get(SLUG) == full
    assert issues.get("another") is None


def test_more_records_than_one_question_takes_come_back_by_name(issues: IssueStore) -> None:
    slugs = [f"issue-{number}" for number in range(101)]
    for slug in slugs:
        issues.put(record(slug=slug), before=None)

    found = issues.get_many([*slugs, slugs[0], "another"])

    assert found == {slug: record(slug=slug) for slug in slugs}
    assert issues.get_many([]) == {}


def test_a_record_is_written_only_over_the_one_that_was_read(issues: IssueStore) -> None:
    first = record()
    issues.put(first, before=None)

    assert not issues.put(record(title="as if new"), before=None)
    assert not issues.put(record(title="x"), before=record(content_hash="c" * 64))
    assert not issues.put(record(title="x"), before=record(status=IssueStatus.SENDING))
    assert issues.put(record(title="second", sequencer="6".rjust(64, "0")), before=first)
    assert not issues.put(record(title="third"), before=first)


def test_sending_begins_only_from_ready_and_with_exactly_this_content(issues: IssueStore) -> None:
    assert not issues.begin_sending(SLUG, "a" * 64, needs_approval=False)
    issues.put(record(), before=None)

    assert not issues.begin_sending(SLUG, "b" * 64, needs_approval=False)
    assert issues.begin_sending(SLUG, "a" * 64, needs_approval=False)
    assert not issues.begin_sending(SLUG, "a" * 64, needs_approval=False)
    stored = issues.get(SLUG)
    assert stored is not None
    assert (stored.status, stored.listed) == (IssueStatus.SENDING, True)


def test_a_send_remembers_which_content_it_is_locked_to(issues: IssueStore) -> None:
    issues.put(record(), before=None)
    issues.begin_sending(SLUG, "a" * 64, needs_approval=False)

    stored = issues.get(SLUG)

    assert stored is not None
    assert stored.sent_hash == "a" * 64


def test_only_the_approved_content_is_sent_where_approval_is_asked_for(issues: IssueStore) -> None:
    issues.put(record(), before=None)

    assert issues.approve(SLUG, "b" * 64, noted="approve b") is None
    assert not issues.begin_sending(SLUG, "a" * 64, needs_approval=True)
    approved = issues.approve(SLUG, "a" * 64, noted="approve a")
    assert approved == record(approved="a" * 64, decisions=("approve a",))
    assert issues.begin_sending(SLUG, "a" * 64, needs_approval=True)


def test_a_held_issue_is_sent_only_after_its_release(issues: IssueStore) -> None:
    issues.put(record(approved="a" * 64), before=None)

    held = issues.hold(SLUG, held=True, noted="hold")
    assert held is not None
    assert held.held
    assert issues.hold(SLUG, held=True, noted="hold again") is None
    assert not issues.begin_sending(SLUG, "a" * 64, needs_approval=True)
    assert issues.hold(SLUG, held=False, noted="release") == record(approved="a" * 64, decisions=("hold", "release"))
    assert issues.hold(SLUG, held=False, noted="release again") is None
    assert issues.begin_sending(SLUG, "a" * 64, needs_approval=True)


def test_nobody_decides_about_an_issue_we_do_not_know_and_none_approves_one_that_was_withdrawn(
    issues: IssueStore,
) -> None:
    issues.put(record(withdrawn=True), before=None)

    assert issues.approve(SLUG, "a" * 64, noted="approve") is None
    assert issues.hold("unknown", held=True, noted="hold") is None
    assert issues.hold("unknown", held=False, noted="release") is None
    assert issues.get("unknown") is None


def test_a_decision_in_the_middle_of_an_upload_is_not_overwritten(issues: IssueStore) -> None:
    before = record()
    issues.put(before, before=None)
    issues.hold(SLUG, held=True, noted="hold")

    assert not issues.put(record(title="Newer"), before=before)
    decided = issues.get(SLUG)
    assert decided is not None
    assert issues.put(replace(decided, title="Newer"), before=decided)


def test_issues_are_found_by_status_oldest_first_and_in_the_archive_newest_first(issues: IssueStore) -> None:
    for day, slug in ((15, "b"), (1, "a"), (29, "c")):
        issues.put(record(slug=slug, date=datetime.date(2026, 12, day), listed=slug != "c"), before=None)
    issues.put(record(slug="draft", status=IssueStatus.DRAFT), before=None)

    assert [each.slug for each in issues.with_status(IssueStatus.READY)] == ["a", "b", "c"]
    assert [each.slug for each in issues.newest(10)] == ["b", "a"]


def test_the_archive_is_asked_in_bounded_questions(issues: IssueStore) -> None:
    days = [datetime.date(year, month, 1) for year in (2023, 2025, 2026) for month in (1, 2, 12)]
    for day in days:
        issues.put(record(slug=f"{day:%Y-%m}", date=day, listed=True), before=None)
    waiting: dict[str, Any] = {"date": datetime.date(2026, 2, 2), "send": SendPolicy.NEVER}
    issues.put(record(slug="waits", **waiting), before=None)
    issues.put(record(slug="taken-back", **waiting, withdrawn=True), before=None)
    issues.put(record(slug="held-back", **waiting, held=True), before=None)
    issues.put(record(slug="not-approved", **waiting, cleared=""), before=None)
    issues.put(record(slug="sent-in-its-turn", date=datetime.date(2026, 2, 2)), before=None)
    here = datetime.date(2025, 2, 1), "2025-02"

    def slugs(found: list[IssueRecord]) -> list[str]:
        return [each.slug for each in found]

    assert slugs(issues.newest(2)) == ["2026-12", "2026-02"]
    assert slugs(issues.listed_in(2025)) == ["2025-12", "2025-02", "2025-01"]
    assert slugs(issues.listed_in(2024)) == []
    assert slugs(issues.older_than(*here, 1)) == ["2025-01"]
    assert slugs(issues.older_than(*here, 2)) == ["2025-01", "2023-12"]
    assert slugs(issues.newer_than(*here, 1)) == ["2025-12"]
    assert slugs(issues.newer_than(days[-1], "2026-12", 1)) == []
    assert issues.years() == [2026, 2025, 2023]
    assert slugs(issues.coming(datetime.date(2026, 2, 2), 5)) == ["waits"]
    assert slugs(issues.coming(datetime.date(2026, 2, 1), 5)) == []


def test_where_an_issue_is_shown_is_kept_and_lost_by_no_other_writer(issues: IssueStore) -> None:
    issues.put(record(listed=True), before=None)
    issues.set_shown(SLUG, datetime.date(2026, 12, 1))

    stored = issues.get(SLUG)
    assert stored is not None
    assert stored.shown == datetime.date(2026, 12, 1)
    assert not issues.put(record(title="from an older reading"), before=record(listed=True))
    assert issues.put(replace(stored, title="from this one"), before=stored)
    issues.set_shown(SLUG, None)
    assert issues.get(SLUG) == replace(stored, title="from this one", shown=None)


def test_single_facts_about_an_issue_are_set_without_touching_the_rest(issues: IssueStore) -> None:
    issues.put(record(), before=None)

    issues.set_announced(SLUG, "d" * 64, version="v2", translations={"cy": "v4"})
    assert issues.set_listed(replace(record(), announced="d" * 64), listed=True)
    assert [each.slug for each in issues.newest(10)] == [SLUG]
    issues.set_status(SLUG, IssueStatus.SENT, sent_at=NOW)
    issues.set_status(SLUG, IssueStatus.SENT)

    told = {"announced": "d" * 64, "announced_version": "v2", "announced_translations": {"cy": "v4"}}
    assert issues.get(SLUG) == record(**told, listed=True, status=IssueStatus.SENT, sent_at=NOW)


def test_what_the_site_shows_is_noted_on_the_record_as_it_was_read_and_on_no_other(issues: IssueStore) -> None:
    waits = record(send=SendPolicy.NEVER)
    issues.put(waits, before=None)
    assert issues.hold(SLUG, held=True, noted="hold")
    assert not issues.set_listed(waits, listed=True)

    held = issues.get(SLUG)
    assert held is not None
    assert issues.set_listed(held, listed=False)
    assert issues.coming(waits.date, 5) == []
    released = issues.hold(SLUG, held=False, noted="release")
    assert released is not None
    assert issues.set_listed(released, listed=False)
    assert [each.slug for each in issues.coming(waits.date, 5)] == [SLUG]
    assert issues.set_listed(released, listed=True)
    assert (issues.coming(waits.date, 5), [each.slug for each in issues.newest(5)]) == ([], [SLUG])


def test_an_issue_stands_in_the_archive_where_its_cleared_content_stands(issues: IssueStore) -> None:
    cleared = record(status=IssueStatus.SENT, listed=True, date=datetime.date(2024, 3, 1))
    waits = replace(
        cleared, content_hash="b" * 64, date=datetime.date(2026, 3, 1), cleared_headline=cleared.headline, title="New"
    )
    issues.put(waits, before=None)
    assert issues.years() == [2024]

    approved = issues.approve(SLUG, "b" * 64, noted="approve", corrected_at=NOW)
    assert approved is not None
    assert (approved.as_cleared(), approved.corrected_at) == (approved, NOW)
    assert issues.set_listed(approved, listed=True)
    assert [each.title for each in issues.listed_in(2026)] == ["New"]
    assert issues.years() == [2026]

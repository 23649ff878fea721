"""The field `digest` of an issue: which month it names, when it may go out, and who is counted for it."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from newsletter.core.audience.expression import AudienceExpression
from newsletter.core.audience.look import AudienceLook
from newsletter.errors import InvalidIssueError
from newsletter.issues.checking.preflight import IssueChecks
from newsletter.issues.domain.issue import Issue, IssueStatus, RenderedIssue, SendPolicy
from newsletter.issues.domain.issue_record import latest_issue
from newsletter.issues.domain.preflight import AUDIENCE_READERS, Preflight
from newsletter.issues.writing.front_matter import parse_issue, read_translation
from newsletter.issues.writing.markdown import Markdown
from newsletter.readers.look_at_audience import look_at_audience
from tests.factories import record, rendered, subscriber
from tests.issues.rendering_samples import NEWSLETTER, URL
from tests.readers.fakes import MemorySubscribers

TODAY = datetime.date(2026, 11, 24)
TEN = MemorySubscribers(*(subscriber(each, digest_since="2026-11" if each < 3 else "") for each in range(10)))


def parsed(*lines: str) -> Issue:
    top = "\n".join(("title: T", "date: 2026-12-01", *lines))
    return parse_issue("x", f"---\n{top}\n---\n\nText.\n".encode())


@pytest.mark.parametrize("send", ["send: 2026-12-01 00:00", "send: 2027-03-01 09:00", "send: now"])
def test_a_digest_goes_out_at_an_hour_after_its_month_or_now(send: str) -> None:
    assert parsed("digest: 2026-11", send).digest == "2026-11"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["digest: 2026-11"], "A digest goes out at an hour of its own"),
        (["digest: 2026-11", "send: never"], "A digest goes out at an hour of its own"),
        (["digest: 2026-12", "send: 2026-12-31 23:59"], "the month of the digest, 2026-12, is not over then"),
        (["digest: november", "send: now"], "`november` is not a month"),
        (["digest: 2026-13", "send: now"], "`2026-13` is not a month"),
        (["digest: [2026-11]", "send: now"], "`digest` is a list"),
    ],
)
def test_what_cannot_be_a_digest_is_refused_with_its_line_and_a_remedy(lines: list[str], said: str) -> None:
    with pytest.raises(InvalidIssueError) as refused:
        parsed(*lines)

    (problem,) = refused.value.problems
    assert said in problem.message
    assert (problem.line in (4, 5), bool(problem.remedy)) == (True, True)


def test_a_translation_belongs_to_the_same_month() -> None:
    original = parsed("digest: 2026-11", "send: now")
    text = b"---\ntitle: T\n---\n\nText.\n"

    assert read_translation(original, "cy", text, Markdown())[0].digest == "2026-11"
    with pytest.raises(InvalidIssueError, match="an issue has one"):
        read_translation(original, "cy", text.replace(b"title: T", b"title: T\ndigest: 2026-10"), Markdown())


def test_whoever_approves_a_digest_approves_for_whom_it_is_and_other_issues_keep_their_fingerprint() -> None:
    plain = rendered(content_hash="").sealed()

    assert "digest" not in plain.to_json()
    assert replace(plain, digest="2026-11").sealed().content_hash != plain.content_hash
    assert RenderedIssue.from_json(replace(plain, digest="2026-11").to_json()).digest == "2026-11"


def checked(issue: Issue, *, offers_digest: bool = True, readers: MemorySubscribers = TEN) -> Preflight:
    def look(expression: AudienceExpression) -> AudienceLook:
        return look_at_audience(expression, audience=readers, known_tags=tuple)

    checks = IssueChecks(NEWSLETTER, URL, look_at_audience=look, offers_digest=offers_digest)
    return checks.check(issue, rendered(), missing=(), refused={}, others=(), today=TODAY)


def test_an_issue_and_a_digest_are_counted_before_anybody_approves_them() -> None:
    digest = replace(parsed("digest: 2026-11", "send: 2026-12-03 09:00"), summary="Another.")

    assert checked(parsed()).measures[AUDIENCE_READERS] == 7
    assert checked(digest).measures[AUDIENCE_READERS] == 3
    assert AUDIENCE_READERS not in checked(parsed(), offers_digest=False).measures
    assert AUDIENCE_READERS not in checked(replace(parsed(), send=SendPolicy.NEVER)).measures


def test_a_digest_that_nobody_chose_is_a_warning_and_every_reader_of_an_issue_is_none() -> None:
    nobodys = checked(parsed("digest: 2026-10", "send: 2026-12-03 09:00"))

    assert [each.code for each in nobodys.warnings if each.code.startswith("audience")] == ["audience-nobody"]
    assert "Nobody has chosen the digest" in next(e.remedy for e in nobodys.warnings if e.code == "audience-nobody")
    everybodys = checked(parsed(), readers=MemorySubscribers(subscriber(1), subscriber(2)))
    assert everybodys.measures[AUDIENCE_READERS] == 2
    assert not [each for each in everybodys.warnings if each.code == "audience-everybody"]


def test_a_digest_is_not_what_a_welcome_calls_the_newest_issue() -> None:
    issue = record(status=IssueStatus.SENT)

    newest = latest_issue([issue, record(slug="digest", digest="2026-11", status=IssueStatus.SENT)], lambda one: one)

    assert newest is not None
    assert newest.slug == issue.slug

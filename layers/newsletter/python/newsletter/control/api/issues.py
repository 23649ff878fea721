"""Issues: which there are, how each stands, and what is decided about one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from newsletter.control.api.cursor import LONGEST, cursor_of, position_of
from newsletter.control.api.fields import page_size, up_to
from newsletter.control.api.request import ApiRequest, ApiRoute, Nothing
from newsletter.control.issues import REFUSALS, in_short
from newsletter.core.text import one_line
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.comment import LONGEST_NAME
from newsletter.desk.domain.decision import Decision, DecisionOutcome, Verb, noted_decisions
from newsletter.desk.jobs.decide import decide
from newsletter.desk.review.named_test import ask_for_named_test
from newsletter.errors import InvalidRequestError, NotFoundError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.public_version import public_version
from newsletter.issues.domain.send_time import send_time_sentence

LISTED = "issues"


@dataclass(frozen=True, slots=True)
class IssueQuery:
    """Which issues."""

    status: IssueStatus | None = None
    """Only those that stand like this."""
    limit: int = page_size()
    """Items of a page."""
    cursor: str = up_to(LONGEST, default="")
    """`next` of the page before."""


@dataclass(frozen=True, slots=True)
class IssueLine:
    """An issue in short."""

    slug: str
    date: date
    """Its cover date, and the earliest day on which it goes out."""
    status: str
    """`draft`, `ready`, `sending`, `paused`, `sent`, `cancelled` or `withdrawn`."""
    title: str
    subject: str
    """Of its email."""
    summary: str
    send: str
    """`scheduled`, `now`, `never`, or `at` where `send_at` says when."""
    send_at: str | None
    """Its own hour, by the clock of the newsletter, such as `2026-12-03 14:30`; null if it has none."""
    held: bool
    """Whether somebody stopped it from going out."""
    approved: bool
    """Whether somebody approved exactly this content."""
    sent_at: datetime | None
    errors: int
    """What the checks found; an issue with errors does not go out."""
    warnings: int


@dataclass(frozen=True, slots=True)
class IssueList:
    """A page of issues, the newest date first."""

    items: tuple[IssueLine, ...]
    next: str | None
    """The cursor of the next page; null on the last one."""


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision about an issue."""

    at: str
    verb: str
    content: str
    """The hash of the content that it was about."""
    by: str
    """Who decided; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class IssueShown:
    """An issue as it stands."""

    issue: IssueLine
    content_hash: str
    """Of the newest good upload; an approval names it."""
    uploaded_by: str
    """Who uploaded it last, as far as that is known."""
    public: bool
    """Whether readers can see its page."""
    when: str
    """A sentence: when it goes out, or why not."""
    decisions: tuple[DecisionLine, ...]
    """The oldest first."""
    version: str
    """The upload that it was made from: `upload_version` of whoever handed it in."""


@dataclass(frozen=True, slots=True)
class ContentToApprove:
    """What is approved."""

    content_hash: str = up_to(64)
    """Of the issue as it was looked at: a newer version is never approved by it."""


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """What came of a decision."""

    slug: str
    outcome: DecisionOutcome
    """`approved`, `held`, `paused` (it was going out), `released` or `withdrawn`; `already` if it was so before."""
    content_hash: str


@dataclass(frozen=True, slots=True)
class TestMail:
    """Whom a test goes to."""

    email: str = up_to(254)
    name: str = up_to(LONGEST_NAME, default="")
    """As readers are called in it; empty for none."""


@dataclass(frozen=True, slots=True)
class TestAsked:
    """A test that is on its way."""

    slug: str
    test_id: str


def list_issues(request: ApiRequest[IssueQuery, Nothing]) -> IssueList:
    """List the issues, the newest date first."""
    query, app = request.query, request.app
    statuses = [query.status] if query.status else list(IssueStatus)
    records = [record for status in statuses for record in app.issues.with_status(status)]
    records.sort(key=_place, reverse=True)
    behind = position_of(query.cursor, LISTED, 2)
    left = [record for record in records if not any(behind) or _place(record) < behind]
    page = left[: query.limit]
    more = cursor_of(LISTED, *_place(page[-1])) if len(left) > len(page) else None
    return IssueList(tuple(_line(record) for record in page), more)


def get_issue(request: ApiRequest[Nothing, Nothing]) -> IssueShown:
    """Show one issue."""
    app, record, now = request.app, record_of(request), request.now
    ready, rhythm, needs_approval = (
        app.issues.with_status(IssueStatus.READY), app.current_rhythm(), app.settings.needs_approval,
    )  # fmt: skip
    when = send_time_sentence(record, ready, rhythm, needs_approval=needs_approval, now=now)
    return IssueShown(
        _line(record),
        record.content_hash,
        record.uploaded_by,
        public_version(record, rhythm=rhythm, needs_approval=needs_approval, now=now) is not None,
        "It was withdrawn." if record.withdrawn else when,
        tuple(
            DecisionLine(each.moment.isoformat(), each.verb, each.content_hash, each.label)
            for each in noted_decisions(record)
        ),
        record.version,
    )


def approve_issue(request: ApiRequest[Nothing, ContentToApprove]) -> DecisionMade:
    """Approve exactly this content of an issue."""
    return _decide(request, Verb.APPROVE, request.body.content_hash)


def hold_issue(request: ApiRequest[Nothing, Nothing]) -> DecisionMade:
    """Put an issue on hold; if it is going out, its send is paused."""
    return _decide(request, Verb.HOLD)


def release_issue(request: ApiRequest[Nothing, Nothing]) -> DecisionMade:
    """Take an issue off hold."""
    return _decide(request, Verb.RELEASE)


def withdraw_issue(request: ApiRequest[Nothing, Nothing]) -> DecisionMade:
    """Remove the file of an issue: it is not sent, and leaves the archive."""
    return _decide(request, Verb.WITHDRAW)


def mail_test(request: ApiRequest[Nothing, TestMail]) -> TestAsked:
    """Mail an issue to one address as a test. The team has twenty of these a day."""
    slug, mail = record_of(request).slug, request.body
    test = ask_for_named_test(
        slug, mail.email, one_line(mail.name), asked_by=request.api_key.label, ports=request.app.named_test_ports,
        now=request.now,
    )  # fmt: skip
    request.note("asked for a test", slug, "to an address of its own")
    return TestAsked(slug, test.test_id)


def record_of(request: ApiRequest[Any, Any]) -> IssueRecord:
    """Return the record of the issue that the path names.

    Raises:
        NotFoundError: There is none.
    """
    record = request.app.issues.get(request.parts["slug"])
    if record is None:
        raise NotFoundError("there is no such issue")
    return record


def _decide(request: ApiRequest[Any, Any], verb: Verb, content: str = "") -> DecisionMade:
    app, slug = request.app, record_of(request).slug
    decision = Decision(slug, content, verb, request.api_key.as_editor)
    decided = decide(decision, by_link=False, ports=app.decide_ports, rhythm=app.current_rhythm(), now=request.now)
    if decided.outcome.refused:
        raise InvalidRequestError(REFUSALS[decided.outcome].format(slug=slug))
    content_hash = decided.record.content_hash if decided.record else content
    if decided.outcome.changed:
        request.note(str(decided.outcome), slug, content_hash)
    return DecisionMade(slug, decided.outcome, content_hash)


def _place(record: IssueRecord) -> tuple[str, str]:
    return record.date.isoformat(), record.slug


def _line(record: IssueRecord) -> IssueLine:
    return IssueLine(**in_short(record) | {"date": record.date, "sent_at": record.sent_at})


ISSUE = "/issues/<slug>"

ROUTES = (
    ApiRoute("GET", "/issues", Act.LOOK, list_issues, query=IssueQuery),
    ApiRoute("GET", ISSUE, Act.LOOK, get_issue),
    ApiRoute("POST", f"{ISSUE}/approve", Act.DECIDE, approve_issue, body=ContentToApprove, changes=True),
    ApiRoute("POST", f"{ISSUE}/hold", Act.WRITE, hold_issue, changes=True),
    ApiRoute("POST", f"{ISSUE}/release", Act.DECIDE, release_issue, changes=True),
    ApiRoute("POST", f"{ISSUE}/withdraw", Act.DECIDE, withdraw_issue, changes=True),
    ApiRoute("POST", f"{ISSUE}/test", Act.WRITE, mail_test, body=TestMail, changes=True),
)

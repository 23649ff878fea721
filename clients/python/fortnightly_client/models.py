"""What the API takes and answers. Generated from docs/openapi.json by `make documents`."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Problem(TypedDict):
    """What could not be done, and why (RFC 9457)."""

    type: Literal[
        "urn:fortnightly:problem:key-in-address",
        "urn:fortnightly:problem:malformed",
        "urn:fortnightly:problem:no-idempotency-key",
        "urn:fortnightly:problem:no-such-version",
        "urn:fortnightly:problem:no-key",
        "urn:fortnightly:problem:not-allowed",
        "urn:fortnightly:problem:not-found",
        "urn:fortnightly:problem:no-such-method",
        "urn:fortnightly:problem:refused",
        "urn:fortnightly:problem:under-way",
        "urn:fortnightly:problem:too-large",
        "urn:fortnightly:problem:not-json",
        "urn:fortnightly:problem:invalid",
        "urn:fortnightly:problem:another-request",
        "urn:fortnightly:problem:too-many",
        "urn:fortnightly:problem:busy",
    ]
    title: str
    status: int
    detail: str
    """A sentence: what is wrong, and what to do about it."""
    errors: list[dict[str, Any]]
    """Each field that cannot be what it says."""


class Address(TypedDict):
    """Whose record."""

    email: str


class AddressFound(TypedDict):
    """What there is about an address."""

    id: str
    """Of the address, whether or not there is a record."""
    subscriber: bool
    """Whether there is a record of a reader."""
    suppressed: bool
    """Whether the address must not be mailed."""


class Because(TypedDict):
    """Why something is done; colleagues read it."""

    because: str


class BooksShown(TypedDict):
    """How many recipients ended how: audience = sent + skipped + failed when a send is closed."""

    audience: int
    sent: int
    waiting: int
    unknown: int
    """Without a clear answer of Amazon SES so far."""
    skipped: dict[str, int]
    """By reason."""
    failed: dict[str, int]
    """By reason."""
    found_late: int
    perhaps_twice: int
    balanced: bool
    """Whether everybody is accounted for."""


class CalendarShown(TypedDict):
    """The calendar from now on."""

    slots: list[SlotLine]
    skipped: list[DayLine]
    """Slots that are left out."""
    extra: list[DayLine]
    """Slots outside the rhythm."""
    hours: list[HourLine]
    """Issues that go out at an hour of their own."""


class ContentToApprove(TypedDict):
    """What is approved."""

    content_hash: str
    """Of the issue as it was looked at: a newer version is never approved by it."""


class DayChange(TypedDict):
    """What is decided about a day."""

    day: str
    change: Literal["skip", "unskip", "extra", "unextra"]
    """`skip` leaves a slot out, `extra` adds one; `unskip` and `unextra` take that back."""
    because: NotRequired[str]
    """Why; colleagues read it."""


class DayLine(TypedDict):
    """A day that somebody decided about."""

    day: str
    because: str
    """May be empty."""


class DecisionLine(TypedDict):
    """One decision about an issue."""

    at: str
    verb: str
    content: str
    """The hash of the content that it was about."""
    by: str
    """Who decided; empty where that is not known."""


class DecisionMade(TypedDict):
    """What came of a decision."""

    slug: str
    outcome: Literal[
        "approved",
        "held",
        "paused",
        "released",
        "withdrawn",
        "already",
        "replaced",
        "too_late",
        "unknown",
        "not_yours",
        "another",
    ]
    """`approved`, `held`, `paused` (it was going out), `released` or `withdrawn`; `already` if it was so before."""
    content_hash: str


class DraftSaved(TypedDict):
    """A draft that was kept."""

    result: Literal["saved", "merged", "clashed"]
    """`saved`; `merged` with what somebody else wrote meanwhile; `clashed`: both versions of some lines stand
    there.
    """
    draft: DraftShown
    findings: list[FindingLine]
    """What the checks say of it."""


class DraftShown(TypedDict):
    """A draft as it stands."""

    slug: str
    text: str
    """The whole file: front matter and Markdown."""
    version: str
    """Names this text when it is handed in; empty for an upload that nobody has changed yet."""


class DraftText(TypedDict):
    """What becomes of a draft."""

    text: str
    """The whole file: front matter and Markdown."""
    based_on: NotRequired[str]
    """The version that this text was made from: what others wrote since is merged with it. Empty writes over
    all.
    """


class FieldAnswer(TypedDict):
    """What a reader answered to one of the publisher's fields."""

    field: str
    """Its key in `settings/fields.yaml`; one that is gone from there may still have answers."""
    answer: str


class FindingLine(TypedDict):
    """One thing that a check found."""

    level: Literal["error", "warning"]
    """`error`: the issue would be refused or not sent. `warning`: somebody should look at it."""
    code: str
    line: int | None
    """Of the text, counted from 1; null where it is about no single line."""
    message: str


class ForecastShown(TypedDict):
    """What a send was expected to take when it was opened."""

    recipients: int
    duration: str
    """In words."""
    seconds: int
    beyond_quota: int
    """Recipients for whom the quota of the day is not enough."""
    ses_usd: float
    own_usd: float
    """Beside Amazon SES's fee."""


class HandedInShown(TypedDict):
    """An issue that is on its way to the editors' preview."""

    slug: str
    version: str
    """Of the draft from now on."""
    upload_version: str
    """Of the upload that was made of it; the issue has it as `version` once it is read and rendered."""


class HandingIn(TypedDict):
    """What is handed in."""

    version: str
    """Of the draft, as it was looked at."""


class HourLine(TypedDict):
    """An issue with an hour of its own, and that hour."""

    at: str
    issue: str


class IssueLine(TypedDict):
    """An issue in short."""

    slug: str
    date: str
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
    sent_at: str | None
    errors: int
    """What the checks found; an issue with errors does not go out."""
    warnings: int


class IssueList(TypedDict):
    """A page of issues, the newest date first."""

    items: list[IssueLine]
    next: str | None
    """The cursor of the next page; null on the last one."""


class IssueShown(TypedDict):
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
    decisions: list[DecisionLine]
    """The oldest first."""
    version: str
    """The upload that it was made from: `upload_version` of whoever handed it in."""


class KeepingOut(TypedDict):
    """Why an address is not to be mailed."""

    because: str
    """Without the address itself, which is not kept."""


class MissedShown(TypedDict):
    """Readers who could have been mailed and were not, for one reason."""

    outcome: str
    readers: int
    remedies: list[str]
    """Commands of `newsletter` that reach them after all, in the order in which to run them."""


class NewSubscriber(TypedDict):
    """Whom to add."""

    email: str
    name: NotRequired[str]
    lang: NotRequired[str]
    """A code such as `de`; empty for the newsletter's own language."""
    source: NotRequired[str]
    """Where they signed up, for their receipt; the name of the key if it is empty."""
    evidence: NotRequired[str]
    """How they consented, in a sentence. Without it they are asked by email, and confirm by themselves."""
    consented_on: NotRequired[str | None]
    """The day of that; today if it is left out."""


class Person(TypedDict):
    """All that programs see of one reader."""

    id: str
    subscriber: SubscriberShown | None
    """Null where only a suppression is kept."""
    suppression: SuppressionShown | None


class ReaderDone(TypedDict):
    """What was done to a reader."""

    id: str
    result: Literal["changed", "unsubscribed", "erased", "suppressed", "already"]


class Report(TypedDict):
    """A report as it was written."""

    name: str
    report: dict[str, Any]
    """Its fields are those of "Reports" in docs/data.md."""


class ResultLine(TypedDict):
    """What became of one issue; null stands for what nobody measured."""

    slug: str
    title: str
    sent_at: str | None
    audience: int
    sent: int
    skipped: int
    failed: int
    delivered: int | None
    bounced: int | None
    """Without automatic replies."""
    complaints: int | None
    left: int | None
    """Readers who unsubscribed after it."""
    joined: int | None
    """Readers who confirmed after it."""
    clicked: int | None
    """Clicks by people, as far as machines can be told from them."""
    useful: int | None
    """Readers who answered "Was this useful?" with yes."""
    not_useful: int | None
    """Readers who answered "Not really"."""
    replies: int | None
    """Emails of readers that came back to the address of the issue."""
    settled: bool
    """Whether two days have passed, and hardly anything changes any more."""


class ResultList(TypedDict):
    """A page of results, the newest issue first."""

    items: list[ResultLine]
    next: str | None
    """The cursor of the next page; null on the last one."""


class SendLine(TypedDict):
    """A send in short."""

    slug: str
    """Its name: that of the issue."""
    state: Literal["open", "paused", "cancelling", "closed"]
    opened_at: str
    closed_at: str | None


class SendList(TypedDict):
    """A page of sends, the newest issue first."""

    items: list[SendLine]
    next: str | None
    """The cursor of the next page; null on the last one."""


class SendShown(TypedDict):
    """A send at this moment."""

    slug: str
    state: Literal["open", "paused", "cancelling", "closed"]
    opened_at: str
    closed_at: str | None
    paused_because: str
    """Empty unless it is paused."""
    resume_at: str | None
    """When it goes on by itself."""
    cancelled_because: str
    expected_end: str | None
    in_hand: int
    """How many of those who wait may have it by now."""
    books: BooksShown
    missed: list[MissedShown]
    paused_by: Literal["quota", "outage", "ses", "breaker", "record", "person", None]
    """Who or what paused it; null unless it is paused."""
    doubts_wait_for: str
    """A sentence: what recipients in doubt wait for; empty if nobody is."""
    round: int
    """How often it was planned; the second takes those who joined since."""
    forecast: ForecastShown | None
    audience_expression: str
    """Which part of the list it goes to; empty for everybody."""
    goes_to: str
    """The same in words."""
    audience_is_whole: bool
    """Whether it is proven that nobody was left out of the plan."""


class SlotLine(TypedDict):
    """A day and hour on which an issue goes out."""

    at: str
    issue: str | None
    """The slug of the issue that goes out then when nothing changes."""


class SubscriberAdded(TypedDict):
    """Somebody who was added."""

    id: str
    result: Literal["asked", "on_the_list", "already"]
    """`asked`: an email with a button is on its way. `on_the_list`: at once. `already`: they were there."""


class SubscriberChange(TypedDict):
    """What is different about a reader from now on; null leaves it as it is."""

    name: NotRequired[str | None]
    lang: NotRequired[str | None]
    tags: NotRequired[str | None]
    """All tags they have from now on, separated by commas; empty for none."""
    add_tags: NotRequired[str]
    """Tags they get besides those they have."""
    remove_tags: NotRequired[str]
    """Tags that are taken off them; the others stay."""
    rhythm: NotRequired[Literal["every_issue", "monthly", None]]
    """How often they want to hear from us, from the first of next month on; `monthly` only where there is a
    digest.
    """


class SubscriberList(TypedDict):
    """A page of readers, in an order that means nothing and stays the same."""

    items: list[SubscriberShown]
    unreadable: list[str]
    """Ids of records on this page that cannot be read; `newsletter subscribers repair` mends them."""
    next: str | None
    """The cursor of the next page; null on the last one."""


class SubscriberShown(TypedDict):
    """A reader on record."""

    id: str
    """Of the address: the same for as long as the stack stands, and nobody reads the address from it."""
    email: str
    name: str
    """May be empty."""
    status: Literal["unconfirmed", "confirmed", "unsubscribed"]
    """Whether they confirmed; only `confirmed` readers are mailed."""
    lang: str
    """The language of emails to them; empty for the newsletter's own."""
    source: str
    """Where they signed up."""
    signed_up_at: str
    confirmed_at: str | None
    left_at: str | None
    left_because: str
    paused_until: str | None
    """They want nothing before this day."""
    rhythm: Literal["every_issue", "monthly"]
    """How often they want to hear from us: of every issue, or by one digest a month."""
    muted_topics: list[str]
    tags: list[str]
    answers: list[FieldAnswer]
    suppressed: bool
    """Whether the address must not be mailed, whatever the status says."""


class SuppressionList(TypedDict):
    """A page of suppressions, in such an order."""

    items: list[SuppressionShown]
    next: str | None
    """The cursor of the next page; null on the last one."""


class SuppressionShown(TypedDict):
    """An address that must not be mailed."""

    id: str
    """Of the address; the address itself may not be kept."""
    reason: Literal["hard_bounce", "soft_bounces", "complaint", "erased", "manual"]
    since: str
    issue: str
    """The slug of the issue that brought it to light; may be empty."""
    note: str
    """What whoever suppressed it said; may be empty."""


class TestAsked(TypedDict):
    """A test that is on its way."""

    slug: str
    test_id: str


class TestMail(TypedDict):
    """Whom a test goes to."""

    email: str
    name: NotRequired[str]
    """As readers are called in it; empty for none."""


class ThisKey(TypedDict):
    """The key of the request."""

    id: str
    name: str
    """As its maker calls it."""
    roles: list[Literal["writer", "approver", "keeper", "owner"]]
    rights: list[
        Literal["look", "write", "decide", "send", "people", "carry", "settings", "team", "account", "passkeys"]
    ]
    """What it may do."""
    made_at: str
    newsletter: str
    """Whose API this is."""

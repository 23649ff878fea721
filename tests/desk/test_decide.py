"""What editors decide by a link: each decision once, nothing unseen approved, nothing that is gone called back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsletter.core.editors import Editors
from newsletter.core.slot import Rhythm
from newsletter.core.team import Approval, Editor, Role
from newsletter.core.time_zones import WallTime
from newsletter.desk.domain.decision import Decided, Decision, DecisionOutcome, Verb, noted_decisions
from newsletter.desk.domain.issue_description import IssueDescription
from newsletter.desk.domain.preview_banner import preview_sentence
from newsletter.desk.jobs.decide import JOBS, decide
from newsletter.desk.jobs.describe_issue import describe_issue
from newsletter.desk.ports import DecidePorts
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.public_version import public_version
from newsletter.sending.domain.send import PausedBy, Send, SendState
from newsletter.sending.jobs.open_send import Opening, open_send
from tests.core.fakes import NOW, TEAM, MemoryMailer, PlainMails
from tests.desk.fakes import PlainLinks
from tests.factories import SLUG, record, rendered
from tests.issues.fakes import MemoryContent, MemoryIssues
from tests.sending.fakes import MemoryQueues, MemorySends

RHYTHM = Rhythm(anchor=date(2026, 12, 1), time_zone=ZoneInfo("Asia/Kolkata"))
ANN, BEN = Editor("Ann Lee", "ann@example.org"), Editor("Ben Fox", "ben@example.org", Role.WRITER)
EVE = Editor("Eve", "eve@example.org")
KEY = f"issues/{SLUG}.md"


@dataclass
class Desk:
    """The table, the bucket and a button."""

    record: IssueRecord | None = field(default_factory=record)
    team: tuple[Editor, ...] = TEAM
    approval: Approval = Approval.ANYONE

    def __post_init__(self) -> None:
        self.issues = MemoryIssues(*([self.record] if self.record else []))
        self.sends, self.content, self.queues = MemorySends(), MemoryContent(), MemoryQueues()
        self.mailer = MemoryMailer()
        self.content.objects[KEY] = b"the file"
        self.ports = DecidePorts(
            issues=self.issues,
            sends=self.sends,
            content=self.content,
            queues=self.queues,
            publish_queue=self.queues,
            editors=Editors(self.mailer, PlainMails(), self.team),
            links=PlainLinks(),
            preview_links=PlainLinks(),
            approval=self.approval,
        )

    def press(self, verb: Verb, content_hash: str = "a" * 64, editor: Editor | None = None) -> Decided:
        return JOBS[verb](Decision(SLUG, content_hash, verb, editor), ports=self.ports, now=NOW)

    def decide(self, verb: Verb, editor: Editor | None = None, now: datetime = NOW) -> Decided:
        """Press a button and let the editors hear of it."""
        decision = Decision(SLUG, "a" * 64, verb, editor)
        return decide(decision, by_link=True, ports=self.ports, rhythm=RHYTHM, now=now)

    def describe(
        self, verb: Verb = Verb.HOLD, editor: Editor | None = None, content_hash: str = "a" * 64
    ) -> IssueDescription:
        decision = Decision(SLUG, content_hash, verb, editor)
        return describe_issue(decision, ports=self.ports, rhythm=RHYTHM, now=NOW)

    @property
    def stands(self) -> IssueRecord:
        return self.issues.by_slug[SLUG]


def test_approving_twice_approves_once_and_leaves_one_line_on_record() -> None:
    desk = Desk()

    assert desk.press(Verb.APPROVE).outcome is DecisionOutcome.APPROVED
    assert desk.press(Verb.APPROVE).outcome is DecisionOutcome.ALREADY
    assert desk.stands.approved == "a" * 64
    assert desk.stands.decisions == (f"2026-12-01T09:00:00+00:00 approve {'a' * 64}",)


def test_content_that_was_replaced_since_the_mail_is_not_approved() -> None:
    desk = Desk(record(content_hash="b" * 64))

    assert desk.press(Verb.APPROVE).outcome is DecisionOutcome.REPLACED
    assert desk.stands == record(content_hash="b" * 64)


@pytest.mark.parametrize(
    ("verb", "outcome"), [(Verb.HOLD, DecisionOutcome.HELD), (Verb.WITHDRAW, DecisionOutcome.WITHDRAWN)]
)
def test_what_was_replaced_since_the_mail_can_still_be_stopped(verb: Verb, outcome: DecisionOutcome) -> None:
    desk = Desk(record(content_hash="b" * 64))

    assert desk.press(verb).outcome is outcome


@pytest.mark.parametrize("verb", Verb)
def test_nothing_is_decided_about_an_issue_there_is_not(verb: Verb) -> None:
    desk = Desk(None)

    assert desk.press(verb) == Decided(DecisionOutcome.UNKNOWN)
    assert KEY in desk.content.objects


def test_what_was_withdrawn_is_not_approved() -> None:
    assert Desk(record(withdrawn=True)).press(Verb.APPROVE).outcome is DecisionOutcome.UNKNOWN


@pytest.mark.parametrize("status", [IssueStatus.SENDING, IssueStatus.SENT, IssueStatus.CANCELLED])
def test_what_is_on_its_way_is_not_approved_any_more(status: IssueStatus) -> None:
    assert Desk(record(status=status)).press(Verb.APPROVE).outcome is DecisionOutcome.TOO_LATE


@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.RELEASE])
def test_an_issue_that_asks_to_go_at_once_is_looked_at_again_when_it_may(verb: Verb) -> None:
    desk = Desk(record(send=SendPolicy.NOW, held=verb is Verb.RELEASE))

    assert desk.press(verb).outcome.changed
    assert desk.queues.looks == [(SLUG, 0)]


@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.RELEASE])
def test_an_issue_with_its_own_hour_is_asked_for_when_it_may_go(verb: Verb) -> None:
    hour = WallTime(date(2026, 12, 3), 14, 30)
    desk = Desk(record(send=SendPolicy.AT, send_at=hour, held=verb is Verb.RELEASE))

    assert desk.press(verb).outcome.changed
    assert (desk.queues.hours, desk.queues.looks) == ([(SLUG, 0)], [])


def test_a_held_issue_is_released_once() -> None:
    desk = Desk()

    assert desk.press(Verb.HOLD).outcome is DecisionOutcome.HELD
    assert desk.press(Verb.HOLD).outcome is DecisionOutcome.ALREADY
    assert desk.press(Verb.RELEASE).outcome is DecisionOutcome.RELEASED
    assert desk.press(Verb.RELEASE).outcome is DecisionOutcome.ALREADY
    assert not desk.stands.held


def test_holding_an_issue_that_is_going_out_holds_its_send_and_a_release_does_not_resume_it() -> None:
    desk = Desk(record(status=IssueStatus.SENDING))
    desk.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))

    assert desk.press(Verb.HOLD).outcome is DecisionOutcome.PAUSED
    assert desk.press(Verb.HOLD).outcome is DecisionOutcome.ALREADY
    assert desk.press(Verb.RELEASE).outcome is DecisionOutcome.RELEASED
    assert desk.press(Verb.RELEASE).outcome is DecisionOutcome.ALREADY

    send = desk.sends.get(SLUG)
    assert send is not None
    assert (send.state, send.paused_by) == (SendState.PAUSED, PausedBy.PERSON)
    assert [line.split()[1] for line in desk.stands.decisions] == ["hold", "release"]


def test_holding_between_the_lock_and_the_header_plans_nothing() -> None:
    desk = Desk()

    class HeldAtTheLock(MemoryIssues):
        """The button is pressed right after the lock, when there is no send to hold yet."""

        def begin_sending(self, slug: str, content_hash: str, *, needs_approval: bool) -> bool:
            locked = super().begin_sending(slug, content_hash, needs_approval=needs_approval)
            desk.press(Verb.HOLD)
            return locked

    issues = HeldAtTheLock(record())
    desk.issues = issues
    ports: dict[str, Any] = {"issues": issues, "sends": desk.sends, "queues": desk.queues, "publish_queue": desk.queues}
    desk.ports = DecidePorts(
        **ports,
        content=desk.content,
        editors=Editors(desk.mailer, PlainMails(), TEAM),
        links=PlainLinks(),
        preview_links=PlainLinks(),
        approval=Approval.OFF,
    )

    assert open_send(record(), opening=Opening(**ports, needs_approval=False, shards=16), now=NOW) is None
    assert (desk.queues.openings, desk.queues.plans) == ([], [])
    held = desk.sends.get(SLUG)
    assert held is not None
    assert held.state is SendState.PAUSED


@pytest.mark.parametrize("status", [IssueStatus.SENT, IssueStatus.CANCELLED])
def test_what_has_gone_out_is_taken_down_by_a_hold_and_public_again_by_a_release(status: IssueStatus) -> None:
    desk = Desk(record(status=status))

    assert desk.press(Verb.HOLD).outcome is DecisionOutcome.HELD
    assert public_version(desk.stands, rhythm=RHYTHM, needs_approval=False, now=NOW) is None
    assert desk.press(Verb.RELEASE).outcome is DecisionOutcome.RELEASED
    assert public_version(desk.stands, rhythm=RHYTHM, needs_approval=False, now=NOW) == desk.stands
    assert desk.queues.refreshes == [SLUG, SLUG]
    assert desk.stands.status is status


def test_a_correction_is_approved_like_any_other_text_and_dated_when_readers_see_it() -> None:
    first = record(status=IssueStatus.SENT, sent_hash="a" * 64, approved="a" * 64)
    waits = replace(first, content_hash="b" * 64, title="Mended", cleared_headline=first.headline)
    desk = Desk(waits)
    desk.content.put_rendered(rendered())
    desk.content.put_rendered(rendered(web_html="<p>Mended.</p>", content_hash="b" * 64))
    seen = public_version(waits, rhythm=RHYTHM, needs_approval=True, now=NOW)
    assert seen is not None
    assert (seen.content_hash, seen.title) == ("a" * 64, "More for more")

    assert desk.press(Verb.APPROVE, "b" * 64).outcome is DecisionOutcome.APPROVED
    assert desk.press(Verb.APPROVE, "b" * 64).outcome is DecisionOutcome.TOO_LATE

    assert public_version(desk.stands, rhythm=RHYTHM, needs_approval=True, now=NOW) == desk.stands
    assert (desk.stands.title, desk.stands.corrected_at) == ("Mended", NOW)
    assert desk.queues.refreshes == [SLUG]


def test_withdrawing_removes_the_file_once_and_leaves_the_rest_to_the_removal() -> None:
    desk = Desk()

    assert desk.press(Verb.WITHDRAW).outcome is DecisionOutcome.WITHDRAWN
    assert desk.press(Verb.WITHDRAW).outcome is DecisionOutcome.ALREADY
    assert desk.content.objects == {}
    assert not desk.stands.withdrawn
    assert len(desk.stands.decisions) == 1


def test_the_editors_hear_what_was_decided_and_when_by_their_clock() -> None:
    desk = Desk()

    desk.decide(Verb.HOLD, now=NOW + timedelta(minutes=1))

    (sent,) = desk.mailer.outbox
    assert sent.to == "editors@example.org"
    assert "headline: On hold: More for more" in sent.mail.text
    assert "label: \n" in sent.mail.text
    assert "Tuesday 1 December 2026 at 14:31 (Asia/Kolkata)" in sent.mail.text


def test_each_editor_gets_the_way_back_in_their_own_name_and_a_writer_only_what_a_writer_may() -> None:
    desk = Desk(team=(ANN, BEN, EVE))

    desk.decide(Verb.HOLD, BEN)

    links = {sent.to: sent.mail.text.rpartition("way_back_url: ")[2] for sent in desk.mailer.outbox}
    assert links == {
        ANN.email: f"https://b.example.org/decide/release/aaaa/{ANN.editor_id}",
        EVE.email: f"https://b.example.org/decide/release/aaaa/{EVE.editor_id}",
        BEN.email: "",
    }
    assert all("label: Ben Fox" in sent.mail.text for sent in desk.mailer.outbox)
    assert desk.stands.decisions == (f"2026-12-01T09:00:00+00:00 hold {'a' * 64} Ben Fox",)


def test_an_approval_names_the_day_and_the_hour() -> None:
    desk = Desk(record(date=date(2026, 12, 2)))

    desk.decide(Verb.APPROVE, ANN)

    assert "It goes out on Tuesday 15 December 2026 at 09:00 (Asia/Kolkata)." in desk.mailer.outbox[0].mail.text


@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.RELEASE, Verb.WITHDRAW])
def test_a_writer_decides_nothing_but_to_hold(verb: Verb) -> None:
    desk = Desk(record(held=verb is Verb.RELEASE), team=(ANN, BEN))
    before = desk.stands

    assert desk.decide(verb, BEN).outcome is DecisionOutcome.NOT_YOURS
    assert desk.stands == before
    assert KEY in desk.content.objects
    assert desk.mailer.outbox == []
    assert Desk(team=(ANN, BEN)).decide(Verb.HOLD, BEN).outcome is DecisionOutcome.HELD


@pytest.mark.parametrize(
    ("uploaded_by", "editor", "outcome"),
    [
        ("ann@example.org", ANN, DecisionOutcome.ANOTHER),
        ("ann", ANN, DecisionOutcome.ANOTHER),
        ("Ann Lee", ANN, DecisionOutcome.ANOTHER),
        ("ann@example.org", EVE, DecisionOutcome.APPROVED),
        ("ben@example.org", ANN, DecisionOutcome.APPROVED),
        ("ann@example.org", None, DecisionOutcome.ANOTHER),
        ("", ANN, DecisionOutcome.APPROVED),
        ("a-robot", ANN, DecisionOutcome.APPROVED),
        ("a-robot", Editor("a-robot", ""), DecisionOutcome.ANOTHER),
    ],
)
def test_where_another_has_to_approve_whoever_uploaded_cannot(
    uploaded_by: str, editor: Editor | None, outcome: DecisionOutcome
) -> None:
    desk = Desk(record(uploaded_by=uploaded_by), team=(ANN, BEN, EVE), approval=Approval.ANOTHER)

    assert (Verb.APPROVE in desk.describe(Verb.APPROVE, editor).verbs) == (outcome is DecisionOutcome.APPROVED)
    assert desk.press(Verb.APPROVE, editor=editor).outcome is outcome
    assert Desk(record(uploaded_by=uploaded_by)).press(Verb.APPROVE, editor=editor).outcome is DecisionOutcome.APPROVED


def test_the_page_says_what_is_known_about_who_uploaded() -> None:
    known = Desk(record(uploaded_by="ann"), team=(ANN, EVE), approval=Approval.ANOTHER)
    unknown = Desk(team=(ANN, EVE), approval=Approval.ANOTHER)

    turn_of_another = "so another approver has to approve it."
    assert known.describe(editor=ANN).sentences[-1] == f"You uploaded this version, {turn_of_another}"
    assert known.describe().sentences[-1] == f"It was uploaded by ann, {turn_of_another}"
    assert known.describe(editor=EVE).sentences[-1] == "It was uploaded by ann."
    assert "Nobody knows who uploaded" in unknown.describe(editor=ANN).sentences[-1]


APPROVED_LINE = f"2026-12-01T02:42:00+00:00 approve {'a' * 64} Ann Lee"
HELD_LINE = f"2026-12-01T02:42:00+00:00 hold {'a' * 64}"
DRAFT = "This is a draft, and does not go out. When it may, write “status: ready” at the top of its file."
STAGES = {
    "waits for approval": (
        record(), "Waiting for approval", "Nobody has approved this version yet.", "approve hold withdraw",
    ),
    "approved": (
        record(approved="a" * 64, decisions=(APPROVED_LINE,)), "Approved",
        "Approved on Tuesday 1 December 2026 at 08:12 (Asia/Kolkata) by Ann Lee.", "hold withdraw",
    ),
    "held": (
        record(held=True, approved="a" * 64, decisions=(APPROVED_LINE, HELD_LINE)), "On hold",
        "Put on hold on Tuesday 1 December 2026 at 08:12 (Asia/Kolkata) by an editor.", "release withdraw",
    ),
    "draft": (
        record(status=IssueStatus.DRAFT), "A draft",
        DRAFT, "approve hold withdraw",
    ),
    "draft with errors": (
        record(status=IssueStatus.DRAFT, preflight={"errors": 1}), "A draft",
        DRAFT, "hold withdraw",
    ),
    "going out": (
        record(status=IssueStatus.SENDING), "Going out",
        "It has been going out since Tuesday 1 December 2026 at 14:30 (Asia/Kolkata).", "hold withdraw",
    ),
    "sent": (
        record(status=IssueStatus.SENT, sent_at=NOW), "Sent",
        "It was sent on Tuesday 1 December 2026 at 14:30 (Asia/Kolkata).", "hold",
    ),
    "stopped": (
        record(status=IssueStatus.CANCELLED), "Its send was stopped",
        "Its send was stopped for good.", "hold",
    ),
    "withdrawn": (
        record(withdrawn=True, decisions=(f"2026-12-01T02:42:00+00:00 withdraw {'a' * 64} Eve",)), "Withdrawn",
        "Withdrawn on Tuesday 1 December 2026 at 08:12 (Asia/Kolkata) by Eve. To bring it back, upload its file again.",
        "",
    ),
    "unknown": (
        None, "This issue no longer exists", "To bring it back, upload its file again.", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STAGES)
def test_a_page_says_where_the_issue_stands_and_offers_what_can_still_be_done(name: str) -> None:
    stands, words, sentence, verbs = STAGES[name]
    desk = Desk(stands)
    if name == "going out":
        desk.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))

    described = desk.describe(Verb.APPROVE)

    assert (described.stage_words, described.sentences[0]) == (words, sentence)
    assert " ".join(described.verbs) == verbs


def test_what_is_offered_is_taken_and_nothing_else_changes_anything() -> None:
    """Every verb that the page leaves out is refused, or finds that it is so already, or is never asked for."""
    for stands, _, _, verbs in STAGES.values():
        for verb in verbs.split():
            desk = Desk(stands)
            desk.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
            assert desk.press(Verb(verb)).outcome.changed


def test_the_verb_of_the_link_is_the_first_and_an_issue_whose_send_is_held_can_be_released_or_withdrawn() -> None:
    assert Desk().describe(Verb.WITHDRAW).verbs == (Verb.WITHDRAW, Verb.APPROVE, Verb.HOLD)
    desk = Desk(record(status=IssueStatus.SENDING))
    desk.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
    desk.press(Verb.HOLD)

    described = desk.describe(Verb.HOLD)

    assert (described.stage_words, described.verbs) == ("Its send is paused", (Verb.RELEASE, Verb.WITHDRAW))
    assert described.sentences[0].startswith("Its send has been paused since Tuesday 1 December 2026 at 14:30")


def test_a_link_to_an_older_version_approves_nothing_and_says_so() -> None:
    described = Desk(record(content_hash="b" * 64, preview_since=NOW)).describe(Verb.APPROVE)

    assert described.newer
    assert described.preview_url == f"https://b.example.org/preview/{SLUG}.20261201090000/"
    assert described.verbs == (Verb.HOLD, Verb.WITHDRAW)


def test_where_no_approval_is_needed_none_is_offered() -> None:
    assert Desk(approval=Approval.OFF).describe(Verb.APPROVE).verbs == (Verb.HOLD, Verb.WITHDRAW)


def test_the_link_to_withdraw_in_the_mail_of_a_correction_still_does_so() -> None:
    assert Desk(record(status=IssueStatus.SENT)).describe(Verb.WITHDRAW).verbs == (Verb.WITHDRAW, Verb.HOLD)


def test_lines_of_before_are_read_and_so_are_those_without_a_content() -> None:
    lines = (f"2026-11-01T09:00:00+00:00 approve {'b' * 64}", "2026-11-02T09:00:00+00:00 hold  Ann Lee")
    first, second = noted_decisions(record(decisions=lines))

    assert (first.verb, first.content_hash, first.label) == ("approve", "b" * 64, "")
    assert (second.verb, second.content_hash, second.label) == ("hold", "", "Ann Lee")


def test_the_banner_of_a_preview_names_the_hour_until_the_issue_has_gone_out() -> None:
    hour = WallTime(date(2026, 12, 3), 14, 30)
    issue = record(send=SendPolicy.AT, send_at=hour)

    assert preview_sentence(issue, needs_approval=True) == (
        "Its hour is 14:30 on 3 December 2026, and it goes out only if this version is approved."
    )
    assert preview_sentence(issue, needs_approval=False).startswith("Its hour is 14:30 on 3 December 2026, and it")
    assert preview_sentence(record(), needs_approval=False).startswith("It is dated 1 December 2026, and it becomes")
    assert "has gone out" in preview_sentence(replace(issue, status=IssueStatus.SENT), needs_approval=True)

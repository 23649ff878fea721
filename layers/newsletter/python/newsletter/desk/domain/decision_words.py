"""The words about a decision and about where an issue stands: for pages and emails alike, in English alone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from newsletter.core.slot import in_words
from newsletter.desk.domain.decision import Decided, Decision, DecisionOutcome, Verb, last_decision
from newsletter.desk.domain.stage import Stage
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.sending.domain.send import Send

HEADLINES = {
    DecisionOutcome.APPROVED: "Approved",
    DecisionOutcome.HELD: "On hold",
    DecisionOutcome.PAUSED: "Its send is paused",
    DecisionOutcome.RELEASED: "Released",
    DecisionOutcome.WITHDRAWN: "Withdrawn",
    DecisionOutcome.ALREADY: "Nothing to do",
    DecisionOutcome.REPLACED: "There is a newer version",
    DecisionOutcome.TOO_LATE: "Too late",
    DecisionOutcome.UNKNOWN: "This issue no longer exists",
    DecisionOutcome.NOT_YOURS: "Only an approver can do this",
    DecisionOutcome.ANOTHER: "Somebody else has to approve this",
}

MEANINGS = {
    DecisionOutcome.APPROVED: "This version may be sent; if the issue has already gone out, its page shows this "
    "version within a minute. A newer upload needs a new approval.",
    DecisionOutcome.HELD: "It is neither sent nor public until somebody releases it, even if it is uploaded again.",
    DecisionOutcome.PAUSED: "It was already going out. Its page is taken down, and nobody else gets it until whoever "
    "runs the system resumes the send. Emails already sent cannot be recalled.",
    DecisionOutcome.RELEASED: "It is no longer on hold.",
    DecisionOutcome.WITHDRAWN: "Its file has been removed. The issue is not sent, and leaves the archive; if it was "
    "going out, the send is paused. To bring it back, upload the file again.",
    DecisionOutcome.ALREADY: "This was already done, and nothing has changed.",
    DecisionOutcome.REPLACED: "You can approve only what you have seen. Open the newest preview, and approve it there.",
    DecisionOutcome.TOO_LATE: "It has already gone out, or is going out right now.",
    DecisionOutcome.UNKNOWN: "Nothing has changed. To bring it back, upload its file again.",
    DecisionOutcome.NOT_YOURS: "Nothing has changed. A writer can put an issue on hold; the rest takes an approver.",
    DecisionOutcome.ANOTHER: "Nothing has changed. You uploaded this version, so another approver has to approve it, "
    "with the link in their own preview email.",
}

STAGES = {
    Stage.UNKNOWN: "This issue no longer exists",
    Stage.WITHDRAWN: "Withdrawn",
    Stage.DRAFT: "A draft",
    Stage.HELD: "On hold",
    Stage.UNAPPROVED: "Waiting for approval",
    Stage.APPROVED: "Approved",
    Stage.READY: "Ready",
    Stage.SENDING: "Going out",
    Stage.PAUSED: "Its send is paused",
    Stage.SENT: "Sent",
    Stage.CANCELLED: "Its send was stopped",
}

BUTTONS = {
    Verb.APPROVE: ("Approve this issue", "The version in your email may then be sent."),
    Verb.HOLD: (
        "Put this issue on hold",
        "It is then neither sent nor public until somebody releases it, even if it is uploaded again.",
    ),
    Verb.RELEASE: ("Release this issue", "It is then no longer on hold, and goes out when its turn comes."),
    Verb.WITHDRAW: (
        "Withdraw this issue",
        "Its file is removed: the issue is not sent, and leaves the archive. Earlier versions of the file are kept.",
    ),
}
"""The words on each button, and what it does."""

HOLD_WHILE_SENDING = (
    "Its page is then taken down, and readers who have not had it yet do not get it until the send is resumed."
)


def button_words(verb: Verb, stage: Stage) -> tuple[str, str]:
    """Return the words on the button for this decision at this stage, and what pressing it does."""
    words, what_it_does = BUTTONS[verb]
    match verb, stage:
        case Verb.HOLD, Stage.SENDING:
            return words, HOLD_WHILE_SENDING
        case (Verb.HOLD, Stage.SENT) | (Verb.HOLD, Stage.CANCELLED):
            return "Take down its page", "Its page then leaves the archive until somebody releases it."
        case (Verb.RELEASE, Stage.SENT) | (Verb.RELEASE, Stage.CANCELLED):
            return "Bring back its page", "Its page is then public again. Nobody is emailed."
        case Verb.RELEASE, Stage.PAUSED:
            return (
                words,
                "Its page is then public again. The send stays paused until whoever runs the system resumes it.",
            )
        case (Verb.APPROVE, Stage.SENT) | (Verb.APPROVE, Stage.CANCELLED):
            return "Approve this correction", "Its page then shows this version. Nobody is emailed again."
        case _:
            return words, what_it_does


def headline(decided: Decided, decision: Decision) -> str:
    """Return in a line what came of a decision."""
    return f"{HEADLINES[decided.outcome]}: {decided.title(decision)}"


def local_time(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment by the newsletter's own clock, as people say it."""
    return f"{in_words(moment.astimezone(zone))} ({zone.key})"


def stage_sentence(record: IssueRecord | None, stage: Stage, send: Send | None, zone: ZoneInfo) -> str:
    """Return how the issue came to stand where it does: since when, and by whom as far as that is known."""
    if record is None:
        return "To bring it back, upload its file again."
    match stage:
        case Stage.WITHDRAWN:
            return (
                f"Withdrawn{_when_and_by_whom(record, Verb.WITHDRAW, zone)}. To bring it back, upload its file again."
            )
        case Stage.HELD:
            return f"Put on hold{_when_and_by_whom(record, Verb.HOLD, zone)}."
        case Stage.UNAPPROVED:
            return "Nobody has approved this version yet."
        case Stage.APPROVED:
            return f"Approved{_when_and_by_whom(record, Verb.APPROVE, zone, record.content_hash)}."
        case Stage.SENDING if send is not None:
            return f"It has been going out since {local_time(send.opened_at, zone)}."
        case Stage.PAUSED if send is not None and send.paused_at is not None:
            return f"Its send has been paused since {local_time(send.paused_at, zone)}. {send.paused_because}"
        case Stage.PAUSED:
            return "It stays paused until whoever runs the system resumes it."
        case Stage.SENT if record.sent_at is not None:
            return f"It was sent on {local_time(record.sent_at, zone)}."
        case Stage.CANCELLED:
            return "Its send was stopped for good."
        case _:
            return ""


def _when_and_by_whom(record: IssueRecord, verb: Verb, zone: ZoneInfo, content_hash: str = "") -> str:
    noted = last_decision(record, verb, content_hash)
    if noted is None:
        return ""
    return f" on {local_time(noted.moment, zone)} by {noted.label or 'an editor'}"

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
    DecisionOutcome.HELD: "Held",
    DecisionOutcome.PAUSED: "Its send is held",
    DecisionOutcome.RELEASED: "Released",
    DecisionOutcome.WITHDRAWN: "Withdrawn",
    DecisionOutcome.ALREADY: "Nothing to do",
    DecisionOutcome.REPLACED: "A newer version was uploaded",
    DecisionOutcome.TOO_LATE: "Too late",
    DecisionOutcome.UNKNOWN: "There is no such issue any more",
    DecisionOutcome.NOT_YOURS: "This takes an approver",
    DecisionOutcome.ANOTHER: "This takes somebody else",
}

MEANINGS = {
    DecisionOutcome.APPROVED: "Exactly this version may be sent; if the issue has gone out, its page shows it within "
    "a minute. A newer upload needs a new approval.",
    DecisionOutcome.HELD: "It is not sent, and not public, until somebody releases it, whatever is uploaded meanwhile.",
    DecisionOutcome.PAUSED: "It was going out already. Its page is taken down, and nobody else gets it until whoever "
    "runs the system resumes the send; emails that have left cannot be called back.",
    DecisionOutcome.RELEASED: "It is not held any more.",
    DecisionOutcome.WITHDRAWN: "Its file was removed. The issue is not sent and leaves the archive; if it was going "
    "out, the send is held. Upload the file again to bring it back.",
    DecisionOutcome.ALREADY: "Somebody did this before. It stays so.",
    DecisionOutcome.REPLACED: "Nothing is approved unseen. Open the newest preview and press there.",
    DecisionOutcome.TOO_LATE: "It has gone out, or is going out at this moment.",
    DecisionOutcome.UNKNOWN: "Nothing was changed. Upload its file again to bring it back.",
    DecisionOutcome.NOT_YOURS: "Nothing was changed: an approver decides this. You can hold an issue yourself.",
    DecisionOutcome.ANOTHER: "Nothing was changed: whoever uploaded this version cannot approve it alone. Another "
    "approver can, by the link in their own preview.",
}

STAGES = {
    Stage.UNKNOWN: "There is no such issue any more",
    Stage.WITHDRAWN: "Withdrawn",
    Stage.DRAFT: "A draft",
    Stage.HELD: "Held",
    Stage.UNAPPROVED: "Waits for approval",
    Stage.APPROVED: "Approved",
    Stage.READY: "Ready",
    Stage.SENDING: "Going out",
    Stage.PAUSED: "Its send is held",
    Stage.SENT: "Sent",
    Stage.CANCELLED: "Its send was stopped",
}

BUTTONS = {
    Verb.APPROVE: ("Approve this issue", "Exactly the version in your email may then be sent."),
    Verb.HOLD: (
        "Hold this issue",
        "It is then not sent, and not public, whatever is uploaded, until somebody releases it.",
    ),
    Verb.RELEASE: ("Release this issue", "It is then not held any more, and goes out in its turn."),
    Verb.WITHDRAW: (
        "Withdraw this issue",
        "Its file is then removed: the issue is not sent, and leaves the archive. Every version of the file is kept.",
    ),
}
"""The words on each button, and what it does."""

HOLD_WHILE_SENDING = "Whoever has not got it yet then does not get it before the send is resumed."


def headline(decided: Decided, decision: Decision) -> str:
    """Return in a line what came of a decision."""
    return f"{HEADLINES[decided.outcome]}: {decided.title(decision)}"


def local_time(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment by the newsletter's own clock, as people say it."""
    return f"{in_words(moment.astimezone(zone))} ({zone.key})"


def stage_sentence(record: IssueRecord | None, stage: Stage, send: Send | None, zone: ZoneInfo) -> str:
    """Return how the issue came to stand where it does: since when, and by whom as far as that is known."""
    if record is None:
        return "Upload its file again to bring it back."
    match stage:
        case Stage.WITHDRAWN:
            return f"Withdrawn{_when_and_by_whom(record, Verb.WITHDRAW, zone)}. Upload its file again to bring it back."
        case Stage.HELD:
            return f"Held{_when_and_by_whom(record, Verb.HOLD, zone)}."
        case Stage.UNAPPROVED:
            return "Nobody has approved this version yet."
        case Stage.APPROVED:
            return f"Approved{_when_and_by_whom(record, Verb.APPROVE, zone, record.content_hash)}."
        case Stage.SENDING if send is not None:
            return f"It has been going out since {local_time(send.opened_at, zone)}."
        case Stage.PAUSED if send is not None and send.paused_at is not None:
            return f"Its send has been held since {local_time(send.paused_at, zone)}. {send.paused_because}"
        case Stage.PAUSED:
            return "It goes on when whoever runs the system resumes the send."
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

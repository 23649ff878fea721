"""A send: one issue going out to the audience."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from newsletter.core.audience.reading_rhythm import ReadingRhythm
from newsletter.errors import UnreadableSendError
from newsletter.issues.domain.issue import is_slug
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.forecast import Forecast
from newsletter.sending.domain.probe import Probe

SIMULATOR = "simulator.amazonses.com"
"""SES's own mailbox: takes everything, costs as much as a real mail, and does not touch the account's reputation.
https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html#send-email-simulator"""

REHEARSAL = "_rehearsal_"
"""No slug holds a low line, so the name of a rehearsal is never that of an issue; SES takes it as a tag."""


def rehearsal_name(slug: str, number: int) -> str:
    """Return the name of the n-th rehearsal of an issue."""
    return f"{slug}{REHEARSAL}{number}"


def is_send_name(text: str) -> bool:
    """Return whether the text can name a send: an issue's slug, or that of a rehearsal."""
    slug, sign, number = text.partition(REHEARSAL)
    return is_slug(slug) and (number.isdecimal() if sign else True)


class SendState(StrEnum):
    """Where a send stands."""

    OPEN = "open"
    """Planning or sending."""
    PAUSED = "paused"
    """Held; nothing is handed to SES until it is resumed."""
    CANCELLING = "cancelling"
    """Stopped for good; nothing is handed to SES any more, and the books are being brought to their end."""
    CLOSED = "closed"
    """Everybody is accounted for."""


class PausedBy(StrEnum):
    """Who holds a send, the weakest first: a pause gives way to a stronger one, never to a weaker."""

    QUOTA = "quota"
    """The day's quota is used up; the send goes on alone."""
    OUTAGE = "outage"
    """SES gives no clear answer to anybody; the send goes on alone once it does."""
    SES = "ses"
    """SES refuses everything until something is mended."""
    BREAKER = "breaker"
    """Too many bounces or complaints."""
    RECORD = "record"
    """Something on record cannot be read, or was restored from a backup, until somebody has seen to it."""
    PERSON = "person"
    """An editor or operator."""

    @property
    def weaker(self) -> tuple[PausedBy, ...]:
        """The pauses that give way to this one."""
        everyone = tuple(PausedBy)
        return everyone[: everyone.index(self)]


class Again(StrEnum):
    """Whom to send to again."""

    FAILED = "failed"
    """Everybody whose outcome is a failure, whatever the reason."""
    REST = "rest"
    """Whoever was cancelled, was not on the list then, or joined since."""


UNREADABLE = (
    "What is on record about the send of {slug} cannot be read, so nobody is mailed."
    " `newsletter send repair {slug}` shows what it can be rebuilt from."
)
"""What somebody is told about a header in which somebody else has written."""

FEWEST_SHARDS = 16

OUTCOMES_FORGOTTEN = "who got {slug} was forgotten on {on}, as ForgetOutcomesAfterDays says; only its books are left"
"""What somebody is told who asks for what the nightly forgetting has taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """The header of a send: what goes out, and how it stands."""

    slug: str
    content_hash: str
    """The send is locked to exactly this content."""
    shards: int
    swept_in: int = 0
    """Parts of the list that are read again once everybody is planned; none for a send of an older version."""
    opened_at: datetime
    audience: str = ""
    """The part of the list it goes to, as it was approved; empty for everybody."""
    reading_rhythm: ReadingRhythm | None = None
    """Whose it is by what readers chose, as it was at the opening; None where they had no choice."""
    month: str = ""
    """The month whose digest it is, or in which it was opened; empty where readers had no choice."""
    state: SendState = SendState.OPEN
    revision: int = 0
    """Counts every change of the header; whoever closes the books proves that nothing changed while they counted."""
    paused_because: str = ""
    """A sentence a person understands, with the remedy."""
    paused_by: PausedBy | None = None
    paused_at: datetime | None = None
    preparing: Again | None = None
    """For whom another try is being prepared while the send is held; None in any other pause."""
    resume_at: datetime | None = None
    """When a pause for the quota is expected to end; None when a person has to act."""
    resumed_at: datetime | None = None
    """When it was last taken out of a pause: nothing could move before."""
    planners_due: bool = False
    """Whether it goes on again, and its planners are not known to be woken yet."""
    outage_ended_at: datetime | None = None
    """When SES last answered again after it gave no clear answer: what befell a batch before is held against nobody."""
    probe: Probe | None = None
    """The last message to SES's own mailbox that was to show whether reports arrive; None while nothing is in doubt."""
    doubts_end_at: datetime | None = None
    """From when a probe can tell what became of the readers in doubt; None while nobody is."""
    doubts_wait_for: str = ""
    """A sentence for the editors: how many readers are in doubt, what would tell, and what happens otherwise."""
    editors_informed_of_doubts: bool = False
    restored_known: bool = False
    """Whether a person resumed it after something on record was unreadable, or older than what SES reported."""
    judged_from: datetime | None = None
    """When a person last let it go on: the circuit breaker looks at mails that left since, not at what they knew."""
    cancelled_because: str = ""
    cancelled_at: datetime | None = None
    rehearsal_of: str = ""
    """The issue, when this is a rehearsal: everything as in earnest, except that no reader is mailed."""
    round: int = 1
    """The chain that is planned now; sending to the rest begins another one."""
    reopened: int = 0
    """How often outcomes that were final were opened again: sums that were made before do not count any more."""
    forecast: Forecast | None = None
    """What was expected at the opening; None as long as nobody could say."""
    expected_end: datetime | None = None
    """When the forecast says that this send is through; None in another try, for which there is none."""
    editors_informed_of: PausedBy | None = None
    """The pause that the editors were told about and whose end they were not."""
    news_claimed_at: datetime | None = None
    """Since when one look mails them that it is held, goes on, or has readers in doubt; no other does meanwhile."""
    reported: bool = False
    """Whether the report of the final books was asked for."""
    reports_mailed: int = 0
    """How many of the two reports the editors have: one at the closing, one two days later."""
    report_claimed_at: datetime | None = None
    """Since when somebody mails them the next one, and nobody else does."""
    one_by_one_because: str = ""
    """Why recipients are handed over one a call, though bulk calls are configured; empty as long as they are not."""
    closed_at: datetime | None = None
    books: Books | None = None
    """Final, once the send is closed."""
    unreadable: bool = False
    """This stands for a header that cannot be read: held, and nothing can be done with it before it is repaired."""
    outcomes_forgotten_at: datetime | None = None
    """When what became of single readers was forgotten: the books stay, and nothing can be counted or sent again."""

    @classmethod
    def in_place_of(cls, slug: str, *, editors_informed_of: PausedBy | None) -> Send:
        """Return what stands for a header that cannot be read: whoever asks finds a send that is held, and why."""
        return cls(
            slug=slug, content_hash="", shards=FEWEST_SHARDS, opened_at=datetime(1970, 1, 1, tzinfo=UTC),
            state=SendState.PAUSED, paused_by=PausedBy.RECORD, paused_because=UNREADABLE.format(slug=slug),
            unreadable=True, editors_informed_of=editors_informed_of,
        )  # fmt: skip

    @property
    def cancelled(self) -> bool:
        """Whether the send was stopped for good."""
        return self.cancelled_at is not None

    @property
    def issue(self) -> str:
        """The slug of the issue that goes out."""
        return self.rehearsal_of or self.slug

    @property
    def sweep_parts(self) -> range:
        """The numbers of these parts."""
        return range(self.swept_in)

    @property
    def audience_is_whole(self) -> bool:
        """Whether the audience was compared with the list itself: all who had confirmed by the opening are in it."""
        return self.state is SendState.CLOSED and self.swept_in > 0 and not self.cancelled

    def is_late(self, now: datetime) -> bool:
        """Return whether the send should be through by the forecast, and is not."""
        return self.state is not SendState.CLOSED and self.expected_end is not None and now > self.expected_end

    def address(self, subscriber_id: str, email: str) -> str:
        """Return where the mail to this subscriber goes: in a rehearsal to SES's own mailbox, never to the reader."""
        return f"success+{subscriber_id}@{SIMULATOR}" if self.rehearsal_of else email

    def paused(self, because: str, *, by: PausedBy, resume_at: datetime | None, now: datetime) -> Send | None:
        """Return the send held, if it is open or held by something weaker."""
        weaker = self.state is SendState.PAUSED and self.paused_by in by.weaker
        if (self.state is not SendState.OPEN and not weaker) or self.unreadable:
            return None
        return self._changed(
            state=SendState.PAUSED, paused_because=because, paused_by=by, paused_at=now, resume_at=resume_at
        )

    def resumed(self, *, paused_by: PausedBy | None = None, now: datetime) -> Send | None:
        """Return the send open again, if it is held, and by `paused_by` when that is given."""
        if self.state is not SendState.PAUSED or paused_by not in (None, self.paused_by):
            return None
        by_a_person = self.paused_by in (PausedBy.BREAKER, PausedBy.PERSON)
        judged_from = now if by_a_person else self.judged_from
        outage_ended_at = now if self.paused_by is PausedBy.OUTAGE else self.outage_ended_at
        return self._changed(
            state=SendState.OPEN,
            resumed_at=now,
            judged_from=judged_from,
            outage_ended_at=outage_ended_at,
            restored_known=self.restored_known or self.paused_by is PausedBy.RECORD,
            planners_due=True,
            **NOT_PAUSED,
        )

    def with_planners_called(self) -> Send | None:
        """Return the send after its planners were woken; None if that is known already."""
        return self._changed(planners_due=False) if self.planners_due else None

    def stopped(self, because: str, *, now: datetime) -> Send | None:
        """Return the send on its way to being cancelled, if it is open or held."""
        if self.state not in (SendState.OPEN, SendState.PAUSED):
            return None
        return self._changed(state=SendState.CANCELLING, cancelled_because=because, cancelled_at=now, **NOT_PAUSED)

    def held_for_another_try(self, because: str, *, whom: Again, now: datetime) -> Send | None:
        """Return the send held, so that outcomes may be opened again and nobody closes the books meanwhile.

        Another round is begun by a closed send only: the chain before it must have ended. None while it is cancelling,
        or not closed and the rest is asked for, or its outcomes are forgotten.
        """
        next_round = whom is Again.REST
        if self.state is SendState.CANCELLING or (next_round and self.state is not SendState.CLOSED):
            return None
        if self.outcomes_forgotten_at:
            return None
        return self._changed(
            state=SendState.PAUSED, paused_because=because, paused_by=PausedBy.PERSON, paused_at=now, resume_at=None,
            preparing=whom,
            round=self.round + next_round, reopened=self.reopened + 1, cancelled_because="", cancelled_at=None,
            closed_at=None, books=None, reported=False, reports_mailed=0, report_claimed_at=None, expected_end=None,
        )  # fmt: skip

    def to_be_counted_again(self) -> Send:
        """Return the send after a final outcome changed: closed books are opened, and sums begin anew."""
        state = SendState.OPEN if self.state is SendState.CLOSED else self.state
        if self.state is SendState.CLOSED and self.cancelled:
            state = SendState.CANCELLING
        return self._changed(state=state, reopened=self.reopened + 1, reported=False)

    def foreseen(self, forecast: Forecast, *, waits: timedelta = timedelta(0)) -> Send | None:
        """Return the send with what is expected of it; None if that is known, or it is not in its first try any more.

        A forecast counts from the first mail to the last. Before that the audience is planned, behind it the books are
        counted, and SES may ask for a slower pace now and then. `waits` is how long the rest stays behind a first wave.
        """
        if self.forecast or self.reopened or self.unreadable or self.state is SendState.CLOSED:
            return None
        allowed = max(AROUND, forecast.duration * SLOWER)
        return self._changed(forecast=forecast, expected_end=self.opened_at + forecast.duration + allowed + waits)

    def with_editors_informed(self, editors_informed_of: PausedBy | None) -> Send:
        """Return the send after the editors were told that it is held, or that it goes on."""
        if self.unreadable:
            return replace(self, editors_informed_of=editors_informed_of)
        return self._changed(editors_informed_of=editors_informed_of, news_claimed_at=None)

    def with_news_claimed(self, as_read: Send, *, now: datetime) -> Send | None:
        """Return the send while one look mails its news; None if it is not as that look read it, or another mails."""
        claimed = self.news_claimed_at is not None and now - self.news_claimed_at < NEWS_LEASE
        news = ("state", "paused_by", "editors_informed_of", "editors_informed_of_doubts", "doubts_wait_for")
        moved = any(getattr(self, name) != getattr(as_read, name) for name in news)
        return None if claimed or moved or self.unreadable else self._changed(news_claimed_at=now)

    def with_news_given_back(self) -> Send | None:
        """Return the send after its news could not be mailed; None if nobody has claimed them."""
        return self._changed(news_claimed_at=None) if self.news_claimed_at else None

    def with_report(self) -> Send | None:
        """Return the send after its report was asked for; None if it was, or if the send is not closed any more."""
        return self._changed(reported=True) if self.state is SendState.CLOSED and not self.reported else None

    def with_report_claimed(self, number: int, *, now: datetime) -> Send | None:
        """Return the send while one writer mails this report; None if it is mailed, or another writer is about to."""
        claimed = self.report_claimed_at is not None and now - self.report_claimed_at < REPORT_LEASE
        if claimed or self.state is not SendState.CLOSED or self.reports_mailed >= number:
            return None
        return self._changed(report_claimed_at=now)

    def with_report_given_back(self) -> Send | None:
        """Return the send after its report could not be mailed; None if nobody has claimed it."""
        return self._changed(report_claimed_at=None) if self.report_claimed_at else None

    def with_report_mailed(self, number: int) -> Send | None:
        """Return the send after the editors got the first or the second report; None if they had it already."""
        return self._changed(reports_mailed=number, report_claimed_at=None) if self.reports_mailed < number else None

    def with_outcomes_forgotten(self, *, now: datetime) -> Send | None:
        """Return the closed send without outcomes of single readers; None if that is so already, or it is open."""
        forgettable = self.state is SendState.CLOSED and self.outcomes_forgotten_at is None
        return self._changed(outcomes_forgotten_at=now) if forgettable else None

    def with_probe(self, probe: Probe | None) -> Send:
        """Return the send after another probe was handed over, or none is needed any more."""
        return self._changed(probe=probe)

    def with_doubts(self, *, end_at: datetime | None, wait_for: str) -> Send | None:
        """Return the send with what is known of its doubts; None if that is on record. Nobody in doubt ends a probe."""
        if (end_at, wait_for) == (self.doubts_end_at, self.doubts_wait_for):
            return None
        if end_at is None:
            return self._changed(**NO_DOUBTS)
        return self._changed(doubts_end_at=end_at, doubts_wait_for=wait_for)

    def with_editors_informed_of_doubts(self) -> Send:
        """Return the send after the editors were told who is in doubt, and what is waited for."""
        return self._changed(editors_informed_of_doubts=True, news_claimed_at=None)

    def handed_one_by_one(self, because: str) -> Send | None:
        """Return the send with one recipient a call from now on, unless that is so already, or everything is done."""
        if self.one_by_one_because or self.state is SendState.CLOSED:
            return None
        return self._changed(one_by_one_because=because)

    def closed(self, books: Books, *, now: datetime) -> Send | None:
        """Return the send closed with its final books, if it is open or being cancelled.

        Raises:
            ValueError: The books do not balance; whoever closes them has not counted to the end.
        """
        if self.state not in (SendState.OPEN, SendState.CANCELLING):
            return None
        if not books.balanced:
            raise ValueError(f"the books of {self.slug} do not balance and cannot be closed: {books}")
        return self._changed(state=SendState.CLOSED, books=books, closed_at=now, **NO_DOUBTS)

    def _changed(self, **changes: Any) -> Send:
        if self.unreadable:
            raise UnreadableSendError(UNREADABLE.format(slug=self.slug))
        return replace(self, revision=self.revision + 1, **changes)


OUTAGE_SENTENCE = (
    "SES gives no clear answer to anybody at the moment. Nothing to do: the send goes on alone once SES answers again,"
    " and this is held against no reader. The AWS Health Dashboard says whether SES has a fault in this region."
)

AROUND = timedelta(minutes=10)
"""For planning, for messages that are delivered twice, and for the look that closes the books; it is rarely half."""

SLOWER = 0.1
"""The share of its duration that a long send may take longer before it is called late."""

NEWS_LEASE = timedelta(minutes=2)
"""How long a look that tells the editors something may keep others from it: as long as it lives; a test holds the
function's time limit to this."""

REPORT_LEASE = timedelta(minutes=10)
"""How long a report is claimed at most. A writer that died is found dead before its message comes again; a test holds
the function's time limit to this."""

TAKEN_UP_AFTER = 30
"""Seconds until somebody looks whether the planners of a resumed send were woken. That look is asked for before
anything is changed, so that a resume that is cut off anywhere is finished by it."""

NOT_PAUSED: dict[str, Any] = {
    "paused_because": "", "paused_by": None, "paused_at": None, "preparing": None, "resume_at": None,
}  # fmt: skip

NO_DOUBTS: dict[str, Any] = {
    "probe": None, "doubts_end_at": None, "doubts_wait_for": "", "editors_informed_of_doubts": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipient:
    """One message of a bulk call: where it goes, and what is personal about it."""

    subscriber_id: str
    email: str
    variables: dict[str, str]
    headers: tuple[tuple[str, str], ...]
    tags: dict[str, str]

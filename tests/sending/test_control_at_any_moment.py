"""People steer a send at any moment, between batches and while SES is asked: no order of things breaks a promise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from newsletter.errors import InvalidRequestError, UnknownSendError
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.readers.domain.shard import shards
from newsletter.sending.domain.answer import Answer, Retry
from newsletter.sending.domain.batch import CLAIM_LEASE
from newsletter.sending.domain.books import tally
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import SIMULATOR, Again, Recipient, Send, SendState
from newsletter.sending.jobs.cancel_send import cancel_send
from newsletter.sending.jobs.fan_out import fan_out
from newsletter.sending.jobs.pause_send import pause_send
from newsletter.sending.jobs.plan_opened_send import plan_opened_send
from newsletter.sending.jobs.rehearse import rehearse
from newsletter.sending.jobs.resume_send import resume_send
from newsletter.sending.jobs.send_again import send_again
from newsletter.sending.jobs.send_batch import send_batch
from newsletter.sending.ports import SendPorts
from tests.factories import LINKS, SLUG, record
from tests.sending.fakes import MemoryRate, MemoryTransport, PlainAccount
from tests.sending.test_control import Desk

ACTIONS = ("pause", "resume", "cancel", "retry_failed", "send_to_rest", "rehearse", "settle")
ANSWERS = (Outcome.SENT, Outcome.SENT, Outcome.UNKNOWN, Outcome.REJECTED, Retry.PASSING, Retry.FAILED)
READERS = tuple(f"reader{number}@example.org" for number in range(6))
A_DAY_LATER = CLAIM_LEASE + timedelta(hours=24, minutes=31)
"""No report arrives here, so about readers in doubt the policy decides."""

LOOKS = 40
"""More than any send needs that nobody hinders: five tries and three doubts, each with its time of grace."""


class WatchedTransport(MemoryTransport):
    """Keeps the promises in view: whoever is handed over has not got it, and a rehearsal goes to SES's own mailbox."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(entries=2)
        self.desk = desk
        self.during: Callable[[], None] | None = None
        self.broken: list[str] = []
        self.on_record: set[tuple[str, str]] = set()
        """Who had which send on record as sent, at any time: what is written later does not take the mail back."""

    def remember(self) -> None:
        """Look at the record as it stands now."""
        for name in self.desk.sends.headers:
            for batch in self.desk.sends.batches(name):
                self.on_record |= {(name, who) for who in batch.with_outcome(Outcome.SENT)}

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        for recipient in recipients:
            self._check(recipient)
        answers = super().send(rendered, recipients)
        during, self.during = self.during, None
        if during is not None:
            during()
        return answers

    def _check(self, recipient: Recipient) -> None:
        who, name = recipient.subscriber_id, recipient.tags["issue"]
        send = self.desk.sends.get(name)
        assert send is not None
        if (name, who) in self.on_record:
            self.broken.append(f"{who} had {name} on record as sent, and was mailed again")
        if bool(send.rehearsal_of) is not recipient.email.endswith(f"@{SIMULATOR}"):
            self.broken.append(f"{name} was handed over for {recipient.email}")


class Steering(RuleBasedStateMachine):
    """One issue, six readers, and people who cannot make up their minds."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(people=0)
        self.transport = WatchedTransport(self.desk)
        self.desk.transport = self.transport
        self.unheard: list[tuple[str, str, str]] = []
        self.number = 0
        for email in READERS[:4]:
            self.desk.join(email)

    @initialize()
    def the_send_is_opened(self) -> None:
        desk = self.desk
        assert desk.issues.begin_sending(SLUG, record().content_hash, needs_approval=False)
        now, content_hash = desk.clock.now(), record().content_hash
        desk.sends.open(Send(slug=SLUG, content_hash=content_hash, shards=16, swept_in=2, opened_at=now))
        desk.queues.plan(SLUG, shards(16))

    @rule(action=st.sampled_from(ACTIONS))
    def somebody_steers(self, action: str) -> None:
        ports, now = self.desk.ports, self.desk.clock.now()
        with suppress(InvalidRequestError, UnknownSendError):
            match action:
                case "pause":
                    pause_send(SLUG, "Wait.", ports=ports, now=now)
                case "resume":
                    resume_send(SLUG, ports=ports, now=now)
                case "cancel":
                    cancel_send(SLUG, "No.", ports=ports, now=now)
                case "retry_failed":
                    send_again(SLUG, Again.FAILED, ports=ports, now=now)
                case "send_to_rest":
                    send_again(SLUG, Again.REST, ports=ports, now=now)
                case "rehearse":
                    rehearse(SLUG, ports=ports, shard_count=16, now=now)
                case "settle":
                    self.a_look()

    @rule()
    def a_look(self) -> None:
        for name in list(self.desk.sends.headers):
            self.desk.settle(name)

    @precondition(lambda self: self.desk.queues.openings)
    @rule()
    def the_page_is_written(self) -> None:
        due, self.desk.queues.openings = self.desk.queues.openings, []
        for name in due:
            plan_opened_send(name, sends=self.desk.sends, queues=self.desk.queues)

    @precondition(lambda self: self.desk.queues.plans)
    @rule(count=st.integers(1, 40), cut_off=st.booleans())
    def planners_work(self, count: int, cut_off: bool) -> None:
        due, self.desk.queues.plans = self.desk.queues.plans[:count], self.desk.queues.plans[count:]
        for name, first in due:
            fan_out(
                name, first, sends=self.desk.sends, audience=self.desk.subscribers, sending_account=PlainAccount(),
                queues=self.desk.queues, sweeps=self.desk.sweeps, out_of_time=lambda: cut_off,
                now=self.desk.clock.now(),
            )  # fmt: skip

    @precondition(lambda self: self.desk.queues.sweeps)
    @rule()
    def sweepers_work(self) -> None:
        self.desk.sweep()

    @precondition(lambda self: self.desk.queues.batches)
    @rule(
        at=st.integers(0, 10**6),
        answers=st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=4),
        accepted=st.booleans(),
        during=st.none() | st.sampled_from(ACTIONS),
        twice=st.booleans(),
    )
    def a_worker_works(self, at: int, answers: list[Answer], accepted: bool, during: str | None, twice: bool) -> None:
        due = self.desk.queues.batches
        name, after, _ = due[at % len(due)] if twice else due.pop(at % len(due))
        given = iter(answers * 10)

        def answer(recipient: Recipient) -> Answer:
            said = next(given)
            if said is Outcome.UNKNOWN and accepted:
                self.unheard.append((name, recipient.tags["batch"], recipient.subscriber_id))
            return said

        self.transport.answer = answer
        self.transport.during = (lambda: self.somebody_steers(during)) if during else None
        self._hand_over(name, after)

    @rule()
    def everything_is_worked_off(self) -> None:
        self.transport.during, self.transport.answer = None, lambda _: Outcome.SENT
        for _ in range(2):
            self._everything_queued()
        self.a_look()

    @precondition(lambda self: self.unheard)
    @rule()
    def an_event_tells_what_no_answer_did(self) -> None:
        name, batch, who = self.unheard.pop()
        self.desk.evidence.add(name, batch, [who])

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        self.desk.clock.sleep(minutes * 60)

    @rule(email=st.sampled_from(READERS))
    def a_reader_joins(self, email: str) -> None:
        self.desk.join(email)

    @rule(email=st.sampled_from(READERS))
    def a_reader_leaves(self, email: str) -> None:
        who = self.desk.addresses.subscriber_id(self.desk.addresses.mailbox(email))
        if self.desk.subscribers.get(who):
            self.desk.leave(who)

    @invariant()
    def what_is_on_record_is_remembered(self) -> None:
        self.transport.remember()

    @invariant()
    def nobody_is_mailed_who_must_not_be(self) -> None:
        assert self.transport.broken == []

    @invariant()
    def closed_books_balance_and_are_those_of_the_outcomes(self) -> None:
        for name, send in self.desk.sends.headers.items():
            if send.state is SendState.CLOSED:
                assert send.books is not None
                assert send.books.balanced
                assert send.books == tally(self.desk.sends.batches(name))

    def teardown(self) -> None:
        """Left alone, every send comes to its end, a cancelled one without anybody's help."""
        self.transport.during, self.transport.answer = None, lambda _: Outcome.SENT
        for name in list(self.desk.sends.headers):
            if self.desk.sends.headers[name].state is SendState.PAUSED:
                resume_send(name, ports=self.desk.ports, now=self.desk.clock.now())
            mailed = len(self.transport.mailed)
            cancelling = self.desk.sends.headers[name].state is SendState.CANCELLING
            for _ in range(LOOKS):
                self._everything_queued()
                if self.desk.settle(name)[0].state is SendState.CLOSED:
                    break
                self.desk.clock.sleep(A_DAY_LATER.total_seconds())
            assert self.desk.sends.headers[name].state is SendState.CLOSED
            if cancelling and len(self.desk.sends.headers) == 1:
                assert len(self.transport.mailed) == mailed
        self.nobody_is_mailed_who_must_not_be()
        self.closed_books_balance_and_are_those_of_the_outcomes()

    def _everything_queued(self) -> None:
        if self.desk.queues.openings:
            self.the_page_is_written()
        if self.desk.queues.plans:
            self.planners_work(len(self.desk.queues.plans), cut_off=False)
        self.desk.sweep()
        due, self.desk.queues.batches = self.desk.queues.batches, []
        for name, after, _ in due:
            self._hand_over(name, after)

    def _hand_over(self, name: str, after: str) -> None:
        desk, self.number = self.desk, self.number + 1
        ports = SendPorts(
            sends=desk.sends, evidence=desk.evidence, subscribers=desk.subscribers, content=desk.content,
            transport=self.transport, single=self.transport, rate=MemoryRate(until=desk.clock.now()),
            queues=desk.queues, clock=desk.clock,
        )  # fmt: skip
        send_batch(
            name, after, claim=f"worker {self.number}", ports=ports, links=LINKS, reply_to="editors@example.org",
            today=desk.clock.now().date(),
        )  # fmt: skip
        self.transport.remember()


TestSteering = Steering.TestCase
TestSteering.settings = settings(max_examples=200, stateful_step_count=50)

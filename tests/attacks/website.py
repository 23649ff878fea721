"""The form, the queue behind it and everybody's mailboxes, in memory: what an attacker can reach from outside."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from newsletter.core.link_token import Purpose, Token
from newsletter.readers.adapters.email_addresses import EmailAddresses
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.limits import Lane, Policy
from newsletter.readers.domain.preferences import PreferencesAction, PreferencesForm
from newsletter.readers.domain.proof_of_work import RANDOM_BYTES, SALT_BYTES, challenge, proof_key, solve
from newsletter.readers.domain.sign_up import SignedUp, SignUp
from newsletter.readers.jobs import preferences
from newsletter.readers.jobs.ask_for_link import ask_for_link
from newsletter.readers.jobs.greet import greet
from newsletter.readers.jobs.sign_up import sign_up
from newsletter.readers.limiter import Limiter
from newsletter.readers.ports import GreetPorts, LinkRequestPorts, PreferencePorts
from newsletter.readers.sign_up_ports import FormPorts
from tests.core.fakes import NOW, MemoryCounters, MemoryMailer, OneByOne, PlainMails
from tests.factories import LINKS, subscriber
from tests.feedback.fakes import MemoryConfirmationWatch
from tests.readers.fakes import (
    MemoryAddressInsights,
    MemoryDisposable,
    MemoryMailDomains,
    MemorySignUps,
    MemorySubscribers,
    MemorySuppressions,
)

KEY = "key of the addresses"
POLICY = Policy(proof_of_work=True, per_network=40, per_hour=1000)
VISITOR = "192.0.2.7"


class TimedQueue:
    """A queue with delays, as SQS has them."""

    def __init__(self) -> None:
        self.now = NOW
        self.waiting: list[tuple[datetime, int, Greeting]] = []
        self._order = count()

    def greet(self, greeting: Greeting, *, delay: int = 0) -> None:
        assert 0 <= delay <= 900, "SQS takes no longer delay"
        heapq.heappush(self.waiting, (self.now + timedelta(seconds=delay), next(self._order), greeting))

    def next_until(self, end: datetime) -> Greeting | None:
        """Return the next message that shows itself by then, and let the time pass until it does."""
        if not self.waiting or self.waiting[0][0] > end:
            self.now = end
            return None
        moment, _, greeting = heapq.heappop(self.waiting)
        self.now = max(self.now, moment)
        return greeting

    def __len__(self) -> int:
        return len(self.waiting)


@dataclass
class Website:
    """A newsletter's website as strangers see it."""

    policy: Policy = POLICY
    subscribers: MemorySubscribers = field(default_factory=MemorySubscribers)
    counters: MemoryCounters = field(default_factory=MemoryCounters)
    holds: dict[Lane, MemoryConfirmationWatch] = field(
        default_factory=lambda: {lane: MemoryConfirmationWatch() for lane in Lane}
    )
    network_holds: dict[str, MemoryConfirmationWatch] = field(
        default_factory=lambda: defaultdict(MemoryConfirmationWatch)
    )
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    queue: TimedQueue = field(default_factory=TimedQueue)
    addresses: EmailAddresses = field(default_factory=lambda: EmailAddresses(KEY))
    proofs: int = 0

    def __post_init__(self) -> None:
        self.suppressions = MemorySuppressions(subscribers=self.subscribers)
        self.limiter = Limiter(self.counters, self.policy, KEY)

    def id_of(self, email: str) -> str:
        return self.addresses.subscriber_id(self.addresses.mailbox(email))

    def post(self, email: str, network: str = VISITOR, *, proved: bool = True) -> SignedUp:
        """Send the form."""
        ports = FormPorts(
            MemorySignUps(self.subscribers, self.suppressions, self.counters),
            self.addresses,
            self.limiter,
            MemoryMailDomains(),
            self.queue,
            OneByOne(),
            seal_key=KEY,
            slow_lane_seconds=20,
        )
        form = SignUp(email=email, words="words", network=network, proof=self._proof() if proved else "")
        return sign_up(form, ports=ports, now=self.queue.now)

    def has_reader(self, email: str) -> str:
        """Put somebody on the list who has confirmed, and return their id."""
        self.subscribers.save(subscriber(subscriber_id=self.id_of(email), email=email))
        return self.id_of(email)

    def change_address(self, reader: str, email: str, network: str = VISITOR) -> None:
        """Ask, as a reader, for a move to this address."""
        ports = PreferencePorts(
            self.subscribers, self.suppressions, self.queue, self.addresses, self.limiter, lambda: (), seal_key=KEY
        )
        form = PreferencesForm(action=PreferencesAction.CHANGE_EMAIL, new_email=email)
        now = self.queue.now
        preferences.answer_form(
            form, Token(reader, now, Purpose.ACCOUNT), network, ports=ports, today=now.date(), now=now
        )

    def ask_to_leave(self, email: str, network: str = VISITOR) -> None:
        """Ask for a link to leave, by address."""
        ports = LinkRequestPorts(self.addresses, self.limiter, self.queue)
        ask_for_link(Occasion.LEAVE_LINK, email, network, ports=ports, now=self.queue.now)

    def hours_pass(self, hours: float) -> None:
        """Let the queue work for so long."""
        end = self.queue.now + timedelta(hours=hours)
        while greeting := self.queue.next_until(end):
            self._greet(greeting)

    def mails_to(self, *emails: str) -> list[str]:
        """Return which mails went to these addresses."""
        return [sent.kind for sent in self.mailer.outbox if sent.to in emails]

    @property
    def greet_ports(self) -> GreetPorts:
        return GreetPorts(
            subscribers=self.subscribers,
            suppressions=self.suppressions,
            latest_issue=lambda: None,
            counters=self.counters,
            disposable=MemoryDisposable(),
            address_insights=MemoryAddressInsights(),
            mailer=self.mailer,
            mails=PlainMails(),
            confirmation_holds=self.holds,
            greet_queue=self.queue,
            network_holds=self.network_holds.__getitem__,
        )

    def _greet(self, greeting: Greeting) -> None:
        now, ports = self.queue.now, self.greet_ports
        greet(greeting, ports=ports, links=LINKS, reply_to="e@example.org", policy=self.policy, now=now)

    def _proof(self) -> str:
        self.proofs += 1
        random = self.proofs.to_bytes(SALT_BYTES, "big") + bytes(RANDOM_BYTES - SALT_BYTES)  # found at the first try
        return solve(challenge(proof_key(KEY), random=random, now=self.queue.now))

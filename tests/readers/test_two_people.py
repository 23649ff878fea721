"""Two people, three mailboxes, every link that was ever mailed, in any order: no link speaks for another mailbox.

Ada reads the mail of two mailboxes, Ben that of one. Both may type any address into any form. Whatever they do, a link
never shows or changes the record of a mailbox that it was not mailed to; with two exceptions that are meant: leaving
follows a reader who moved, and the link that confirms a move takes the record away from the address that asked for it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from newsletter.core.link_token import Purpose, Token, is_for_move, read, read_either
from newsletter.errors import ExpiredTokenError
from newsletter.readers.domain.limits import Lane, Policy
from newsletter.readers.domain.link_rights import Press
from newsletter.readers.domain.preferences import FOR_EVERY_LINK, PreferencesAction, PreferencesForm
from newsletter.readers.domain.sign_up import SignUp
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.jobs import preferences
from newsletter.readers.jobs.complete_move import complete_move
from newsletter.readers.jobs.confirm import confirm
from newsletter.readers.jobs.greet import greet
from newsletter.readers.jobs.subscribe import subscribe
from newsletter.readers.jobs.unsubscribe import undo, unsubscribe
from newsletter.readers.limiter import Limiter
from newsletter.readers.ports import GreetPorts, PreferencePorts, SignUpPorts
from tests.core.fakes import NOW, MemoryCounters, MemoryMailer, PlainMails
from tests.factories import KEYS, LINKS
from tests.readers.fakes import (
    MemoryAddressInsights,
    MemoryConfirmationHold,
    MemoryDisposable,
    MemorySubscribers,
    MemorySuppressions,
    PlainAddresses,
    no_network_held,
)
from tests.sending.fakes import MemoryQueues

MAILBOXES = ("ada@example.org", "ada@example.net", "ben@example.com")
SEAL = "key of the seals"
POLICY = Policy(proof_of_work=False, per_network=10_000, per_hour=10_000)
TODAY = date(2026, 12, 1)
ADDRESSES = PlainAddresses()
LINK = re.compile(r"https://\S*/(confirm|unsubscribe|preferences)\?token=([\w=-]+)")
ACTIONS = (
    PreferencesAction.SAVE,
    PreferencesAction.PAUSE,
    PreferencesAction.SEND_LINK,
    PreferencesAction.END_LINKS,
    PreferencesAction.CHANGE_EMAIL,
    PreferencesAction.ERASE,
)
A_WHILE = timedelta(minutes=20)
"""Longer than the time in which a second request for the same email is ignored."""


def id_of(email: str) -> str:
    return ADDRESSES.subscriber_id(ADDRESSES.mailbox(email))


@dataclass(frozen=True)
class Link:
    """A link, and the mailbox that it was mailed to."""

    mailbox: str
    path: str
    token: str


class TwoPeople(RuleBasedStateMachine):
    """The list, and every link that was mailed."""

    @initialize()
    def begin(self) -> None:
        self.subscribers, self.queues, self.mailer = MemorySubscribers(), MemoryQueues(), MemoryMailer()
        self.suppressions = MemorySuppressions(subscribers=self.subscribers)
        self.links: list[Link] = []
        self.now = NOW
        for mailbox in (MAILBOXES[0], MAILBOXES[2]):
            self._sign_up(mailbox, "")
            self.the_mails_that_wait_are_written()
            self._press(self.links[-1])
            self.the_mails_that_wait_are_written()  # the welcome, with every link of a reader

    @property
    def sign_up_ports(self) -> SignUpPorts:
        return SignUpPorts(self.subscribers, self.suppressions, self.queues)

    @property
    def preference_ports(self) -> PreferencePorts:
        limiter = Limiter(MemoryCounters(), POLICY, SEAL)
        return PreferencePorts(
            self.subscribers, self.suppressions, self.queues, ADDRESSES, limiter, lambda: ("bins",), seal_key=SEAL
        )

    @rule(mailbox=st.sampled_from(MAILBOXES), name=st.sampled_from(["", "Ada", "URGENT: call 0800"]))
    def somebody_types_an_address_into_the_form(self, mailbox: str, name: str) -> None:
        self._sign_up(mailbox, name)

    def _sign_up(self, mailbox: str, name: str) -> None:
        form = SignUp(email=mailbox, name=name, words="words")
        subscribe(form, addresses=ADDRESSES, ports=self.sign_up_ports, seal_key=SEAL, delay=0, now=self.now)

    @rule()
    def the_mails_that_wait_are_written(self) -> None:
        ports = GreetPorts(
            self.subscribers, self.suppressions, lambda: None, MemoryCounters(), MemoryDisposable(),
            MemoryAddressInsights(), self.mailer, PlainMails(),
            dict.fromkeys(Lane, MemoryConfirmationHold()), self.queues, no_network_held,
        )  # fmt: skip
        waiting, self.queues.greetings = [greeting for greeting, _ in self.queues.greetings], []
        for greeting in waiting:
            greet(greeting, ports=ports, links=LINKS, reply_to="e@example.org", policy=POLICY, now=self.now)
        for sent in self.mailer.outbox:
            self.links += [Link(sent.to, path, token) for path, token in LINK.findall(sent.mail.text)]
            stored = self.subscribers.get(id_of(sent.to))
            if stored is None or stored.status is not Status.CONFIRMED:
                assert "URGENT" not in sent.mail.text, "a stranger's words in our name"
        self.mailer.outbox.clear()

    @rule()
    def time_passes(self) -> None:
        self.now += A_WHILE

    @precondition(lambda self: self.links)
    @rule(data=st.data())
    def a_button_that_confirms_is_pressed(self, data: st.DataObject) -> None:
        link = self._one_of(data, "confirm")
        if link is not None:
            self._press(link)

    def _press(self, link: Link) -> None:
        purpose = Purpose.MOVE if is_for_move(link.token) else Purpose.CONFIRM
        before = self._records()
        token = read(purpose, link.token, KEYS, now=self.now)
        job = complete_move if purpose is Purpose.MOVE else confirm
        with suppress(ExpiredTokenError):
            job(Press(token), ports=self.sign_up_ports, seal_key=SEAL, now=self.now)
        asked = token.subscriber_id if purpose is Purpose.MOVE else id_of(link.mailbox)
        self._only_changed({id_of(link.mailbox), asked}, before)
        old = before.get(asked)
        if asked != id_of(link.mailbox) and old != self._records().get(asked):
            assert old is not None
            assert old.move is not None
            assert old.move.new_id == id_of(link.mailbox)

    @precondition(lambda self: self.links)
    @rule(data=st.data(), what=st.sampled_from([None, *ACTIONS]), to=st.sampled_from(MAILBOXES))
    def a_page_of_preferences_is_used(self, data: st.DataObject, what: PreferencesAction | None, to: str) -> None:
        link = self._one_of(data, "preferences")
        if link is None:
            return
        token = self._read(link)
        if token is None:
            return
        before = self._records()
        try:
            seen = preferences.look(token, subscribers=self.subscribers, now=self.now).subscriber
            assert (seen is None) == (token.purpose is Purpose.PREFERENCES)
            assert seen is None or seen.email == link.mailbox
            if what is not None:
                form = PreferencesForm(action=what, name="Mallory", rests_until=date(2027, 1, 1), new_email=to)
                changed = preferences.answer_form(
                    form, token, "", ports=self.preference_ports, today=TODAY, now=self.now
                )
                assert changed.subscriber is None or changed.subscriber.email == link.mailbox
                if token.purpose is Purpose.PREFERENCES:
                    assert changed.link_needed == (what not in FOR_EVERY_LINK)
                    if changed.link_needed:
                        self._only_changed(set(), before)
        except ExpiredTokenError:
            self._only_changed(set(), before)
        own = before.get(id_of(link.mailbox))
        self._only_changed({id_of(link.mailbox), *(own.came_from if own else ())}, before)

    @rule(data=st.data(), to=st.sampled_from(MAILBOXES), as_meant=st.booleans())
    def a_reader_moves(self, data: st.DataObject, to: str, as_meant: bool) -> None:
        """The whole way at once, which single steps in any order find too seldom."""
        link = self._one_of(data, "preferences", Purpose.PREFERENCES)
        if link is None:
            return
        account = replace(read(Purpose.PREFERENCES, link.token, KEYS, now=self.now), purpose=Purpose.ACCOUNT)
        with suppress(ExpiredTokenError):
            preferences.move(account, to, ports=self.preference_ports, now=self.now)
        self.the_mails_that_wait_are_written()
        moves = [one for one in self.links if one.mailbox == to and is_for_move(one.token)]
        if moves and as_meant:
            self._press(moves[-1])

    @precondition(lambda self: self.links)
    @rule(data=st.data(), takes_it_back=st.booleans())
    def somebody_leaves(self, data: st.DataObject, takes_it_back: bool) -> None:
        link = self._one_of(data, "unsubscribe")
        if link is None:
            return
        token = read(Purpose.UNSUBSCRIBE, link.token, KEYS, now=self.now)
        before = self._records()
        unsubscribe(token.subscriber_id, subscribers=self.subscribers, now=self.now)
        for address_id, record in self._records().items():
            was = before[address_id]
            if record != was:
                # Wherever the reader moved, and nothing but leaving.
                assert replace(record, version=was.version) == replace(
                    was, status=Status.UNSUBSCRIBED, left_at=self.now, left_because="", pending=()
                )
                assert address_id == id_of(link.mailbox) or id_of(link.mailbox) in was.came_from
        if takes_it_back:
            left = self._records()
            with suppress(ExpiredTokenError):
                undo(token, subscribers=self.subscribers, now=self.now)
            self._only_changed({id_of(link.mailbox)}, left)

    @invariant()
    def nobody_is_in_the_audience_without_a_receipt_of_their_own(self) -> None:
        for record in getattr(self, "subscribers", MemorySubscribers()).by_id.values():
            if record.status is Status.CONFIRMED:
                assert record.consent is not None
                assert record.consent.confirmed_at is not None
                assert record.email in MAILBOXES

    def _read(self, link: Link) -> Token | None:
        """Return what a link to preferences says; None if it was a fresh one and its hour is over."""
        try:
            return read_either((Purpose.ACCOUNT, Purpose.PREFERENCES), link.token, KEYS, now=self.now)
        except ExpiredTokenError:
            return None

    def _one_of(self, data: st.DataObject, path: str, purpose: Purpose | None = None) -> Link | None:
        fitting = [link for link in self.links if link.path == path]
        if purpose is not None:
            fitting = [link for link in fitting if (token := self._read(link)) and token.purpose is purpose]
        return data.draw(st.sampled_from(fitting)) if fitting else None

    def _records(self) -> dict[str, Subscriber]:
        return dict(self.subscribers.by_id)

    def _only_changed(self, allowed: set[str], before: dict[str, Subscriber]) -> None:
        after = self._records()
        changed = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
        assert changed <= allowed


TwoPeople.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestTwoPeople = TwoPeople.TestCase

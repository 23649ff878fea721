"""Who can do what with which link: each row of the table in docs/security.md, done over the jobs behind the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from newsletter.core.link_token import Purpose, SigningKeys, Token, read, sign
from newsletter.errors import ExpiredTokenError
from newsletter.readers.domain.leaving import LeavingAction, LeavingForm
from newsletter.readers.domain.limits import Policy
from newsletter.readers.domain.link_rights import RIGHTS, Right
from newsletter.readers.domain.preferences import FOR_EVERY_LINK, PreferencesAction, PreferencesForm
from newsletter.readers.domain.subscriber import Status, Subscriber, with_links_ended
from newsletter.readers.jobs import preferences, unsubscribe
from newsletter.readers.limiter import Limiter
from newsletter.readers.ports import PreferencePorts
from tests.core.fakes import NOW, MemoryCounters
from tests.factories import KEYS, an_id, subscriber
from tests.readers.fakes import MemorySubscribers, MemorySuppressions, PlainAddresses
from tests.sending.fakes import MemoryQueues

ADA = subscriber(name="Ada")
TODAY, NEXT = date(2026, 12, 1), date(2027, 1, 12)
YEAR = timedelta(days=365)
TABLE = Path(__file__).parents[2] / "docs" / "security.md"
SEAL = "key of the seals"
POLICY = Policy(proof_of_work=False, per_network=10_000, per_hour=10_000)


@dataclass
class Reader:
    """One subscriber, and what the pages touch."""

    subscribers: MemorySubscribers = field(default_factory=lambda: MemorySubscribers(ADA))
    queues: MemoryQueues = field(default_factory=MemoryQueues)

    @property
    def now(self) -> Subscriber | None:
        return self.subscribers.get(ADA.subscriber_id)

    @property
    def ports(self) -> PreferencePorts:
        suppressions = MemorySuppressions(subscribers=self.subscribers)
        limiter = Limiter(MemoryCounters(), POLICY, SEAL)
        return PreferencePorts(
            self.subscribers, suppressions, self.queues, PlainAddresses(), limiter, lambda: ("bins",), seal_key=SEAL
        )

    def asks(self, purpose: Purpose, action: PreferencesAction, *, age: timedelta = timedelta()) -> bool:
        """Press a button of the page of preferences; return whether anything came of it."""
        before = self.now
        form = PreferencesForm(action=action, name="Mallory", rests_until=NEXT, new_email="new@example.org")
        token = Token(ADA.subscriber_id, NOW - age, purpose)
        try:
            changed = preferences.answer_form(form, token, "", ports=self.ports, today=TODAY, now=NOW)
        except ExpiredTokenError:
            assert self.now == before
            return False
        assert changed.link_needed == (self.now == before and not self.queues.greetings)
        return not changed.link_needed

    def leaves(self, action: LeavingAction, *, age: timedelta = timedelta(), keys: SigningKeys = KEYS) -> bool:
        """Press a button of the page to unsubscribe; return whether anything came of it."""
        form = LeavingForm(action, rests_until=NEXT)
        signed = sign(Purpose.UNSUBSCRIBE, ADA.subscriber_id, KEYS, now=NOW - age)
        token = read(Purpose.UNSUBSCRIBE, signed, keys, now=NOW)
        before = self.now
        try:
            unsubscribe.answer_form(form, token, subscribers=self.subscribers, today=TODAY, now=NOW)
        except ExpiredTokenError:
            return False
        return self.now != before


@pytest.mark.parametrize("action", PreferencesAction)
def test_the_link_of_a_footer_does_what_can_be_undone_and_a_fresh_one_everything(action: PreferencesAction) -> None:
    assert Reader().asks(Purpose.PREFERENCES, action) == (action in FOR_EVERY_LINK)
    if action is not PreferencesAction.RESUME:  # ends no pause, because there is none
        assert Reader().asks(Purpose.ACCOUNT, action)


def test_the_link_of_a_footer_shows_nothing_of_whose_it_is() -> None:
    reader = Reader()
    for purpose, shown in ((Purpose.PREFERENCES, None), (Purpose.ACCOUNT, ADA.email)):
        token = Token(ADA.subscriber_id, NOW, purpose)
        changed = preferences.look(token, subscribers=reader.subscribers, now=NOW)
        assert (changed.subscriber and changed.subscriber.email) == shown


@pytest.mark.parametrize("age", [YEAR + timedelta(days=1), timedelta(days=4000)])
def test_a_link_older_than_a_year_may_only_leave(age: timedelta) -> None:
    assert not any(Reader().asks(Purpose.PREFERENCES, action, age=age) for action in (PreferencesAction.PAUSE,))
    assert not Reader().leaves(LeavingAction.PAUSE, age=age)
    assert Reader().leaves(LeavingAction.LEAVE, age=age)
    assert Reader().asks(Purpose.PREFERENCES, PreferencesAction.SEND_LINK, age=age), "it goes to the address on record"


def test_a_link_of_a_key_that_was_stolen_may_only_leave() -> None:
    rotated = SigningKeys("new", "newer", (KEYS.current,))

    assert not Reader().leaves(LeavingAction.PAUSE, keys=rotated)
    assert Reader().leaves(LeavingAction.LEAVE, keys=rotated)
    assert Reader().leaves(LeavingAction.PAUSE, keys=SigningKeys("new", KEYS.current)), "an ordinary rotation"


def test_a_link_of_almost_a_year_still_pauses() -> None:
    assert Reader().asks(Purpose.PREFERENCES, PreferencesAction.PAUSE, age=YEAR)
    assert Reader().leaves(LeavingAction.PAUSE, age=YEAR)


def test_older_links_that_their_owner_has_ended_may_only_leave() -> None:
    ended = with_links_ended(ADA, now=NOW + timedelta(seconds=1))
    for purpose in (Purpose.PREFERENCES, Purpose.ACCOUNT):
        assert not Reader(MemorySubscribers(ended)).asks(purpose, PreferencesAction.PAUSE)
    assert not Reader(MemorySubscribers(ended)).leaves(LeavingAction.PAUSE)
    assert Reader(MemorySubscribers(ended)).leaves(LeavingAction.LEAVE)


def test_ending_links_ends_the_very_link_that_did_it_and_a_change_of_address_that_waits() -> None:
    reader = Reader()
    assert reader.asks(Purpose.ACCOUNT, PreferencesAction.CHANGE_EMAIL)
    token = Token(ADA.subscriber_id, NOW, Purpose.ACCOUNT)
    later = NOW + timedelta(seconds=30)
    form = PreferencesForm(action=PreferencesAction.END_LINKS)

    preferences.answer_form(form, token, "", ports=reader.ports, today=TODAY, now=later)

    assert reader.now is not None
    assert reader.now.move is None
    with pytest.raises(ExpiredTokenError):
        preferences.show(token, subscribers=reader.subscribers, now=later)


def test_a_record_of_version_1_0_has_no_moment_and_its_links_work() -> None:
    assert ADA.links_since is None
    assert Reader().asks(Purpose.PREFERENCES, PreferencesAction.PAUSE)


def test_whoever_left_may_have_a_fresh_link_but_pauses_nothing() -> None:
    left = replace(ADA, status=Status.UNSUBSCRIBED, left_at=NOW)

    assert not Reader(MemorySubscribers(left)).asks(Purpose.PREFERENCES, PreferencesAction.PAUSE)
    assert Reader(MemorySubscribers(left)).asks(Purpose.ACCOUNT, PreferencesAction.ERASE)


def test_a_link_speaks_for_one_mailbox() -> None:
    two = MemorySubscribers(ADA, subscriber(2))
    token = Token(an_id(2), NOW, Purpose.ACCOUNT)

    assert preferences.show(token, subscribers=two, now=NOW).subscriber_id == an_id(2)


def test_the_document_says_what_the_code_does() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*?\| (yes|no) \| (yes|no) \| (yes|no) \|", TABLE.read_text(), re.MULTILINE)

    written = {Purpose(name): tuple(cell == "yes" for cell in cells) for name, *cells in rows}
    assert written == {purpose: tuple(right in RIGHTS.get(purpose, ()) for right in Right) for purpose in Purpose}


def rows_held_by_a_test() -> Iterator[str]:
    """Yield the rows of the tables about strangers and thieves whose last column names a test."""
    held = False
    for line in TABLE.read_text().partition("## What a stranger can do")[2].splitlines():
        if line.endswith("| held by |"):
            held = True
        elif not line.startswith("|"):
            held = False
        elif held and not line.startswith("|---"):
            yield line


def test_each_row_about_strangers_and_thieves_names_the_test_that_holds_it() -> None:
    data = list(rows_held_by_a_test())
    assert len(data) >= 16
    for row in data:
        named = re.search(r"`(test_\w+)`: `(test_\w+)` \|$", row)
        assert named is not None, row
        files = (TABLE.parents[1] / "tests").glob(f"*/{named[1]}.py")  # in `attacks`, or beside what it is about
        assert any(f"def {named[2]}(" in file.read_text() for file in files), row

"""Signing in, staying in and leaving: the rules, at moments of our choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from newsletter.core.link_token import Purpose, SigningKeys, sign
from newsletter.core.team import Role
from newsletter.desk.domain.act import FRESH_FOR, MAY, Act, may
from newsletter.desk.domain.member import Member, first_members
from newsletter.desk.domain.session import (
    IDLE,
    IDLE_WITH_PASSKEY,
    NOTED_EVERY,
    Session,
    form_token,
    hash_of,
    is_form_token,
)
from newsletter.desk.domain.sign_in_attempt import GUESSES, WRONG_CODES_A_DAY, code_of, is_code, link_token
from newsletter.desk.session_ports import AskPorts, SessionPorts, SignInMailPorts
from newsletter.desk.sessions.ask_to_sign_in import Asked, ask_to_sign_in
from newsletter.desk.sessions.change_team import change_roles, invite, remove
from newsletter.desk.sessions.enter import enter
from newsletter.desk.sessions.mail_sign_in import mail_sign_in
from newsletter.desk.sessions.open_session import SignedIn, SignInResult
from newsletter.desk.sessions.sign_in import SignInProof, sign_in
from newsletter.desk.sessions.sign_out import sign_out
from newsletter.errors import InvalidRequestError, NetworkFullError
from newsletter.readers.domain.limits import Policy
from newsletter.readers.limiter import Limiter
from tests.core.fakes import NOW, MemoryCounters, MemoryMailer, PlainMails
from tests.desk.fakes import MemoryActivities, MemoryMembers, MemoryPasskeys, MemorySessions, MemorySignInQueue

KEYS = SigningKeys("current key of editors", "previous key of editors")
OWNER = Member("owner@example.org", roles=frozenset({Role.OWNER}))
ANN = Member("ann@example.org", "Ann Lee", frozenset({Role.APPROVER}))
A_MOMENT = timedelta(microseconds=1)
TEN_MINUTES = timedelta(minutes=10)
OWN = (Act.ACCOUNT, Act.PASSKEYS)
"""What is about nobody else."""


@dataclass
class Desk:
    """The desk in memory, at one moment after the other."""

    members: MemoryMembers = field(default_factory=lambda: MemoryMembers(OWNER, ANN))
    sessions: MemorySessions = field(default_factory=MemorySessions)
    passkeys: MemoryPasskeys = field(default_factory=MemoryPasskeys)
    activities: MemoryActivities = field(default_factory=MemoryActivities)
    queue: MemorySignInQueue = field(default_factory=MemorySignInQueue)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    counters: MemoryCounters = field(default_factory=MemoryCounters)

    @property
    def ports(self) -> SessionPorts:
        return SessionPorts(self.members, self.sessions, self.activities, self.counters)

    def asks(self, email: str = ANN.email, network: str = "192.0.2.10", now: datetime = NOW) -> Asked:
        policy = Policy(proof_of_work=False, per_network=10, per_hour=10)
        limiter = Limiter(self.counters, policy, "key of the counters")
        ports = AskPorts(self.members, self.sessions, self.queue, limiter)
        return ask_to_sign_in(email, network=network, ports=ports, now=now)

    def mails(self, attempt_id: str, now: datetime = NOW) -> bool:
        ports = SignInMailPorts(self.members, self.sessions, self.mailer, PlainMails(), "https://b.example.org")
        return mail_sign_in(attempt_id, ports=ports, now=now)

    def tries(self, proof: SignInProof, now: datetime = NOW) -> SignedIn:
        return sign_in(proof, ports=self.ports, now=now)

    def signs_in(self, email: str = ANN.email, now: datetime = NOW) -> str:
        """Sign in by the link, and return the secret of the cookie."""
        signed_in = self.tries(self.by_link(self.asks(email, now=now)), now)
        assert signed_in.result is SignInResult.SIGNED_IN
        return signed_in.secret

    def code(self, asked: Asked) -> str:
        """Return the code that is in the email."""
        return code_of(asked.attempt_id, self.sessions.attempts[asked.attempt_id].secret)

    def by_link(self, asked: Asked) -> SignInProof:
        """Return what a browser shows that asked, and opened the link."""
        token = link_token(self.sessions.attempts[asked.attempt_id])
        return SignInProof(token, attempt_id=asked.attempt_id, browser_secret=asked.browser_secret)

    def by_code(self, asked: Asked, code: str = "") -> SignInProof:
        """Return what it shows if somebody types the code there."""
        return SignInProof("", code or self.code(asked), asked.attempt_id, asked.browser_secret)

    def wrong(self, asked: Asked) -> str:
        return f"{(int(self.code(asked)) + 1) % 1_000_000:06d}"

    def is_in(self, secret: str, now: datetime) -> bool:
        return enter(secret, ports=self.ports, now=now) is not None


@pytest.fixture
def desk() -> Desk:
    return Desk()


# --- asking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", [ANN.email, "stranger@example.net", "", "x" * 10_000, "a@b\r\nBcc: c@d.example.org"])
def test_whoever_asks_begins_an_attempt_and_a_message_waits(desk: Desk, email: str) -> None:
    asked = desk.asks(email)

    attempt = desk.sessions.attempt(asked.attempt_id)
    assert attempt is not None
    assert attempt.member_id == (ANN.member_id if email == ANN.email else "")
    assert attempt.browser_hash == hash_of(asked.browser_secret)
    assert desk.queue.waiting == [asked.attempt_id]


def test_only_a_member_is_mailed_and_the_mail_has_link_and_code(desk: Desk) -> None:
    hers, his = desk.asks(), desk.asks("stranger@example.net")

    assert (desk.mails(hers.attempt_id), desk.mails(his.attempt_id), desk.mails("f" * 32)) == (True, False, False)
    (sent,) = desk.mailer.outbox
    assert (sent.to, sent.kind, sent.mail.subject) == (ANN.email, "editors", "editors_sign_in")
    assert f"code: {desk.code(hers)}" in sent.mail.text
    assert desk.by_link(hers).token in sent.mail.text


def test_a_mail_that_would_come_too_late_is_not_written(desk: Desk) -> None:
    asked = desk.asks()

    assert desk.mails(asked.attempt_id, NOW + TEN_MINUTES)
    assert not desk.mails(asked.attempt_id, NOW + TEN_MINUTES + A_MOMENT)


def test_the_twenty_first_email_to_one_address_within_the_hour_is_not_written_and_nobody_can_tell(desk: Desk) -> None:
    asked = [desk.asks(network=f"192.0.2.{number}") for number in range(21)]

    assert [desk.mails(each.attempt_id) for each in asked] == [True] * 20 + [False]
    assert desk.mails(desk.asks(OWNER.email).attempt_id), "another address"
    an_hour_later = NOW + timedelta(hours=1)
    assert desk.mails(desk.asks(now=an_hour_later).attempt_id, an_hour_later)


def test_a_network_may_ask_sixty_times_an_hour(desk: Desk) -> None:
    for number in range(60):
        desk.asks(f"person-{number}@example.net")

    with pytest.raises(NetworkFullError):
        desk.asks()
    assert len(desk.sessions.attempts) == 60
    desk.asks(network="198.51.100.7")


# --- coming in ------------------------------------------------------------------------------------------------------


def test_link_and_code_work_for_ten_minutes(desk: Desk) -> None:
    last, too_late = NOW + TEN_MINUTES, NOW + TEN_MINUTES + A_MOMENT
    assert desk.tries(desk.by_link(desk.asks()), last).result is SignInResult.SIGNED_IN
    assert desk.tries(desk.by_code(desk.asks()), last).result is SignInResult.SIGNED_IN

    asked = desk.asks()
    assert desk.tries(desk.by_code(asked), too_late).result is SignInResult.OVER
    assert desk.tries(desk.by_link(asked), too_late).result is SignInResult.OVER


def test_they_work_once_and_not_one_after_the_other(desk: Desk) -> None:
    asked = desk.asks()
    assert desk.tries(desk.by_link(asked)).result is SignInResult.SIGNED_IN

    assert desk.tries(desk.by_link(asked)).result is SignInResult.OVER
    assert desk.tries(desk.by_code(asked)).result is SignInResult.OVER
    assert len(desk.sessions.sessions) == 1


def test_elsewhere_it_takes_link_and_code_together(desk: Desk) -> None:
    asked, of_another = desk.asks(), desk.asks(OWNER.email)
    link, code = desk.by_link(asked).token, desk.code(asked)
    theirs = {"attempt_id": of_another.attempt_id, "browser_secret": of_another.browser_secret}

    for shown in ({}, theirs):
        assert desk.tries(SignInProof(link, **shown)).result is SignInResult.CODE_NEEDED
        assert desk.tries(SignInProof(link, desk.wrong(asked), **shown)).result is SignInResult.WRONG_CODE
    assert desk.tries(SignInProof(code=code)).result is SignInResult.OVER
    assert desk.tries(SignInProof(code=code, attempt_id=asked.attempt_id)).result is SignInResult.OVER
    assert (
        desk.tries(SignInProof(code=code, attempt_id=asked.attempt_id, browser_secret="x")).result is SignInResult.OVER
    )
    assert desk.tries(SignInProof(link, code)).result is SignInResult.SIGNED_IN


def test_a_token_for_another_purpose_of_another_attempt_or_with_a_foreign_key_is_none(desk: Desk) -> None:
    asked, other = desk.asks(), desk.asks(OWNER.email)
    own = SigningKeys(desk.sessions.attempts[asked.attempt_id].secret)
    for token in (
        sign(Purpose.REPORT, asked.attempt_id, own, now=NOW),
        sign(Purpose.SIGN_IN, asked.attempt_id, KEYS, now=NOW),  # by whoever has the key of editors' links
        sign(Purpose.SIGN_IN, other.attempt_id, own, now=NOW),
        "nonsense",
        "é",
    ):
        assert desk.tries(replace(desk.by_link(asked), token=token)).result is SignInResult.OVER
    assert desk.sessions.sessions == {}


def test_a_code_typed_with_spaces_or_dashes_is_the_code_and_that_of_another_attempt_is_not() -> None:
    code = code_of("a" * 32, "its secret")

    assert is_code(f" {code[:3]} {code[3:]}\n", "a" * 32, "its secret")
    assert is_code(f"{code[:3]}-{code[3:]}", "a" * 32, "its secret")
    assert not is_code(code, "b" * 32, "its secret")
    assert not is_code(code, "a" * 32, "the secret of another")
    assert not is_code("", "a" * 32, "its secret")
    assert len(code) == 6


def test_after_five_guesses_an_attempt_takes_no_code_and_still_its_link(desk: Desk) -> None:
    asked = desk.asks()
    results = [desk.tries(desk.by_code(asked, desk.wrong(asked))).result for _ in range(GUESSES)]

    assert results == [SignInResult.WRONG_CODE] * 5
    assert desk.tries(desk.by_code(asked)).result is SignInResult.OVER
    assert desk.tries(desk.by_link(asked)).result is SignInResult.SIGNED_IN


def test_after_ten_guesses_a_day_no_code_of_this_member_counts_until_tomorrow(desk: Desk) -> None:
    for _ in range(WRONG_CODES_A_DAY // GUESSES):
        asked = desk.asks()
        for _ in range(GUESSES):
            desk.tries(desk.by_code(asked, desk.wrong(asked)))

    assert desk.tries(desk.by_code(desk.asks())).result is SignInResult.OVER
    assert desk.tries(desk.by_code(desk.asks(OWNER.email))).result is SignInResult.SIGNED_IN
    tomorrow = NOW + timedelta(days=1)
    assert desk.tries(desk.by_code(desk.asks(now=tomorrow)), tomorrow).result is SignInResult.SIGNED_IN


def test_whoever_left_the_team_meanwhile_does_not_come_in(desk: Desk) -> None:
    asked = desk.asks()
    desk.members.remove(ANN.member_id)

    assert not desk.mails(asked.attempt_id)
    assert desk.tries(desk.by_link(asked)).result is SignInResult.OVER


def test_signing_in_is_in_the_log_and_nothing_else_is(desk: Desk) -> None:
    asked = desk.asks()
    desk.tries(desk.by_code(asked, desk.wrong(asked)))
    secret = desk.tries(desk.by_link(asked)).secret

    (line,) = desk.activities.month(f"{NOW:%Y-%m}", most=10)
    assert (line.at, line.actor, line.did, line.session) == (NOW, "Ann Lee", "signed in", hash_of(secret)[:8])


# --- staying --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("by_passkey", "idle"), [(False, timedelta(hours=12)), (True, timedelta(days=30))])
def test_a_session_ends_when_it_was_not_used_for_long_enough(desk: Desk, by_passkey: bool, idle: timedelta) -> None:  # noqa: FBT001 - a case
    session = Session(hash_of("secret"), ANN.member_id, opened_at=NOW, used_at=NOW, by_passkey=by_passkey)
    desk.sessions.open(session)

    assert not desk.is_in("secret", NOW + idle)
    desk.sessions.open(session)
    assert desk.is_in("secret", NOW + idle - A_MOMENT)
    assert desk.is_in("secret", NOW + 2 * idle - 2 * A_MOMENT), "it was in use"
    assert not desk.is_in("secret", NOW + 4 * idle)
    assert idle in (IDLE, IDLE_WITH_PASSKEY)


def test_its_use_is_noted_every_quarter_of_an_hour(desk: Desk) -> None:
    secret = desk.signs_in()
    for minutes, noted in ((14, 0), (15, 15), (20, 15), (30, 30)):
        assert desk.is_in(secret, NOW + timedelta(minutes=minutes))
        assert desk.sessions.sessions[hash_of(secret)].used_at == NOW + timedelta(minutes=noted)
    assert timedelta(minutes=15) == NOTED_EVERY


def test_a_cookie_that_is_none_of_ours_opens_nothing(desk: Desk) -> None:
    secret = desk.signs_in()

    assert [desk.is_in(each, NOW) for each in ("", "x", hash_of(secret), secret + " ", secret)] == [False] * 4 + [True]


def test_signing_out_ends_one_session_and_everywhere_all_of_this_person(desk: Desk) -> None:
    first, second, third, owners = desk.signs_in(), desk.signs_in(), desk.signs_in(), desk.signs_in(OWNER.email)
    visitor = enter(first, ports=desk.ports, now=NOW)
    assert visitor is not None
    sign_out(visitor, everywhere=False, ports=desk.ports, now=NOW)
    assert [desk.is_in(each, NOW) for each in (first, second, third, owners)] == [False, True, True, True]

    visitor = enter(second, ports=desk.ports, now=NOW)
    assert visitor is not None
    sign_out(visitor, everywhere=True, ports=desk.ports, now=NOW)

    assert [desk.is_in(each, NOW) for each in (second, third, owners)] == [False, False, True]
    assert desk.is_in(desk.signs_in(now=NOW + timedelta(seconds=1)), NOW + timedelta(seconds=1))


def test_a_form_carries_a_token_of_its_session_also_after_the_keys_were_turned() -> None:
    session, other = (Session(each * 64, ANN.member_id, NOW, NOW) for each in "12")
    token = form_token(session, KEYS)

    assert is_form_token(token, session, KEYS)
    assert is_form_token(token, session, SigningKeys("a newer key", KEYS.current))
    for typed, of, keys in (
        (token, other, KEYS),
        ("", session, KEYS),
        ("é", session, KEYS),
        (token, session, SigningKeys("a newer key")),
    ):
        assert not is_form_token(typed, of, keys)


def test_a_sign_in_is_fresh_for_a_quarter_of_an_hour() -> None:
    session = Session("1" * 64, ANN.member_id, opened_at=NOW, used_at=NOW + FRESH_FOR)

    assert session.is_fresh(NOW + timedelta(minutes=15))
    assert not session.is_fresh(NOW + timedelta(minutes=15) + A_MOMENT)
    assert {act for act in Act if act.takes_fresh_sign_in} == {Act.SEND, Act.CARRY, Act.TEAM, Act.PASSKEYS}


# --- the team -------------------------------------------------------------------------------------------------------


def test_every_act_is_somebodys_and_an_owner_may_do_all() -> None:
    assert MAY.keys() == set(Act)
    allowed = {role: {act for act in Act if may(replace(ANN, roles=frozenset({role})), act)} for role in Role}

    assert allowed[Role.OWNER] == set(Act)
    assert allowed[Role.WRITER] == {Act.LOOK, Act.WRITE, *OWN}
    assert allowed[Role.APPROVER] == {Act.LOOK, Act.WRITE, Act.DECIDE, Act.SEND, *OWN}
    assert allowed[Role.KEEPER] == {Act.LOOK, Act.PEOPLE, Act.CARRY, *OWN}
    assert not any(may(replace(ANN, roles=frozenset()), act) for act in Act)


def test_the_deployments_team_has_the_owner_in_it_whether_named_or_not() -> None:
    ann = ANN.as_editor

    assert first_members(OWNER.email, [ann]) == (OWNER, ANN)
    assert first_members(OWNER.email, []) == (OWNER,)
    assert first_members("ANN@example.org", [ann]) == (replace(ANN, roles=frozenset({Role.APPROVER, Role.OWNER})),)


def test_other_roles_and_a_removal_end_all_sessions_at_once(desk: Desk) -> None:
    anns, owners = desk.signs_in(), desk.signs_in(OWNER.email)
    change_roles(ANN.member_id, [Role.WRITER], members=desk.members, now=NOW + timedelta(minutes=1))
    assert not desk.is_in(anns, NOW + timedelta(minutes=1))

    later = NOW + timedelta(minutes=2)
    anns = desk.signs_in(now=later)
    remove(ANN.member_id, members=desk.members, passkeys=desk.passkeys)

    assert not desk.is_in(anns, later)
    assert desk.is_in(owners, later)


def test_who_is_invited_again_has_no_session_of_before(desk: Desk) -> None:
    anns = desk.signs_in()
    remove(ANN.member_id, members=desk.members, passkeys=desk.passkeys)
    invite(ANN.email, "", [Role.WRITER], members=desk.members, now=NOW + timedelta(minutes=1))

    assert not desk.is_in(anns, NOW + timedelta(minutes=1))


def test_inviting_somebody_who_is_there_gives_them_these_roles_and_keeps_their_name(desk: Desk) -> None:
    again = invite(" ANN@example.org ", " ", [Role.KEEPER], members=desk.members, now=NOW)

    assert again == replace(ANN, roles=frozenset({Role.KEEPER}), sessions_from=NOW)
    assert list(desk.members.all()) == [again, OWNER]


def test_the_last_owner_stays_an_owner(desk: Desk) -> None:
    attempts: tuple[Callable[[], Member], ...] = (
        lambda: remove(OWNER.member_id, members=desk.members, passkeys=desk.passkeys),
        lambda: change_roles(OWNER.member_id, [Role.WRITER], members=desk.members, now=NOW),
        lambda: invite(OWNER.email, "", [Role.KEEPER], members=desk.members, now=NOW),
    )
    for attempt in attempts:
        with pytest.raises(InvalidRequestError, match="only owner"):
            attempt()
    assert desk.members.get(OWNER.member_id) == OWNER

    change_roles(ANN.member_id, [Role.OWNER], members=desk.members, now=NOW)
    remove(OWNER.member_id, members=desk.members, passkeys=desk.passkeys)
    with pytest.raises(InvalidRequestError, match="only owner"):
        remove(ANN.member_id, members=desk.members, passkeys=desk.passkeys)


def test_nobody_is_invited_without_an_address_or_a_role_nor_changed_who_is_not_there(desk: Desk) -> None:
    for email in ("", "ann", "ann@example", "a@b.example.org, c@d.example.org", "Ann <ann@example.org>"):
        with pytest.raises(InvalidRequestError, match="is not an email address"):
            invite(email, "", [Role.WRITER], members=desk.members, now=NOW)
    with pytest.raises(InvalidRequestError, match="at least one role"):
        invite("eve@example.org", "", [], members=desk.members, now=NOW)
    with pytest.raises(InvalidRequestError, match="remove them instead"):
        change_roles(ANN.member_id, [], members=desk.members, now=NOW)
    with pytest.raises(InvalidRequestError, match="not in the team"):
        change_roles("f" * 32, [Role.OWNER], members=desk.members, now=NOW)
    with pytest.raises(InvalidRequestError, match="not in the team"):
        remove("f" * 32, members=desk.members, passkeys=desk.passkeys)
    assert list(desk.members.all()) == [ANN, OWNER]

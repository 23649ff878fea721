"""What the stores of the team, of sessions and of the log promise, in memory and on DynamoDB alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.core.team import Role
from newsletter.desk.adapters.dynamo_activities import DynamoActivities
from newsletter.desk.adapters.dynamo_members import DynamoMembers
from newsletter.desk.adapters.dynamo_sessions import DynamoSessions
from newsletter.desk.domain.activity import Activity
from newsletter.desk.domain.member import Member
from newsletter.desk.domain.session import IDLE, Session
from newsletter.desk.domain.sign_in_attempt import GUESSES, SignInAttempt
from newsletter.desk.session_ports import ActivityLog, MemberStore, SessionStore
from tests.core.fakes import NOW
from tests.desk.fakes import MemoryActivities, MemoryMembers, MemorySessions

OWNER = Member("owner@example.org", roles=frozenset({Role.OWNER}))
ANN = Member("ann@example.org", "Ann Lee", frozenset({Role.WRITER, Role.KEEPER}), added_at=NOW)
SESSION = Session("5" * 64, ANN.member_id, opened_at=NOW, used_at=NOW)
ATTEMPT = SignInAttempt("a" * 32, ANN.member_id, "b" * 64, NOW, "c" * 64)


@pytest.fixture(params=["memory", "dynamodb"])
def members(request: pytest.FixtureRequest) -> MemberStore:
    if request.param == "memory":
        return MemoryMembers(OWNER)
    return DynamoMembers(request.getfixturevalue("dynamodb"), "TeamTable", [OWNER])


@pytest.fixture(params=["memory", "dynamodb"])
def sessions(request: pytest.FixtureRequest) -> SessionStore:
    if request.param == "memory":
        return MemorySessions()
    return DynamoSessions(request.getfixturevalue("dynamodb"), "SessionsTable")


@pytest.fixture(params=["memory", "dynamodb"])
def activities(request: pytest.FixtureRequest) -> ActivityLog:
    if request.param == "memory":
        return MemoryActivities()
    return DynamoActivities(request.getfixturevalue("dynamodb"), "ActivitiesTable")


def test_the_first_team_is_there_before_anybody_changes_it(members: MemberStore) -> None:
    assert members.get(OWNER.member_id) == OWNER
    assert members.get(ANN.member_id) is None
    assert list(members.all()) == [OWNER]


def test_who_is_added_is_there_beside_the_first_team_by_name(members: MemberStore) -> None:
    members.put(ANN)

    assert members.get(ANN.member_id) == ANN
    assert list(members.all()) == [ANN, OWNER]


def test_what_is_known_of_a_member_can_be_changed(members: MemberStore) -> None:
    changed = OWNER.with_roles([Role.OWNER, Role.WRITER], now=NOW)
    members.put(changed)

    assert members.get(OWNER.member_id) == changed
    assert list(members.all()) == [changed]


def test_a_member_is_added_only_if_new_and_changed_only_if_there(members: MemberStore) -> None:
    assert not members.put(ANN, joins=False)
    assert members.put(ANN, joins=True)
    assert not members.put(replace(ANN, name="Another"), joins=True)
    assert members.get(ANN.member_id) == ANN
    assert members.put(replace(ANN, name="Another"), joins=False)


def test_nothing_changes_unless_the_other_owner_is_one_still(members: MemberStore) -> None:
    assert members.put(ANN)

    for other_owner in (ANN.member_id, "0123456789abcdef"):
        assert not members.remove(OWNER.member_id, other_owner=other_owner)
        assert not members.put(replace(OWNER, roles=frozenset({Role.WRITER})), joins=False, other_owner=other_owner)
    assert members.get(OWNER.member_id) == OWNER
    assert members.remove(ANN.member_id, other_owner=OWNER.member_id)


def test_ending_sessions_changes_nothing_else_and_brings_nobody_back(members: MemberStore) -> None:
    members.put(ANN)
    members.end_sessions(ANN.member_id, NOW)
    assert members.get(ANN.member_id) == replace(ANN, sessions_from=NOW)

    members.remove(ANN.member_id)
    members.end_sessions(ANN.member_id, NOW)
    assert members.get(ANN.member_id) is None


def test_who_is_removed_does_not_come_back_as_one_of_the_first_team(members: MemberStore) -> None:
    members.put(ANN)
    members.remove(OWNER.member_id)
    members.remove(OWNER.member_id)

    assert members.get(OWNER.member_id) is None
    assert list(members.all()) == [ANN]


def test_a_session_is_found_until_it_is_closed(sessions: SessionStore) -> None:
    assert sessions.find(SESSION.session_hash) is None
    sessions.open(SESSION)
    sessions.open(replace(SESSION, session_hash="6" * 64, by_passkey=True))
    assert sessions.find(SESSION.session_hash) == SESSION
    sessions.close(SESSION.session_hash)
    sessions.close(SESSION.session_hash)

    assert sessions.find(SESSION.session_hash) is None
    other = sessions.find("6" * 64)
    assert other is not None
    assert other.by_passkey


def test_its_use_is_noted_and_a_session_that_was_closed_meanwhile_stays_closed(sessions: SessionStore) -> None:
    later = NOW + IDLE / 2
    sessions.open(SESSION)
    sessions.note_use(SESSION, later)
    assert sessions.find(SESSION.session_hash) == replace(SESSION, used_at=later)

    sessions.close(SESSION.session_hash)
    sessions.note_use(SESSION, later)

    assert sessions.find(SESSION.session_hash) is None


def test_an_attempt_is_used_up_once(sessions: SessionStore) -> None:
    assert sessions.attempt(ATTEMPT.attempt_id) is None
    assert not sessions.use_up(ATTEMPT.attempt_id), "of an attempt that nobody began"
    sessions.begin(ATTEMPT)
    assert sessions.attempt(ATTEMPT.attempt_id) == ATTEMPT

    assert [sessions.use_up(ATTEMPT.attempt_id) for _ in range(3)] == [True, False, False]
    assert sessions.attempt(ATTEMPT.attempt_id) == replace(ATTEMPT, used=True)


def test_guesses_are_counted_up_to_the_most(sessions: SessionStore) -> None:
    assert not sessions.count_guess(ATTEMPT.attempt_id, most=GUESSES), "in an attempt that nobody began"
    sessions.begin(replace(ATTEMPT, member_id=""))

    counted = [sessions.count_guess(ATTEMPT.attempt_id, most=GUESSES) for _ in range(GUESSES + 2)]

    assert counted == [True] * GUESSES + [False, False]
    assert sessions.attempt(ATTEMPT.attempt_id) == replace(ATTEMPT, member_id="", guesses=GUESSES)


def test_the_log_shows_a_month_newest_first_and_no_more_than_was_asked_for(activities: ActivityLog) -> None:
    lines = [Activity(NOW + timedelta(hours=hour), "Ann Lee", "held", f"issue-{hour}") for hour in range(5)]
    for line in lines:
        activities.note(line)
    activities.note(Activity(NOW + timedelta(days=45), "Ann Lee", "signed in", session="12345678"))
    month = f"{NOW:%Y-%m}"

    assert list(activities.month(month, most=100)) == lines[::-1]
    assert list(activities.month(month, most=2)) == [lines[4], lines[3]]
    assert list(activities.month("2020-01", most=2)) == []
    (later,) = activities.month(f"{NOW + timedelta(days=45):%Y-%m}", most=2)
    assert (later.did, later.what, later.details, later.session) == ("signed in", "", "", "12345678")


def test_two_lines_of_one_moment_are_two(activities: ActivityLog) -> None:
    line = Activity(NOW, "Ann Lee", "asked for a test", "issue", "a" * 64)
    activities.note(line)
    activities.note(line)

    assert list(activities.month(f"{NOW:%Y-%m}", most=100)) == [line, line]

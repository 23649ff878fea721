"""The team in its table: who gets the editors' emails, and changes that meet at the same moment."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from newsletter.core.editors import Editors
from newsletter.core.team import Editor, Role
from newsletter.desk.adapters.dynamo_members import DynamoMembers
from newsletter.desk.domain.member import Member, first_members
from newsletter.desk.sessions.change_team import change_roles, invite, remove
from newsletter.errors import InvalidRequestError, SendRejectedError, TeamUnreadError
from tests.core.fakes import NOW, MemoryMailer, PlainMails
from tests.desk.fakes import MemoryPasskeys
from tests.moto_aws import REGION, aws_in_process

ANN, BEN = Editor("Ann Lee", "ann@example.org"), Editor("Ben Fox", "ben@example.org", Role.WRITER)
OWNER = Editor("", "editors@example.org")
FIRST = first_members("editors@example.org", (ANN, BEN))


@pytest.fixture
def client() -> Iterator[Any]:
    with aws_in_process():
        yield boto3.client("dynamodb", region_name=REGION)


def team_of(client: Any) -> DynamoMembers:
    """Return the team as a function that has just started sees it."""
    return DynamoMembers(client, "TeamTable", FIRST)


def addresses(client: Any, mailer: MemoryMailer | None = None) -> list[str]:
    """Mail the editors something and return whom it reached."""
    mailer = mailer or MemoryMailer()
    Editors(mailer, PlainMails(), (ANN, BEN), team_of(client), OWNER).tell("news")
    return [sent.to for sent in mailer.outbox]


def test_until_somebody_changes_the_team_the_parameters_name_it(client: Any) -> None:
    assert addresses(client) == ["ann@example.org", "ben@example.org"]
    assert client.scan(TableName="TeamTable")["Items"] == []


def test_from_the_first_change_on_the_table_names_it_and_a_list_keeper_gets_nothing(client: Any) -> None:
    invite("kim@example.org", "Kim", [Role.KEEPER], members=team_of(client), now=NOW)
    assert addresses(client) == ["ann@example.org", "ben@example.org", "editors@example.org"]

    invite("dee@example.org", "Dee", [Role.KEEPER, Role.WRITER], members=team_of(client), now=NOW)
    remove(BEN.editor_id, members=team_of(client), passkeys=MemoryPasskeys())

    assert addresses(client) == ["ann@example.org", "dee@example.org", "editors@example.org"]
    editors = {editor.email: editor.approves for editor in team_of(client).editors() or ()}
    assert editors == {"ann@example.org": True, "dee@example.org": False, "editors@example.org": True}


@pytest.mark.parametrize("harm", ["no table", "an item of somebody else's", "a role that nobody knows", "nobody left"])
def test_if_the_team_cannot_be_read_the_email_goes_to_editor_email_and_the_log_says_so(
    client: Any, caplog: pytest.LogCaptureFixture, harm: str
) -> None:
    invite("dee@example.org", "Dee", [Role.WRITER], members=team_of(client), now=NOW)
    if harm == "no table":
        client.delete_table(TableName="TeamTable")
    elif harm == "nobody left":
        for member in team_of(client).all():
            client.delete_item(TableName="TeamTable", Key={"member_id": {"S": member.member_id}})
    else:
        roles = {"roles": {"L": [{"S": "emperor"}]}} if harm == "a role that nobody knows" else {}
        client.put_item(TableName="TeamTable", Item={"member_id": {"S": "x"}, "email": {"S": "x@example.org"}, **roles})

    with caplog.at_level(logging.ERROR):
        assert addresses(client) == ["editors@example.org"]
    assert "goes to EditorEmail alone" in caplog.text
    assert "@" not in caplog.text
    with pytest.raises(TeamUnreadError):  # whoever decides by it waits: nobody is let in on a guess
        _ = Editors(MemoryMailer(), PlainMails(), (ANN, BEN), team_of(client), OWNER).team


def test_if_ses_refuses_everybody_of_the_team_it_is_an_error(client: Any) -> None:
    with pytest.raises(SendRejectedError):
        addresses(client, MemoryMailer(SendRejectedError("no")))


def test_the_team_is_read_when_an_email_is_written_not_before(client: Any) -> None:
    mailer = MemoryMailer()
    editors = Editors(mailer, PlainMails(), (ANN, BEN), team_of(client), OWNER)
    remove(BEN.editor_id, members=team_of(client), passkeys=MemoryPasskeys())

    editors.tell("news")

    assert [sent.to for sent in mailer.outbox] == ["ann@example.org", "editors@example.org"]


class Meanwhile(DynamoMembers):
    """The team as somebody sees it who is interrupted once, just before writing."""

    def __init__(self, client: Any, interruption: Any) -> None:
        super().__init__(client, "TeamTable", FIRST)
        self._interruption = interruption

    def put(self, member: Member, *, joins: bool | None = None, other_owner: str = "") -> bool:
        self._interrupt()
        return super().put(member, joins=joins, other_owner=other_owner)

    def remove(self, member_id: str, *, other_owner: str = "") -> bool:
        self._interrupt()
        return super().remove(member_id, other_owner=other_owner)

    def _begin(self) -> None:
        begun = self._has_begun()
        self._interrupt()
        self._begun = begun
        super()._begin()

    def _interrupt(self) -> None:
        interruption, self._interruption = self._interruption, lambda: None
        interruption()


def test_of_two_owners_who_remove_each_other_at_the_same_moment_one_stays(client: Any) -> None:
    owner_id = FIRST[0].member_id
    change_roles(ANN.editor_id, [Role.OWNER], members=team_of(client), now=NOW)
    ann = Meanwhile(client, lambda: remove(ANN.editor_id, members=team_of(client), passkeys=MemoryPasskeys()))

    with pytest.raises(InvalidRequestError, match="only owner"):
        remove(owner_id, members=ann, passkeys=MemoryPasskeys())

    assert [each.email for each in team_of(client).all() if each.is_owner] == ["editors@example.org"]


def test_of_two_owners_who_take_each_others_role_one_stays(client: Any) -> None:
    owner_id = FIRST[0].member_id
    change_roles(ANN.editor_id, [Role.OWNER], members=team_of(client), now=NOW)
    meanwhile = Meanwhile(client, lambda: change_roles(ANN.editor_id, [Role.WRITER], members=team_of(client), now=NOW))

    with pytest.raises(InvalidRequestError, match="only owner"):
        change_roles(owner_id, [Role.WRITER], members=meanwhile, now=NOW)

    assert [each.email for each in team_of(client).all() if each.is_owner] == ["editors@example.org"]


def test_whoever_is_removed_does_not_come_back_by_another_owners_change(client: Any) -> None:
    members = Meanwhile(client, lambda: remove(BEN.editor_id, members=team_of(client), passkeys=MemoryPasskeys()))

    with pytest.raises(InvalidRequestError, match="not in the team any more"):
        change_roles(BEN.editor_id, [Role.APPROVER], members=members, now=NOW)

    assert team_of(client).get(BEN.editor_id) is None


def test_whoever_is_removed_first_does_not_come_back_when_another_begins_at_the_same_moment(client: Any) -> None:
    members = Meanwhile(client, lambda: remove(BEN.editor_id, members=team_of(client), passkeys=MemoryPasskeys()))

    members.end_sessions(ANN.editor_id, NOW)

    assert [each.email for each in team_of(client).all()] == ["ann@example.org", "editors@example.org"]


def test_signing_out_everywhere_brings_back_nobody_and_no_role(client: Any) -> None:
    """The page was read before the role was taken away; what it writes must not bring the role back."""
    change_roles(ANN.editor_id, [Role.WRITER], members=team_of(client), now=NOW)
    remove(BEN.editor_id, members=team_of(client), passkeys=MemoryPasskeys())

    for member_id in (ANN.editor_id, BEN.editor_id):
        team_of(client).end_sessions(member_id, NOW + timedelta(seconds=1))

    ann = team_of(client).get(ANN.editor_id)
    assert ann is not None
    assert (ann.roles, ann.sessions_from) == (frozenset({Role.WRITER}), NOW + timedelta(seconds=1))
    assert team_of(client).get(BEN.editor_id) is None

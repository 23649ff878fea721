"""The list of editors: read as a person writes it, or refused with the part that is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from newsletter.core.content import MailContent
from newsletter.core.editors import Editors
from newsletter.core.team import Approval, Editor, Role, known_as, read_approval, read_team
from newsletter.errors import (
    QuotaUsedError,
    RecipientNotVerifiedError,
    SendingPausedError,
    SendRejectedError,
    SendThrottledError,
)
from tests.core.fakes import MemoryMailer, PlainMails

ANN, BEN = Editor("Ann Lee", "ann@example.org"), Editor("", "Ben@example.org", Role.WRITER)
GOOD = {
    "": (),
    "Ann Lee <ann@example.org> approver": (ANN,),
    " Ann  Lee < ann@example.org >approver;<Ben@example.org> writer": (ANN, BEN),
    "Ann Lee <ann@example.org> approver; <Ben@example.org> writer;": (ANN, BEN),
    "Ann Lee <ann@example.org> approver; Ann again <ANN@example.org> writer": (ANN,),
}
BAD = [
    "ann@example.org",
    "Ann <ann> approver",
    "Ann <a@b.org>",
    "Ann <a@b.org> owner",
    "Ann <a@b.org> approver, Ben <b@b.org> writer",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_list_is_read_as_people_write_it(text: str) -> None:
    assert read_team(text) == GOOD[text]


@pytest.mark.parametrize("text", BAD)
def test_a_list_that_cannot_be_read_is_refused_with_the_part_that_is_wrong(text: str) -> None:
    with pytest.raises(ValueError, match="is not like: Ann Lee <ann@example.org> approver"):
        read_team(text)


def _pattern() -> re.Pattern[str]:
    editors = (Path(__file__).parents[2] / "template.yaml").read_text(encoding="utf-8").split("\n  Editors:\n")[1]
    pattern = editors[editors.index("    AllowedPattern") : editors.index("    ConstraintDescription")]
    return re.compile(yaml.safe_load(pattern)["AllowedPattern"])


@pytest.mark.parametrize("text", GOOD)
def test_the_deployment_takes_what_we_can_read(text: str) -> None:
    assert _pattern().fullmatch(text)


@pytest.mark.parametrize("text", [*BAD, "Ben <ben@example.org> writer", ";", "Ann <a@b.org> approver;;"])
def test_the_deployment_refuses_a_list_that_we_could_not_read_or_in_which_nobody_approves(text: str) -> None:
    assert not _pattern().fullmatch(text)


@pytest.mark.parametrize("identity", ["ann@example.org", "Ann@Example.org", "ann", "ann lee"])
def test_a_person_is_known_by_address_by_its_first_half_and_by_name(identity: str) -> None:
    assert known_as(identity, (ANN, BEN)) == ANN


@pytest.mark.parametrize("identity", ["", "AIDAJDPLRKLG7UEXAMPLE", "an", "lee"])
def test_nobody_is_taken_for_somebody_else(identity: str) -> None:
    assert known_as(identity, (ANN, BEN)) is None
    assert known_as("ann", (ANN, Editor("Another Ann", "ann@example.com"))) is None


def test_the_parameter_is_read_as_it_was_and_as_it_is() -> None:
    words = {"false": Approval.OFF, "true": Approval.ANYONE, "off": Approval.OFF, "anyone": Approval.ANYONE}

    assert {word: read_approval(word) for word in words} == words
    assert read_approval("another") is Approval.ANOTHER
    with pytest.raises(ValueError, match="nobody"):
        read_approval("nobody")


class _Choosy(MemoryMailer):
    """Refuses some addresses."""

    def __init__(self, *refused: str) -> None:
        super().__init__()
        self.refused = refused

    def send(self, to: str, mail: MailContent, **others: object) -> None:
        if to in self.refused:
            raise SendRejectedError("no such mailbox")
        super().send(to, mail, **others)  # type: ignore[arg-type]


def test_each_editor_gets_an_email_of_their_own_and_a_refused_address_keeps_nothing_from_the_others() -> None:
    mailer = _Choosy(ANN.email)
    Editors(mailer, PlainMails(), (ANN, BEN)).send_each(lambda editor: MailContent(editor.label, "", ""))

    assert [(sent.to, sent.mail.subject, sent.kind) for sent in mailer.outbox] == [(BEN.email, BEN.email, "editors")]


class _Slow(MemoryMailer):
    """Takes so many emails, then refuses a few times; time passes by sleeping."""

    def __init__(self, taken: int, refusal: Exception, times: int) -> None:
        super().__init__()
        self.taken, self.refusal, self.times, self.slept = taken, refusal, times, 0.0

    def send(self, to: str, mail: MailContent, **others: object) -> None:
        if len(self.outbox) >= self.taken and self.times:
            self.times -= 1
            raise self.refusal
        super().send(to, mail, **others)  # type: ignore[arg-type]

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


def test_where_ses_takes_one_a_second_the_second_editor_is_mailed_a_second_later() -> None:
    mailer = _Slow(1, SendThrottledError("rate"), times=2)
    Editors(mailer, PlainMails(), (ANN, BEN), sleep=mailer.sleep).tell("news")

    assert [sent.to for sent in mailer.outbox] == [ANN.email, BEN.email]
    assert mailer.slept > 2


@pytest.mark.parametrize("refusal", [QuotaUsedError("quota"), SendThrottledError("rate"), SendingPausedError("paused")])
def test_nobody_is_mailed_twice_because_somebody_else_could_not_be(refusal: Exception) -> None:
    mailer = _Slow(1, refusal, times=9)
    Editors(mailer, PlainMails(), (ANN, BEN), sleep=mailer.sleep).tell("news")

    assert [sent.to for sent in mailer.outbox] == [ANN.email]


def test_the_sandbox_keeps_an_email_from_whom_it_bars_alone() -> None:
    mailer = _Slow(0, RecipientNotVerifiedError("sandbox"), times=1)
    Editors(mailer, PlainMails(), (ANN, BEN)).tell("news")
    assert [sent.to for sent in mailer.outbox] == [BEN.email]

    with pytest.raises(RecipientNotVerifiedError):
        Editors(_Slow(0, RecipientNotVerifiedError("sandbox"), times=9), PlainMails(), (ANN, BEN)).tell("news")


def test_it_is_an_error_if_nobody_was_reached_or_if_ses_asks_for_patience() -> None:
    with pytest.raises(SendRejectedError):
        Editors(_Choosy(ANN.email, BEN.email), PlainMails(), (ANN, BEN)).tell("news")
    with pytest.raises(SendThrottledError):
        Editors(MemoryMailer(SendThrottledError("slow down")), PlainMails(), (ANN, BEN)).tell("news")

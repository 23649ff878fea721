"""The two ways to hand an issue to SES: what a reader sees, and what we believe, must not depend on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.simulator.account import Limits
from local.simulator.faults import Faults
from newsletter.adapters.ses_bulk import ANSWERS, SesBulk
from newsletter.adapters.ses_mailer import SesMailer
from newsletter.adapters.ses_single import SesSingle
from newsletter.domain.content import MailContent
from newsletter.domain.links import unsubscribe_headers
from newsletter.domain.outcome import Answer, Outcome, Wait
from newsletter.domain.personal import variables
from newsletter.domain.send import Recipient
from newsletter.errors import (
    SendingPausedError,
    SendOutcomeUnknownError,
    SendThrottledError,
)
from newsletter.ports import IssueTransport
from newsletter.wiring import ONE_ATTEMPT
from tests.factories import NEWSLETTER, SLUG, an_id, rendered
from tests.ses_server import SesServer, ses_server

BRACES = rendered(subject="{{brace}}{{brace}}braces}} for {{name_0_text}}", title="Bräces")


@pytest.fixture
def ses() -> Iterator[SesServer]:
    with ses_server() as server:
        yield server


@pytest.fixture(params=[SesBulk, SesSingle])
def transport(request: pytest.FixtureRequest, ses: SesServer) -> IssueTransport:
    made: IssueTransport = request.param(ses.client, NEWSLETTER, "issues")
    return made


def recipient(number: int, name: str = "Ada", email: str = "") -> Recipient:
    unsubscribe_url = f"https://briefing.example.org/unsubscribe?token=t{number}"
    return Recipient(
        subscriber_id=an_id(number),
        email=email or f"reader{number}@example.org",
        variables=variables(
            BRACES, name=name, unsubscribe_url=unsubscribe_url, preferences_url="https://briefing.example.org/p"
        ),
        headers=unsubscribe_headers(unsubscribe_url, NEWSLETTER.reply_to),
        tags={"kind": "issue", "issue": SLUG, "batch": "00", "subscriber": an_id(number)},
    )


def hand_over(transport: IssueTransport, *recipients: Recipient) -> list[Answer]:
    """Return what the transport says, with the errors of whole calls spelled out as the job does."""
    try:
        return transport.send(BRACES, recipients)
    except SendOutcomeUnknownError:
        return [Outcome.UNKNOWN] * len(recipients)
    except SendThrottledError as throttled:
        return [Wait.LONG if throttled.daily else Wait.SOON] * len(recipients)
    except SendingPausedError:
        return [Wait.LONG] * len(recipients)


def test_the_reader_sees_the_same_mail_whichever_way_it_came(ses: SesServer) -> None:
    seen = []
    for made in (SesBulk, SesSingle):
        ses.simulator.inbox.clear()
        made(ses.client, NEWSLETTER, "issues").send(BRACES, [recipient(1, name='Zoë <b>"&{{name}}')])
        (message,) = ses.messages()
        headers = {name.lower(): value for name, value in message["headers"]}
        interesting = ("subject", "from", "to", "reply-to", "list-unsubscribe", "list-unsubscribe-post")
        seen.append((message["html"].strip(), message["text"].strip(), [headers[name] for name in interesting]))

    assert seen[0] == seen[1]
    html, text, headers_seen = seen[0]
    assert "Zoë &lt;b&gt;&quot;&amp;" in html
    assert text.startswith('Dear Zoë <b>"&{{name}}, leave: https://')
    assert text.endswith(" {")
    assert headers_seen[0].startswith("{{braces}} for Zoë")


def test_every_message_carries_one_click_headers_and_our_tags(transport: IssueTransport, ses: SesServer) -> None:
    assert hand_over(transport, recipient(1), recipient(2)) == [Outcome.SENT] * 2

    by_reader = {message["to"]: message for message in ses.messages()}
    headers = dict(by_reader["reader2@example.org"]["headers"])
    assert headers["List-Unsubscribe"].startswith("<https://briefing.example.org/unsubscribe?token=t2>, <mailto:")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert by_reader["reader2@example.org"]["tags"]["subscriber"] == an_id(2)
    assert {event["mail"]["tags"]["issue"][0] for event in ses.events("Send")} == {SLUG}


def test_a_throttled_account_leaves_everybody_waiting(transport: IssueTransport, ses: SesServer) -> None:
    ses.simulator.faults.set(Faults(throttle=1.0))

    assert hand_over(transport, recipient(1), recipient(2)) == [Wait.SOON] * 2
    assert ses.messages() == []


def test_a_lost_answer_is_unknown_and_makes_one_call(ses: SesServer) -> None:
    ses.simulator.faults.set(Faults(lose_answer=1.0))

    assert hand_over(SesBulk(ses.client, NEWSLETTER, "issues"), recipient(1), recipient(2)) == [Outcome.UNKNOWN] * 2
    assert len(ses.messages()) == 2  # SES had accepted, and only its events will tell
    assert len(ses.events("Send")) == 2


def test_a_server_error_is_unknown(transport: IssueTransport, ses: SesServer) -> None:
    ses.simulator.faults.set(Faults(error_5xx=1.0))

    assert hand_over(transport, recipient(1)) == [Outcome.UNKNOWN]


@pytest.mark.parametrize(
    "limits",
    [Limits(sending_enabled=False), Limits(enforcement_status="SHUTDOWN"), Limits(max_24_hour_send=0)],
)
def test_an_account_that_may_not_send_leaves_everybody_waiting_for_long(
    transport: IssueTransport, ses: SesServer, limits: Limits
) -> None:
    ses.simulator.account.limits = limits

    assert hand_over(transport, recipient(1)) == [Wait.LONG]
    assert ses.messages() == []


def test_one_address_that_ses_refuses_does_not_stop_the_others(transport: IssueTransport, ses: SesServer) -> None:
    good, bad = recipient(1), recipient(2, email="zoë@example.org")

    assert hand_over(transport, good, bad, recipient(3)) == [Outcome.SENT, Outcome.REJECTED, Outcome.SENT]
    assert sorted(message["to"] for message in ses.messages()) == ["reader1@example.org", "reader3@example.org"]


def test_every_status_of_ses_has_its_meaning(ses: SesServer) -> None:
    shape: Any = ses.client.meta.service_model.shape_for("BulkEmailStatus")

    assert set(ANSWERS) == set(shape.enum)


def test_an_endpoint_that_cannot_be_reached_proves_that_nothing_was_accepted() -> None:
    nowhere = boto3.client(
        "sesv2",
        endpoint_url="http://127.0.0.1:9",
        region_name="eu-west-2",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=ONE_ATTEMPT,
    )

    assert hand_over(SesBulk(nowhere, NEWSLETTER, "issues"), recipient(1)) == [Wait.SOON]


def test_a_transactional_mail_cannot_be_given_a_header_by_its_subject(ses: SesServer) -> None:
    mail = MailContent(subject="Hello\r\nBcc: eve@example.org", html="<p>Hi</p>", text="Hi")

    SesMailer(ses.client, NEWSLETTER, "issues").send("ada@example.org", mail, kind="welcome", subscriber_id=an_id(1))

    (message,) = ses.messages()
    assert message["subject"] == "Hello Bcc: eve@example.org"
    assert "Bcc" not in dict(message["headers"])
    assert message["tags"] == {"kind": "welcome", "subscriber": an_id(1)}


def test_an_error_of_ses_never_carries_an_address_into_a_log(ses: SesServer) -> None:
    ses.simulator.account.limits = Limits(sending_enabled=False)

    with pytest.raises(SendingPausedError) as raised:
        SesMailer(ses.client, NEWSLETTER, "issues").send("ada@example.org", MailContent("s", "h", "t"), kind="welcome")
    assert "@" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__

"""The two ways to hand an issue to SES: what a reader sees, and what we believe, must not depend on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email.utils import getaddresses
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from local.simulator.account import Limits
from local.simulator.faults import Faults
from newsletter.core.content import MailContent
from newsletter.core.link_token import SigningKeys
from newsletter.core.links import Links, issue_headers, unsubscribe_headers
from newsletter.core.newsletter import Newsletter
from newsletter.errors import (
    NOTHING_NOW,
    QuotaUsedError,
    RecipientNotVerifiedError,
    SendingPausedError,
    SendThrottledError,
)
from newsletter.issues.domain.issue import FieldPlaceholder
from newsletter.issues.domain.personal import variables
from newsletter.sending.adapters.ses_answers import (
    ANSWERS,
    NOT_VERIFIED,
    QUOTA,
    SENDING_PAUSED,
    SUSPENDED,
    SESFailure,
    of_entry,
    of_failure,
)
from newsletter.sending.adapters.ses_bulk import NARROWING_CALLS, SesBulk, in_bulk
from newsletter.sending.adapters.ses_mailer import SesMailer
from newsletter.sending.adapters.ses_single import SesSingle
from newsletter.sending.domain.answer import Answer, Pause, Retry
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Recipient
from newsletter.sending.ses_ports import IssueTransport
from newsletter.wiring.patience import ONE_ATTEMPT
from tests.factories import NEWSLETTER, SLUG, an_id, rendered
from tests.ses_server import SesServer, ses_server

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

INBOUND = Links("https://b.example.org", SigningKeys("key"), "leave.example.org")
BRACES = rendered(subject="{{brace}}{{brace}}braces}} for {{name_0_text}}", title="Bräces")


@pytest.fixture
def ses() -> Iterator[SesServer]:
    with ses_server() as server:
        yield server


def bulk_prepared(client: SESV2Client, newsletter: Newsletter, configuration_set: str) -> SesBulk:
    """As the function `send` has it: the bodies of its calls are put together by us."""
    return SesBulk(in_bulk(client), newsletter, configuration_set)


@pytest.fixture(params=[SesBulk, bulk_prepared, SesSingle])
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
    return transport.send(BRACES, recipients)


def test_the_reader_sees_the_same_mail_whichever_way_it_came(ses: SesServer) -> None:
    seen = []
    for made in (SesBulk, bulk_prepared, SesSingle):
        ses.simulator.inbox.clear()
        made(ses.client, NEWSLETTER, "issues").send(BRACES, [recipient(1, name='Zoë <b>"&{{name}}')])
        (message,) = ses.messages()
        headers = {name.lower(): value for name, value in message["headers"]}
        interesting = ("subject", "from", "to", "reply-to", "list-unsubscribe", "list-unsubscribe-post")
        seen.append((message["html"].strip(), message["text"].strip(), [headers[name] for name in interesting]))

    assert seen[0] == seen[1] == seen[2]
    html, text, headers_seen = seen[0]
    assert "Zoë &lt;b&gt;&quot;&amp;" in html
    assert text.startswith('Dear Zoë <b>"&{{name}}, leave: https://')
    assert text.endswith(" {")
    assert headers_seen[0].startswith("{{braces}} for Zoë")


def test_the_headers_that_machines_read_are_the_same_bytes_whichever_way_the_mail_came(ses: SesServer) -> None:
    names = ("list-id", "precedence", "auto-submitted", "list-unsubscribe", "list-unsubscribe-post", "reply-to")
    seen = []
    for made in (SesBulk, bulk_prepared, SesSingle):
        ses.simulator.inbox.clear()
        made(ses.client, replace(NEWSLETTER, reply_to="hello@example.org"), "issues").send(BRACES, [recipient(1)])
        (message,) = ses.messages()
        head = message["raw"].partition("\r\n\r\n")[0].replace("\r\n ", " ").split("\r\n")
        seen.append(sorted(line for line in head if line.partition(":")[0].lower() in names))

    assert seen[0] == seen[1] == seen[2]
    assert "List-Id: <briefing.example.org>" in seen[0]
    assert "Precedence: bulk" in seen[0]
    assert "Auto-Submitted: auto-generated" in seen[0]
    assert "Reply-To: hello@example.org" in seen[0]


def test_a_reply_goes_to_people_first_and_to_the_address_that_counts_whichever_way_it_came(ses: SesServer) -> None:
    seen = []
    for made in (SesBulk, SesSingle):
        ses.simulator.inbox.clear()
        made(ses.client, NEWSLETTER, "issues", replies_at=INBOUND.reply_address).send(BRACES, [recipient(1)])
        (message,) = ses.messages()
        ((_, replies_to),) = [each for each in message["headers"] if each[0].lower() == "reply-to"]
        seen.append([address for _, address in getaddresses([replies_to])])

    assert seen[0] == seen[1] == [NEWSLETTER.reply_to, INBOUND.reply_address(BRACES.slug)]
    assert len(INBOUND.reply_address(BRACES.slug).partition("@")[0]) <= 64  # RFC 5321, 4.5.3.1.1


@pytest.mark.parametrize(
    ("sender_email", "list_id"),
    [
        ("Briefing@Example.org", "<briefing.example.org>"),
        ("the+big_news@example.org", "<the-big-news.example.org>"),
        ("_@example.org", "<newsletter.example.org>"),
    ],
)
def test_the_name_of_the_list_is_one_that_the_standard_knows(sender_email: str, list_id: str) -> None:
    assert issue_headers(sender_email)[0] == ("List-Id", list_id)


def test_mail_to_one_person_says_that_no_machine_needs_to_answer(ses: SesServer) -> None:
    SesMailer(ses.client, NEWSLETTER, "issues").send("ada@example.org", MailContent("s", "h", "t"), kind="welcome")

    headers = dict(ses.messages()[0]["headers"])
    assert headers["Auto-Submitted"] == "auto-generated"
    assert "Precedence" not in headers


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

    assert hand_over(transport, recipient(1), recipient(2)) == [Retry.TOO_MANY_CALLS] * 2
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
    ("limits", "pause"),
    [
        (Limits(sending_enabled=False), SENDING_PAUSED),
        (Limits(enforcement_status="SHUTDOWN"), SUSPENDED),
        (Limits(max_24_hour_send=0), QUOTA),
    ],
)
def test_an_account_that_may_not_send_says_why_in_the_same_way(
    transport: IssueTransport, ses: SesServer, limits: Limits, pause: Pause
) -> None:
    ses.simulator.account.limits = limits

    assert hand_over(transport, recipient(1)) == [pause]
    assert ses.messages() == []


def test_a_sender_that_is_not_verified_holds_the_send_and_fails_nobody() -> None:
    with ses_server(identities=["other.example.org"]) as ses:
        for made in (SesBulk, bulk_prepared, SesSingle):
            assert hand_over(made(ses.client, NEWSLETTER, "issues"), recipient(1), recipient(2)) == [NOT_VERIFIED] * 2
        assert ses.messages() == []


SANDBOX = Limits(production_access=False, verified=["reader1@example.org"])


def test_the_sandbox_holds_a_send_and_fails_nobody() -> None:
    with ses_server(identities=["example.org"], limits=SANDBOX) as ses:
        for made in (SesBulk, bulk_prepared, SesSingle):
            strangers = [recipient(number, email=f"reader{number}@elsewhere.org") for number in (1, 2)]
            assert hand_over(made(ses.client, NEWSLETTER, "issues"), *strangers) == [NOT_VERIFIED] * 2
        assert ses.messages() == []


MAIL = MailContent("s", "h", "t")


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        (Limits(max_24_hour_send=0), QuotaUsedError),
        (Limits(sending_enabled=False), SendingPausedError),
        (Limits(enforcement_status="SHUTDOWN"), SendingPausedError),
        (Limits(production_access=False), RecipientNotVerifiedError),
    ],
)
def test_an_email_to_one_person_that_ses_does_not_take_now_waits(limits: Limits, error: type[Exception]) -> None:
    with ses_server(identities=[NEWSLETTER.sender_email.rpartition("@")[2]], limits=limits) as ses:
        with pytest.raises(NOTHING_NOW) as raised:
            SesMailer(ses.client, NEWSLETTER, "issues").send("ada@elsewhere.org", MAIL, kind="welcome")
        assert type(raised.value) is error
        assert "@" not in str(raised.value)


def test_a_sender_that_is_not_verified_is_no_fault_of_the_recipient() -> None:
    with ses_server(identities=["other.example.org"]) as ses, pytest.raises(SendingPausedError) as raised:
        SesMailer(ses.client, NEWSLETTER, "issues").send("ada@elsewhere.org", MAIL, kind="welcome")
    assert type(raised.value) is SendingPausedError


def test_an_email_over_the_rate_waits_a_moment(ses: SesServer) -> None:
    ses.simulator.account.change({"max_send_rate": 1})
    mailer = SesMailer(ses.client, NEWSLETTER, "issues")
    mailer.send("ada@elsewhere.org", MAIL, kind="welcome")

    with pytest.raises(SendThrottledError) as raised:
        mailer.send("ada@elsewhere.org", MAIL, kind="welcome")
    assert type(raised.value) is SendThrottledError


def test_a_configuration_set_that_is_gone_holds_the_send(ses: SesServer) -> None:
    for made in (SesBulk, bulk_prepared, SesSingle):
        (answer,) = hand_over(made(ses.client, NEWSLETTER, "gone"), recipient(1))
        assert isinstance(answer, Pause)
        assert "configuration set" in answer.because
        assert not answer.heals


def test_recipients_over_the_rate_wait_and_the_others_are_sent_to(ses: SesServer) -> None:
    ses.simulator.account.limits = Limits(max_send_rate=1)
    ses.simulator.account.take_rate(199, ses.clock.now)  # of the first second's two hundred
    bulk = SesBulk(ses.client, NEWSLETTER, "issues")

    assert hand_over(bulk, recipient(1), recipient(2)) == [Outcome.SENT, Retry.OVER_RATE]


def test_one_address_that_ses_refuses_does_not_stop_the_others(transport: IssueTransport, ses: SesServer) -> None:
    good, bad = recipient(1), recipient(2, email="zoë@example.org")

    assert hand_over(transport, good, bad, recipient(3)) == [Outcome.SENT, Outcome.REJECTED, Outcome.SENT]
    assert sorted(message["to"] for message in ses.messages()) == ["reader1@example.org", "reader3@example.org"]


def test_every_status_and_every_error_of_the_api_has_its_meaning(ses: SesServer) -> None:
    model: Any = ses.client.meta.service_model
    statuses = set(model.shape_for("BulkEmailStatus").enum)
    operations = [model.operation_model(name) for name in ("SendBulkEmail", "SendEmail")]
    errors = {shape.name for operation in operations for shape in operation.error_shapes}

    assert len(statuses) > 10
    assert len(errors) > 5
    assert statuses | errors <= set(ANSWERS)


@pytest.mark.parametrize("code", [code for code, answer in ANSWERS.items() if isinstance(answer, Pause)])
def test_every_pause_tells_the_editors_what_is_wrong_and_what_to_do(code: str) -> None:
    pause = ANSWERS[code]
    assert isinstance(pause, Pause)
    assert pause.because.count(".") >= 2
    assert "@" not in pause.because
    assert ("resume the send" in pause.because) is not (pause.heals or pause == QUOTA)


def refused(code: str, message: str = "", status: int = 400) -> ClientError:
    error = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(error, "SendBulkEmail")  # type: ignore[arg-type] # the stubs want every field


@pytest.mark.parametrize(
    ("failure", "answer"),
    [
        (refused("TooManyRequestsException", "Maximum sending rate exceeded.", 429), Retry.OVER_RATE),
        (refused("ThrottlingException", "Maximum sending rate exceeded."), Retry.OVER_RATE),
        (refused("SomethingNew", "Maximum sending rate exceeded.", 429), Retry.OVER_RATE),
        (refused("ThrottlingException", "Rate exceeded"), Retry.TOO_MANY_CALLS),
        (refused("TooManyRequestsException", "Too many requests.", 429), Retry.TOO_MANY_CALLS),
        (refused("TooManyRequestsException", "Daily message quota exceeded", 429), QUOTA),
        (refused("ThrottlingException", "Daily message quota exceeded."), QUOTA),
        (refused("LimitExceededException", "Daily message quota exceeded."), QUOTA),
        (refused("MessageRejected", "Email address is not verified. Failed: a"), NOT_VERIFIED),
        (refused("MessageRejected", "The message holds a virus."), Outcome.REJECTED),
        (refused("SomethingNew", status=429), Retry.TOO_MANY_CALLS),
        (refused("SomethingNew", status=503), Outcome.UNKNOWN),
        (ReadTimeoutError(endpoint_url="ses"), Outcome.UNKNOWN),
        (ConnectionClosedError(endpoint_url="ses"), Outcome.UNKNOWN),
    ],
)
def test_one_code_can_mean_two_things_and_the_sentence_tells(failure: SESFailure, answer: Answer) -> None:
    assert of_failure(failure) == answer


def test_a_refusal_nobody_has_heard_of_holds_the_send_and_names_the_code() -> None:
    answer = of_failure(refused("SomethingNew", "for ada@example.org"))

    assert isinstance(answer, Pause)
    assert "SomethingNew" in answer.because
    assert "@" not in answer.because


def test_a_status_nobody_has_heard_of_proves_nothing() -> None:
    assert of_entry("SOMETHING_NEW") is Outcome.UNKNOWN
    assert of_entry("MESSAGE_REJECTED", "Email address is not verified.") == NOT_VERIFIED


def test_an_issue_that_ses_refuses_as_a_whole_is_refused_for_everybody_in_few_calls(ses: SesServer) -> None:
    bad = [replace(recipient(number), headers=(("Bad Header", "x"),)) for number in range(50)]

    assert hand_over(SesBulk(ses.client, NEWSLETTER, "issues"), *bad) == [Outcome.REJECTED] * 50
    assert ses.simulator.stats.describe(events_waiting=0)["calls"] <= 1 + NARROWING_CALLS


def test_an_endpoint_that_cannot_be_reached_proves_that_nothing_was_accepted() -> None:
    nowhere = boto3.client(
        "sesv2",
        endpoint_url="http://127.0.0.1:9",
        region_name="eu-west-2",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=ONE_ATTEMPT,
    )

    assert hand_over(SesBulk(nowhere, NEWSLETTER, "issues"), recipient(1)) == [Retry.PASSING]


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


def test_answers_to_fields_arrive_the_same_whichever_way(ses: SesServer) -> None:
    asking = rendered(
        subject="For {{field_0_text}}",
        html="<p>{{field_0_html}}, {{field_1_html}}</p>",
        text="{{field_0_text}}, {{field_1_text}}",
        field_placeholders=(FieldPlaceholder("organisation", "you all"), FieldPlaceholder("region", "everywhere")),
    )
    values = variables(
        asking, name="", unsubscribe_url="https://u", preferences_url="https://p",
        field_values={"organisation": 'A <b>"&{{name_0_text}} \\{{brace}}', "region": "x.example"},
    )  # fmt: skip
    seen = set()
    for made in (SesBulk, bulk_prepared, SesSingle):
        ses.simulator.inbox.clear()
        made(ses.client, NEWSLETTER, "issues").send(asking, [replace(recipient(1), variables=values)])
        (message,) = ses.messages()
        seen.add((message["subject"], message["html"].strip(), message["text"].strip()))

    (mail,) = seen
    assert mail == (
        'For A <b>"&{{name_0_text}} \\{{brace}}',
        "<p>A &lt;b&gt;&quot;&amp;&#123;&#123;name_0_text}} \\&#123;&#123;brace}}, everywhere</p>",
        'A <b>"&{{name_0_text}} \\{{brace}}, everywhere',
    )

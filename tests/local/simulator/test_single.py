"""SendEmail, driven by a real client."""

import json
from email.message import EmailMessage
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.simulator.account import Limits
from tests.local.simulator.sending import single
from tests.ses_server import SesServer, ses_server


def raw_message(**headers: str) -> bytes:
    message = EmailMessage()
    for name, value in {"From": "News <news@example.org>", "To": "ann@example.org", "Subject": "Grüße"}.items():
        message[name] = value
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Hello.\n")
    message.add_alternative("<p>Hello.</p>\n", subtype="html")
    return message.as_bytes()


def test_a_raw_message_arrives_as_it_was_written(ses: SesServer) -> None:
    raw = raw_message(List_Unsubscribe="<https://example.org/u?token=abc>")

    single(ses, Content={"Raw": {"Data": raw}}, EmailTags=[{"Name": "kind", "Value": "welcome"}])

    [message] = ses.messages()
    assert message["subject"] == "Grüße"
    assert message["from"] == "News <news@example.org>"
    assert (message["text"], message["html"]) == ("Hello.\n", "<p>Hello.</p>\n")
    assert ["List-Unsubscribe", "<https://example.org/u?token=abc>"] in message["headers"]
    assert message["tags"] == {"kind": "welcome"}
    assert message["raw"].encode().endswith(raw.partition(b"\n\n")[2].replace(b"\n", b"\r\n"))


def test_ses_sets_date_and_message_id_and_keeps_bcc_to_itself(ses: SesServer) -> None:
    raw = raw_message(
        Date="yesterday", Message_ID="<mine@example.org>", Bcc="carl@example.org", X_SES_MESSAGE_TAGS="a=b"
    )

    message_id = single(ses, Content={"Raw": {"Data": raw}})

    names = [name for name, _ in ses.messages()[0]["headers"]]
    values = dict(ses.messages()[0]["headers"])
    assert names.count("Date") == names.count("Message-ID") == 1
    assert values["Date"] == "Tue, 01 Dec 2026 09:00:00 +0000"
    assert message_id in values["Message-ID"]
    assert "Bcc" not in names
    assert "X-SES-MESSAGE-TAGS" not in names


def test_without_a_destination_the_header_says_who_gets_it(ses: SesServer) -> None:
    single(ses, Destination={}, Content={"Raw": {"Data": raw_message(Cc="ben@example.org")}})

    assert ses.messages(to="ann@example.org")
    assert ses.messages(to="ben@example.org")


def test_braces_in_a_simple_message_are_not_variables(ses: SesServer) -> None:
    body = {"Text": {"Data": "Write {{name}}.\n"}, "Html": {"Data": "<p>{{name}}</p>\n"}}

    single(ses, Content={"Simple": {"Subject": {"Data": "{{s}}"}, "Body": body}})

    [message] = ses.messages()
    assert (message["subject"], message["text"], message["html"]) == ("{{s}}", "Write {{name}}.\n", "<p>{{name}}</p>\n")


def test_an_inline_template_is_rendered(ses: SesServer) -> None:
    template = {
        "TemplateContent": {"Subject": "Hi {{ name }}", "Text": "{{name}}"},
        "TemplateData": json.dumps({"name": "Ann"}),
    }

    single(ses, Content={"Template": template})

    assert (ses.messages()[0]["subject"], ses.messages()[0]["text"]) == ("Hi Ann", "Ann")


def refusal(server: SesServer, **changes: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as refused:
        single(server, **changes)
    response = refused.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def test_over_the_rate_a_single_call_is_refused() -> None:
    with ses_server(limits=Limits(max_send_rate=1)) as ses:
        single(ses)

        assert refusal(ses) == (429, "TooManyRequestsException", "Maximum sending rate exceeded.")


def test_over_the_quota_a_single_call_is_refused() -> None:
    with ses_server(limits=Limits(max_24_hour_send=1)) as ses:
        single(ses)
        single(ses, to="success@simulator.amazonses.com")

        assert refusal(ses) == (400, "LimitExceededException", "Daily message quota exceeded.")


def test_the_sandbox_takes_verified_recipients_one_a_second_and_two_hundred_a_day() -> None:
    limits = Limits(production_access=False, verified=["ann@example.org"])
    with ses_server(limits=limits, identities=["example.com"]) as ses:
        sender = "news@example.com"
        assert refusal(ses, FromEmailAddress=sender, to="bob@elsewhere.org") == (
            400,
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region EU-WEST-2:"
            " bob@elsewhere.org",
        )
        single(ses, FromEmailAddress=sender, to="Ann@Example.org")
        assert refusal(ses, FromEmailAddress=sender, to="ann@example.org")[2] == "Maximum sending rate exceeded."
        ses.clock.advance(1)
        single(ses, FromEmailAddress=sender, to="colleague@example.com")  # of an identity of the account

        account = ses.client.get_account()
        assert account["ProductionAccessEnabled"] is False
        assert (account["SendQuota"]["MaxSendRate"], account["SendQuota"]["Max24HourSend"]) == (1, 200)
        ses.clock.advance(1)
        ses.simulator.account.count(200, ses.clock.now)
        assert refusal(ses, FromEmailAddress=sender, to="ann@example.org")[2] == "Daily message quota exceeded."


def test_the_sandbox_is_switched_on_and_off_from_outside(ses: SesServer) -> None:
    wanted = {"production_access": False, "verified": ["example.org"]}
    changed = ses.http("PUT", "/_simulator/account", json=wanted)

    assert changed.status_code == 200
    assert wanted.items() <= changed.json().items()
    assert ses.http("PUT", "/_simulator/account", json={"verified": "example.org"}).status_code == 400
    assert ses.http("PUT", "/_simulator/account", json={"production_access": True}).json()["production_access"]


def test_a_paused_or_suspended_account_refuses(ses: SesServer) -> None:
    ses.simulator.account.change({"sending_enabled": False})
    assert refusal(ses)[1] == "SendingPausedException"
    ses.simulator.account.change({"enforcement_status": "SHUTDOWN"})
    assert refusal(ses)[1] == "AccountSuspendedException"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ConfigurationSetName": "nowhere"}, "NotFoundException"),
        ({"FromEmailAddress": "nobody"}, "BadRequestException"),
        ({"Destination": {"ToAddresses": []}}, "BadRequestException"),
        ({"Destination": {"ToAddresses": ["zoë@example.org"]}}, "BadRequestException"),
        ({"Destination": {"ToAddresses": ["a@example.org\r\nBcc: b@example.org"]}}, "BadRequestException"),
        ({"Content": {"Raw": {"Data": b"Subject: a\nSubject: b\n\n"}}}, "BadRequestException"),
        ({"Content": {"Raw": {"Data": b"no header at all\n\n"}}}, "BadRequestException"),
        ({"Content": {"Raw": {"Data": b"Subject: a\n\n" + b"x" * 1001}}}, "BadRequestException"),
        ({"Content": {}}, "BadRequestException"),
    ],
)
def test_what_ses_does_not_take_is_refused_and_not_kept(ses: SesServer, changes: dict[str, Any], code: str) -> None:
    assert refusal(ses, **changes)[1] == code
    assert ses.messages() == []


def test_a_message_to_many_leaves_a_debt() -> None:
    with ses_server(limits=Limits(max_send_rate=1)) as ses:
        single(ses, Destination={"ToAddresses": [f"r{n}@example.org" for n in range(5)]})
        ses.clock.advance(4)
        assert refusal(ses)[0] == 429
        ses.clock.advance(1)
        single(ses)

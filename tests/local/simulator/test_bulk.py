"""SendBulkEmail, driven by a real client."""

from email import message_from_string
from email.policy import default

import pytest
from botocore.exceptions import ClientError

from local.simulator.account import Limits
from local.simulator.resources import ConfigurationSet
from tests.local.simulator.sending import bulk, entry
from tests.ses_server import ISSUES, SesServer, ses_server


def test_each_recipient_gets_their_own_message_made_from_the_template(ses: SesServer) -> None:
    headers = {"List-Unsubscribe": "<https://example.org/u>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}

    results = bulk(
        ses,
        [
            entry("ann@example.org", {"name": "Ann"}, headers=headers, issue="one", subscriber="a1"),
            entry("ben@example.org", {"name": "Ben"}, headers=headers, issue="one", subscriber="b2"),
        ],
        ReplyToAddresses=["editors@example.org"],
    )

    assert [result["Status"] for result in results] == ["SUCCESS", "SUCCESS"]
    ben, ann = ses.messages()
    assert ann["to"] == "ann@example.org"
    assert ann["id"] == results[0]["MessageId"]
    assert ann["subject"] == "Hello Ann"
    assert ann["text"] == "Dear Ann\n"
    assert ann["html"] == "<p>Dear Ann</p>\n"
    assert ann["tags"] == {"issue": "one", "subscriber": "a1"}
    assert ["List-Unsubscribe-Post", "List-Unsubscribe=One-Click"] in ann["headers"]
    assert ["Reply-To", "editors@example.org"] in ann["headers"]
    assert ben["text"] == "Dear Ben\n"


def test_the_source_is_a_mime_message_with_both_parts_and_one_date_and_id(ses: SesServer) -> None:
    results = bulk(ses, [entry("ann@example.org", {"name": "Zoë"})])

    parsed = message_from_string(ses.messages()[0]["raw"], policy=default)
    assert parsed.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]
    assert parsed["Subject"] == "Hello Zoë"
    assert parsed.get_all("Date") == ["Tue, 01 Dec 2026 09:00:00 +0000"]
    assert results[0]["MessageId"] in parsed["Message-ID"]


def test_values_are_neither_escaped_nor_looked_at_again(ses: SesServer) -> None:
    bulk(ses, [entry("ann@example.org", {"name": "<b>{{name}}</b>"})])

    assert ses.messages()[0]["html"] == "<p>Dear <b>{{name}}</b></p>\n"


@pytest.mark.parametrize("data", [None, {}])
def test_without_data_of_its_own_an_entry_gets_the_default_data(ses: SesServer, data: dict[str, str] | None) -> None:
    bulk(ses, [entry("ann@example.org", data)])

    assert ses.messages()[0]["text"] == "Dear reader\n"


def test_a_missing_variable_is_accepted_and_then_fails_to_render(ses: SesServer) -> None:
    results = bulk(ses, [entry("ann@example.org", {"nom": "Ann"}, subscriber="a1")])

    assert results[0]["Status"] == "SUCCESS"
    assert ses.messages() == []
    [event] = ses.events()
    assert event["eventType"] == "Rendering Failure"
    assert "'name' is not present" in event["failure"]["errorMessage"]
    assert event["mail"]["tags"]["subscriber"] == ["a1"]


def test_entries_over_the_rate_are_throttled_one_by_one() -> None:
    with ses_server(limits=Limits(max_send_rate=3)) as ses:
        statuses = [each["Status"] for each in bulk(ses, [entry(f"r{n}@example.org") for n in range(5)])]
        ses.clock.advance(1)
        later = [each["Status"] for each in bulk(ses, [entry(f"r{n}@example.org") for n in (3, 4)])]

    assert statuses == ["SUCCESS"] * 3 + ["ACCOUNT_THROTTLED"] * 2
    assert later == ["SUCCESS"] * 2


def test_entries_over_the_daily_quota_say_so_until_the_day_has_rolled_on() -> None:
    with ses_server(limits=Limits(max_24_hour_send=2)) as ses:
        statuses = [each["Status"] for each in bulk(ses, [entry(f"r{n}@example.org") for n in range(3)])]
        ses.clock.advance(24 * 60 * 60 + 61)
        later = bulk(ses, [entry("r2@example.org")])[0]["Status"]

    assert statuses == ["SUCCESS", "SUCCESS", "ACCOUNT_DAILY_QUOTA_EXCEEDED"]
    assert later == "SUCCESS"


def test_an_account_or_set_that_is_paused_lets_no_entry_through(ses: SesServer) -> None:
    ses.simulator.account.change({"sending_enabled": False})
    paused = bulk(ses, [entry("ann@example.org")])[0]["Status"]
    ses.simulator.account.change({"sending_enabled": True, "enforcement_status": "SHUTDOWN"})
    suspended = bulk(ses, [entry("ann@example.org")])[0]["Status"]
    ses.simulator.account.change({"enforcement_status": "PROBATION"})
    unknown = bulk(ses, [entry("ann@example.org")], ConfigurationSetName="nowhere")[0]["Status"]

    assert (paused, suspended, unknown) == (
        "ACCOUNT_SENDING_PAUSED",
        "ACCOUNT_SUSPENDED",
        "CONFIGURATION_SET_NOT_FOUND",
    )
    with ses_server(configuration_sets=[ConfigurationSet("issues", sending_enabled=False)]) as other:
        assert bulk(other, [entry("ann@example.org")])[0]["Status"] == "CONFIGURATION_SET_SENDING_PAUSED"


def test_a_bad_address_fails_its_entry_alone(ses: SesServer) -> None:
    results = bulk(ses, [entry("zoë@example.org"), entry("ann@example.org"), entry("nobody")])

    assert [each["Status"] for each in results] == ["INVALID_PARAMETER", "SUCCESS", "INVALID_PARAMETER"]


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ([entry(f"r{n}@example.org") for n in range(51)], "50 destinations"),
        ([entry("a@example.org", headers={"Subject": "mine"})], "not allowed"),
        ([entry("a@example.org", headers={f"X-{n}": "v" for n in range(16)})], "15"),
        ([entry("a@example.org", headers={"X-Long": "v" * 996})], "995"),
        ([entry("a@example.org", headers={"X-Text": "naïve"})], "pattern"),
        ([entry("a@example.org", address="ann@example.org")], "tag value"),
    ],
)
def test_a_breach_of_the_model_refuses_the_whole_call(
    ses: SesServer, entries: list[dict[str, object]], complaint: str
) -> None:
    with pytest.raises(ClientError, match=complaint) as refused:
        bulk(ses, [entry("first@example.org"), *entries][-51:])

    assert refused.value.response["Error"]["Code"] == "BadRequestException"
    assert ses.messages() == []


def test_entry_headers_replace_default_headers_of_the_same_name(ses: SesServer) -> None:
    template = {
        "TemplateContent": {"Subject": "s", "Text": "t"},
        "TemplateData": "{}",
        "Headers": [{"Name": "X-Who", "Value": "all"}, {"Name": "X-What", "Value": "issue"}],
    }

    bulk(ses, [entry("a@example.org", headers={"x-who": "ann"})], DefaultContent={"Template": template})

    headers = dict(ses.messages()[0]["headers"])
    assert (headers.get("X-Who"), headers["x-who"], headers["X-What"]) == (None, "ann", "issue")


def test_a_sender_nobody_verified_is_rejected() -> None:
    with (
        ses_server(configuration_sets=[ISSUES], identities=["elsewhere.org"]) as ses,
        pytest.raises(ClientError, match="not verified") as refused,
    ):
        bulk(ses, [entry("ann@example.org")])

    assert refused.value.response["Error"]["Code"] == "MessageRejected"

"""What SES publishes about the messages it accepted."""

import json
from collections import Counter

import pytest

from local.simulator.faults import Faults
from local.simulator.resources import ConfigurationSet, EventDestination, api_name
from tests.local.simulator.sending import bulk, entry, single
from tests.ses_server import TOPIC, SesServer, ses_server


def test_a_send_record_has_the_documented_shape(ses: SesServer) -> None:
    """Source: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html"""
    message_id = bulk(ses, [entry("ann@example.org", headers={"X-A": "b"}, issue="one", subscriber="a1")])[0][
        "MessageId"
    ]

    [send] = ses.events("Send")
    assert send == {
        "eventType": "Send",
        "mail": {
            "timestamp": "2026-12-01T09:00:00.000Z",
            "messageId": message_id,
            "source": "The Briefing <news@example.org>",
            "sourceArn": "arn:aws:ses:eu-west-2:000000000000:identity/example.org",
            "sendingAccountId": "000000000000",
            "destination": ["ann@example.org"],
            "headersTruncated": False,
            "headers": [
                {"name": "From", "value": "The Briefing <news@example.org>"},
                {"name": "To", "value": "ann@example.org"},
                {"name": "Subject", "value": "Hello reader"},
                {"name": "X-A", "value": "b"},
            ],
            "commonHeaders": {
                "from": ["The Briefing <news@example.org>"],
                "to": ["ann@example.org"],
                "messageId": message_id,
                "subject": "Hello reader",
            },
            "tags": {
                "ses:source-tls-version": ["TLSv1.3"],
                "ses:operation": ["SendBulkEmail"],
                "ses:configuration-set": ["issues"],
                "ses:source-ip": ["127.0.0.1"],
                "ses:from-domain": ["example.org"],
                "ses:caller-identity": ["test"],
                "issue": ["one"],
                "subscriber": ["a1"],
            },
        },
        "send": {},
    }


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("success", ["Send", "Delivery"]),
        ("bounce+label", ["Send", "Bounce"]),
        ("complaint", ["Send", "Delivery", "Complaint"]),
        ("ooto", ["Send", "Delivery", "Bounce"]),
        ("suppressionlist", ["Send", "Bounce"]),
    ],
)
def test_each_address_of_the_mailbox_simulator_has_its_story(ses: SesServer, name: str, kinds: list[str]) -> None:
    single(ses, to=f"{name}@simulator.amazonses.com")

    assert [event["eventType"] for event in ses.events()] == kinds


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bounce", ("Permanent", "General")),
        ("ooto", ("Transient", "General")),
        ("suppressionlist", ("Permanent", "Suppressed")),
    ],
)
def test_a_bounce_says_what_kind_it_is(ses: SesServer, name: str, expected: tuple[str, str]) -> None:
    single(ses, to=f"{name}@simulator.amazonses.com")

    bounce = ses.events("Bounce")[0]["bounce"]
    assert (bounce["bounceType"], bounce["bounceSubType"]) == expected
    assert bounce["bouncedRecipients"][0]["emailAddress"] == f"{name}@simulator.amazonses.com"
    assert bounce["feedbackId"]


def test_mail_to_a_suppressed_address_is_accepted_and_bounces(ses: SesServer) -> None:
    ses.client.put_suppressed_destination(EmailAddress="ann@example.org", Reason="COMPLAINT")

    single(ses, to="Ann@Example.org")

    assert ses.messages() == []
    send, bounce = ses.events()
    assert send["eventType"] == "Send"
    assert bounce["bounce"]["bounceSubType"] == "OnAccountSuppressionList"
    assert ses.client.get_account()["SendQuota"]["SentLast24Hours"] == 1


def test_only_the_event_types_a_destination_asks_for_reach_its_topic() -> None:
    picky = ConfigurationSet("issues", (EventDestination(TOPIC, frozenset({"BOUNCE"})),))
    with ses_server(configuration_sets=[picky]) as ses:
        single(ses, to="bounce@simulator.amazonses.com")

        assert [event["eventType"] for event in ses.events()] == ["Bounce"]
        assert {topic for topic, _ in ses.publisher.published} == {TOPIC}


def test_a_set_can_report_one_type_through_a_stream_and_another_through_a_topic() -> None:
    stream = "arn:aws:firehose:eu-west-2:000000000000:deliverystream/events"
    two_ways = (EventDestination(TOPIC, frozenset({"BOUNCE"})), EventDestination(stream, frozenset({"SEND"})))
    with ses_server(configuration_sets=[ConfigurationSet("issues", two_ways)]) as ses:
        bulk(ses, [entry("bounce@simulator.amazonses.com"), *(entry(f"r{n}@example.org") for n in range(24))])
        ses.events("Bounce")

        ways = Counter((arn, json.loads(record)["eventType"]) for arn, record in ses.publisher.published)
        assert ways == {(TOPIC, "Bounce"): 1, (stream, "Send"): 25}
        assert max(ses.publisher.batches) > 10, "a call to Firehose takes 500"


def test_an_event_waits_until_a_topic_has_taken_it(ses: SesServer) -> None:
    bulk(ses, [entry("ann@example.org"), entry("ben@example.org")])
    waiting: list[int] = []
    ses.publisher.meanwhile = lambda: waiting.append(len(ses.simulator.events))

    assert ses.events("Send")

    assert waiting
    assert min(waiting) > 0
    assert len(ses.simulator.events) == 0


def test_without_a_configuration_set_nothing_is_published(ses: SesServer) -> None:
    ses.client.send_email(
        FromEmailAddress="news@example.org",
        Destination={"ToAddresses": ["ann@example.org"]},
        Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
    )

    assert ses.events() == []


def test_events_go_out_in_batches_of_ten(ses: SesServer) -> None:
    bulk(ses, [entry(f"r{n}@example.org") for n in range(25)])

    assert len(ses.events()) == 50
    assert max(ses.publisher.batches) <= 10


def test_a_topic_that_refuses_is_asked_again(ses: SesServer) -> None:
    ses.publisher.refusing = 2

    single(ses)

    assert len(ses.events()) == 2


def test_lost_events_never_come_and_doubled_ones_come_twice(ses: SesServer) -> None:
    ses.simulator.faults.set(Faults(event_loss=1))
    single(ses)
    assert ses.events() == []

    ses.simulator.faults.set(Faults(event_duplicate=1))
    message_id = single(ses)
    sends = ses.events("Send")
    assert [send["mail"]["messageId"] for send in sends] == [message_id, message_id]


def test_delayed_events_wait_for_their_time(ses: SesServer) -> None:
    ses.simulator.faults.set(Faults(event_delay_ms=60_000))

    single(ses)

    assert len(ses.simulator.events) == 2
    assert ses.publisher.published == []
    assert len(ses.events()) == 2


def test_headers_over_ten_kilobytes_are_cut(ses: SesServer) -> None:
    long = {f"X-{n}": "v" * 990 for n in range(12)}

    bulk(ses, [entry("ann@example.org", headers=long)])

    mail = ses.events("Send")[0]["mail"]
    assert mail["headersTruncated"] is True
    assert len(json.dumps(mail["headers"])) < 11_000


MEASURED = ConfigurationSet("issues", (EventDestination(TOPIC, frozenset({"OPEN", "CLICK"})),))


def a_message(ses: SesServer) -> str:
    message_id: str = bulk(ses, [entry("ann@example.org", issue="one", subscriber="a1")])[0]["MessageId"]
    return message_id


def test_a_reader_opens_and_clicks_when_a_test_says_so() -> None:
    """Source: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html"""
    url = "https://example.org/housing"
    with ses_server(configuration_sets=[MEASURED]) as ses:
        message = {"message_id": a_message(ses)}
        ses.http("POST", "/_simulator/open", json=message | {"after": 600}).raise_for_status()
        click = message | {"after": 3, "link": url, "user_agent": "curl/8.5.0"}
        ses.http("POST", "/_simulator/click", json=click).raise_for_status()

        [opened], [clicked] = ses.events("Open"), ses.events("Click")

    assert opened["open"]["timestamp"] == "2026-12-01T09:10:00.000Z"
    assert set(opened["open"]) == {"timestamp", "userAgent", "ipAddress"}
    assert opened["mail"]["tags"]["subscriber"] == ["a1"]
    assert clicked["click"] == {
        "timestamp": "2026-12-01T09:00:03.000Z",
        "userAgent": "curl/8.5.0",
        "ipAddress": "192.0.2.30",
        "link": url,
        "linkTags": None,
    }


def test_nobody_hears_of_opens_that_no_destination_asks_for(ses: SesServer) -> None:
    ses.http("POST", "/_simulator/open", json={"message_id": a_message(ses)}).raise_for_status()

    assert ses.events("Open") == []


@pytest.mark.parametrize(
    ("wish", "status"), [({"message_id": "unknown"}, 404), ({"link": ""}, 400), ({"after": "soon"}, 400)]
)
def test_a_click_that_cannot_be_is_refused(ses: SesServer, wish: dict[str, str], status: int) -> None:
    good = {"message_id": a_message(ses), "link": "https://example.org/"}

    answer = ses.http("POST", "/_simulator/click", json=good | wish)

    assert answer.status_code == status
    assert answer.json()["message"]


def test_types_of_events_are_known_by_both_of_their_spellings() -> None:
    names = ("send", "renderingFailure", "deliveryDelay", "RENDERING_FAILURE", "SEND")

    assert [api_name(each) for each in names] == [
        "SEND",
        "RENDERING_FAILURE",
        "DELIVERY_DELAY",
        "RENDERING_FAILURE",
        "SEND",
    ]

"""The account's suppression list, driven by a real client."""

import pytest
from botocore.exceptions import ClientError

from tests.local.simulator.sending import single
from tests.ses_server import SesServer


def test_an_address_is_put_found_listed_and_deleted(ses: SesServer) -> None:
    ses.client.put_suppressed_destination(EmailAddress="ann+news@example.org", Reason="BOUNCE")

    found = ses.client.get_suppressed_destination(EmailAddress="Ann+News@example.org")["SuppressedDestination"]
    listed = ses.client.list_suppressed_destinations()["SuppressedDestinationSummaries"]
    ses.client.delete_suppressed_destination(EmailAddress="ann+news@example.org")

    assert (found["EmailAddress"], found["Reason"]) == ("ann+news@example.org", "BOUNCE")
    assert found["LastUpdateTime"].isoformat() == "2026-12-01T09:00:00+00:00"
    assert [each["EmailAddress"] for each in listed] == ["ann+news@example.org"]
    with pytest.raises(ClientError) as missing:
        ses.client.get_suppressed_destination(EmailAddress="ann+news@example.org")
    assert missing.value.response["Error"]["Code"] == "NotFoundException"


def test_the_list_is_filtered_and_paged(ses: SesServer) -> None:
    for number in range(5):
        reason = "COMPLAINT" if number == 4 else "BOUNCE"
        ses.client.put_suppressed_destination(EmailAddress=f"r{number}@example.org", Reason=reason)  # type: ignore[arg-type]
        ses.clock.advance(60)

    first = ses.client.list_suppressed_destinations(Reasons=["BOUNCE"], PageSize=3)
    second = ses.client.list_suppressed_destinations(Reasons=["BOUNCE"], PageSize=3, NextToken=first["NextToken"])
    late = ses.client.list_suppressed_destinations(StartDate=ses.clock.now.replace(minute=3))

    assert [each["EmailAddress"][:2] for each in first["SuppressedDestinationSummaries"]] == ["r3", "r2", "r1"]
    assert [each["EmailAddress"][:2] for each in second["SuppressedDestinationSummaries"]] == ["r0"]
    assert [each["EmailAddress"][:2] for each in late["SuppressedDestinationSummaries"]] == ["r4", "r3"]


def test_a_reason_ses_does_not_know_is_refused(ses: SesServer) -> None:
    with pytest.raises(ClientError, match="enum value set"):
        ses.client.put_suppressed_destination(EmailAddress="a@example.org", Reason="LEFT")  # type: ignore[arg-type]


def test_simulator_addresses_bounce_without_landing_on_the_list(ses: SesServer) -> None:
    single(ses, to="bounce@simulator.amazonses.com")

    assert ses.client.list_suppressed_destinations()["SuppressedDestinationSummaries"] == []

"""The list that SES keeps: the one in memory, and the adapter against the simulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from local.simulator.suppression import Suppressed
from newsletter.errors import AccountUnknownError
from newsletter.feedback.adapters.ses_suppression_list import SesSuppressionList
from newsletter.feedback.ports import SuppressionList
from newsletter.readers.domain.suppression import Listed, SuppressionReason
from tests.core.fakes import NOW
from tests.feedback.fakes import MemorySuppressionList
from tests.ses_server import ses_server

BOUNCE, COMPLAINT = SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT
EMAILS = [f"reader{number}@example.org" for number in range(7)]


@pytest.fixture(params=["memory", "ses"])
def listed(request: pytest.FixtureRequest) -> Iterator[SuppressionList]:
    if request.param == "memory":
        yield MemorySuppressionList(*(Listed(email, BOUNCE, NOW) for email in EMAILS))
        return
    with ses_server() as ses:
        for email in EMAILS:
            ses.simulator.suppression.add(Suppressed(email, "BOUNCE", NOW))
        yield SesSuppressionList(ses.client)


def everybody(listed: SuppressionList) -> list[Listed]:
    found, token = listed.page("", limit=3)
    while token:
        page, token = listed.page(token, limit=3)
        assert len(page) <= 3
        found += page
    return found


def test_the_list_is_read_by_page_to_its_end(listed: SuppressionList) -> None:
    found = everybody(listed)

    assert sorted(each.email for each in found) == EMAILS
    assert {(each.reason, each.since) for each in found} == {(BOUNCE, NOW)}


def test_what_is_put_on_the_list_is_listed_with_its_reason_and_once(listed: SuppressionList) -> None:
    for _ in range(2):
        assert listed.put("ada@example.org", COMPLAINT)

    assert [each.reason for each in everybody(listed) if each.email == "ada@example.org"] == [COMPLAINT]


def test_what_is_taken_off_the_list_is_gone_and_taking_it_off_again_changes_nothing(listed: SuppressionList) -> None:
    for _ in range(2):
        listed.remove(EMAILS[0])

    assert sorted(each.email for each in everybody(listed)) == EMAILS[1:]


class Failing:
    """SES on a bad day."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def list_suppressed_destinations(self, **_: object) -> None:
        raise self.failure

    def put_suppressed_destination(self, **_: object) -> None:
        raise self.failure


def refusal(code: str, status: int) -> ClientError:
    said = {"Error": {"Code": code, "Message": "ada@example.org"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "PutSuppressedDestination")  # type: ignore[arg-type] # the stubs want every field


@pytest.mark.parametrize("code", ["BadRequestException", "AccessDeniedException", "NotFoundException"])
def test_an_address_that_ses_does_not_take_is_no_failure(code: str) -> None:
    client = Failing(refusal(code, 400))

    assert SesSuppressionList(client).put("ada@example.org", BOUNCE) is False  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "failure",
    [
        refusal("TooManyRequestsException", 429),
        refusal("InternalFailure", 500),
        ConnectTimeoutError(endpoint_url="https://email.example.org"),
    ],
)
def test_an_answer_that_says_nothing_is_asked_for_again_and_names_no_address(failure: Exception) -> None:
    listed = SesSuppressionList(Failing(failure))  # type: ignore[arg-type]
    for ask in (lambda: listed.put("ada@example.org", BOUNCE), lambda: listed.page("", limit=3)):
        with pytest.raises(AccountUnknownError) as raised:
            ask()
        assert "ada@" not in str(raised.value)
        assert raised.value.__cause__ is None

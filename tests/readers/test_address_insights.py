"""What SES says of an address: by its model and its documented answer, and what follows where it says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from newsletter.readers.adapters.ses_address_insights import NoAddressInsights, SesAddressInsights
from newsletter.readers.address_ports import AddressInsights
from tests.readers.fakes import MemoryAddressInsights

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

ADA = "ada@example.org"
ANSWER = json.loads((Path(__file__).parent / "email_address_insights.json").read_text())
"""An answer about a good address, as SES's reference describes it; none was recorded from an account:
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailAddressInsights.html"""


def answered(*, valid: str = "HIGH", **checks: str) -> dict[str, Any]:
    """Return SES's answer with other verdicts."""
    validation = ANSWER["MailboxValidation"]
    changed = {name: {"ConfidenceVerdict": verdict} for name, verdict in checks.items()}
    return {
        "MailboxValidation": {
            "IsValid": {"ConfidenceVerdict": valid},
            "Evaluations": {**validation["Evaluations"], **changed},
        }
    }


@pytest.fixture
def client() -> SESV2Client:
    made: SESV2Client = boto3.client(
        "sesv2", region_name="eu-west-2", aws_access_key_id="a", aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}),
    )  # fmt: skip
    return made


@pytest.fixture
def ses(client: SESV2Client) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture(params=["memory", "ses"])
def known(request: pytest.FixtureRequest, client: SESV2Client) -> Iterator[tuple[AddressInsights, str, str]]:
    """What knows a good address and one at which nothing arrives; then these two."""
    if request.param == "memory":
        yield MemoryAddressInsights(frozenset({"nobody@example.org"})), ADA, "nobody@example.org"
        return
    with Stubber(client) as stubber:
        for email, answer in ((ADA, ANSWER), ("nobody@example.org", answered(valid="LOW", MailboxExists="LOW"))):
            stubber.add_response("get_email_address_insights", answer, {"EmailAddress": email})
        yield SesAddressInsights(client), ADA, "nobody@example.org"


def test_an_address_that_takes_mail_is_told_from_one_that_takes_none(known: tuple[AddressInsights, str, str]) -> None:
    insights, good, gone = known

    assert [insights.is_undeliverable(good), insights.is_undeliverable(gone)] == [False, True]


@pytest.mark.parametrize("missing", ["HasValidSyntax", "HasValidDnsRecords", "MailboxExists"])
def test_each_of_what_mail_needs_to_arrive_counts(client: SESV2Client, ses: Stubber, missing: str) -> None:
    ses.add_response("get_email_address_insights", answered(valid="LOW", **{missing: "LOW"}))

    assert SesAddressInsights(client).is_undeliverable(ADA)


@pytest.mark.parametrize(
    "answer",
    [
        answered(valid="MEDIUM", MailboxExists="LOW"),
        answered(valid="HIGH", MailboxExists="LOW"),
        answered(valid="LOW"),
        answered(valid="LOW", IsRoleAddress="HIGH", IsDisposable="HIGH", IsRandomInput="HIGH", MailboxExists="MEDIUM"),
        {"MailboxValidation": {"IsValid": {"ConfidenceVerdict": "LOW"}}},
        {"MailboxValidation": {"Evaluations": {"MailboxExists": {"ConfidenceVerdict": "LOW"}}}},
        {"MailboxValidation": {}},
        {},
    ],
)
def test_whatever_is_less_than_certain_is_mailed(client: SESV2Client, ses: Stubber, answer: dict[str, Any]) -> None:
    """A role (info@) or a strange name is no reason, and neither is a verdict without what it is about."""
    ses.add_response("get_email_address_insights", answer)

    assert not SesAddressInsights(client).is_undeliverable(ADA)


@pytest.mark.parametrize(
    ("code", "status"),
    [("TooManyRequestsException", 429), ("BadRequestException", 400), ("AccessDeniedException", 403),
     ("InternalFailure", 500)],
)  # fmt: skip
def test_an_error_is_held_against_nobody(client: SESV2Client, ses: Stubber, code: str, status: int) -> None:
    ses.add_client_error("get_email_address_insights", code, http_status_code=status)

    assert not SesAddressInsights(client).is_undeliverable(ADA)


def test_no_answer_at_all_is_held_against_nobody() -> None:
    nobody_there = boto3.client(
        "sesv2", region_name="eu-west-2", aws_access_key_id="a", aws_secret_access_key="b",
        endpoint_url="http://127.0.0.1:1", config=Config(retries={"total_max_attempts": 1}, connect_timeout=1),
    )  # fmt: skip

    assert not SesAddressInsights(nobody_there).is_undeliverable(ADA)


def test_switched_off_nobody_is_asked() -> None:
    assert not NoAddressInsights().is_undeliverable(ADA)

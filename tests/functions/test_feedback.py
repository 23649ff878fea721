"""The feedback queue: complete payloads of SES, each with what it leads to.

Payloads: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
"""

from __future__ import annotations

from io import StringIO

import pytest

from functions.feedback.handler import lambda_handler
from newsletter.domain.suppression import SuppressionReason
from tests.factories import SLUG, an_id, subscriber
from tests.functions.conftest import Deployment, load

ADA = an_id(1)
NOTHING_FAILED: dict[str, list[object]] = {"batchItemFailures": []}


@pytest.mark.parametrize(
    ("case", "evidence", "suppressed"),
    [
        ("send", True, None),
        ("delivery", True, None),
        ("delivery_delay", True, None),
        ("bounce_permanent", True, SuppressionReason.HARD_BOUNCE),
        ("bounce_transient", True, None),
        ("bounce_undetermined", True, None),
        ("bounce_of_a_confirmation", False, SuppressionReason.HARD_BOUNCE),
        ("complaint", True, SuppressionReason.COMPLAINT),
        ("complaint_not_spam", False, None),
        ("reject", False, None),
        ("rendering_failure", False, None),
        ("a_type_we_do_not_know", False, None),
        ("greeting_of_a_new_destination", False, None),
    ],
)
def test_each_event_leads_to_the_right_record(
    deployment: Deployment, case: str, evidence: bool, suppressed: SuppressionReason | None
) -> None:
    deployment.save(subscriber())

    for _ in range(2):  # SNS delivers some events more than once
        assert deployment.invoke(lambda_handler, f"feedback/{case}") == NOTHING_FAILED

    assert deployment.app.sends.evidence(SLUG, "00") == ({ADA} if evidence else frozenset())
    suppression = deployment.app.suppressions.get(ADA)
    assert (suppression.reason if suppression else None) is suppressed
    stored = deployment.app.subscribers.get(ADA)
    assert stored is not None
    assert stored.in_audience == (suppressed is None)


def test_a_type_we_do_not_know_is_counted(deployment: Deployment, log: StringIO) -> None:
    deployment.invoke(lambda_handler, "feedback/a_type_we_do_not_know")

    assert '"unknown":1' in log.getvalue().replace(" ", "")


def test_a_foreign_topic_goes_to_the_dead_letters(deployment: Deployment) -> None:
    answer = deployment.invoke(lambda_handler, "feedback/foreign_topic")

    assert len(answer["batchItemFailures"]) == 1


def test_one_message_that_is_not_an_event_does_not_keep_the_others_back(deployment: Deployment) -> None:
    event = "feedback/one_event_and_one_that_is_not"

    answer = deployment.invoke(lambda_handler, event)

    assert answer == {"batchItemFailures": [{"itemIdentifier": load(event)["Records"][1]["messageId"]}]}
    assert deployment.app.sends.evidence(SLUG, "00") == {ADA}


def test_no_address_is_logged(deployment: Deployment, log: StringIO) -> None:
    for case in ("bounce_permanent", "complaint", "foreign_topic", "one_event_and_one_that_is_not"):
        deployment.invoke(lambda_handler, f"feedback/{case}")

    assert "@" not in log.getvalue()

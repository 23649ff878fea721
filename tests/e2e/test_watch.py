"""What settle does beside the sends, with every permission enforced: both suppression lists, and the account."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from local.emulator import aws_client
from local.reader import wait_for
from newsletter.feedback.adapters.dynamo_account_watch import DynamoAccountWatch
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.reports.domain.metrics import WELL_UP_TO
from tests.core.fakes import NOW
from tests.factories import subscriber
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

THEIRS, OURS, FORGOT = (f"{name}-of-the-night@example.org" for name in ("theirs", "ours", "forgot"))


def ses(laptop: Laptop) -> Any:
    return aws_client("sesv2", laptop.where["ses_endpoint"])


def join(laptop: Laptop, email: str, **changes: Any) -> str:
    who = laptop.who(email)
    assert laptop.subscribers.save(subscriber(subscriber_id=who, email=email, **changes))
    return who


def test_a_night_makes_both_suppression_lists_and_the_records_agree(laptop: Laptop) -> None:
    theirs, ours, forgot = join(laptop, THEIRS), join(laptop, OURS, suppressed=True), join(laptop, FORGOT)
    ses(laptop).put_suppressed_destination(EmailAddress=THEIRS, Reason="COMPLAINT")
    laptop.suppressions.add(Suppression(ours, SuppressionReason.HARD_BOUNCE, NOW))
    laptop.suppressions.add(Suppression(forgot, SuppressionReason.MANUAL, NOW))
    kept = DynamoAccountWatch(laptop.client("dynamodb"), laptop.where["tables"]["limits"])

    laptop.tell("settle", '{"settle": "suppression list"}')
    _, found = wait_for("the comparison", kept.last_reconciliation, seconds=60)

    assert (found.suppressed, found.put, found.refused, found.left) == (1, 1, 0, 0)
    suppression = laptop.suppressions.get(theirs)
    assert suppression is not None
    assert suppression.reason is SuppressionReason.COMPLAINT
    listed = ses(laptop).get_suppressed_destination(EmailAddress=OURS)["SuppressedDestination"]
    assert listed["Reason"] == "BOUNCE"
    for email in (THEIRS, OURS, FORGOT):
        held = laptop.held(email)
        assert held is not None
        assert not held.in_audience


def test_the_editors_hear_that_ses_watches_the_account_and_that_it_is_over(laptop: Laptop) -> None:
    for status, subject in (("PROBATION", "SES is watching this account"), ("HEALTHY", "SES accepts email from this")):
        wanted = {"enforcement_status": status}
        address = f"{laptop.where['ses_endpoint']}/_simulator/account"
        httpx.put(address, json=wanted, timeout=10).raise_for_status()

        laptop.restart("settle")  # it remembers the account for a minute

        def heard(subject: str = subject) -> list[dict[str, Any]]:
            laptop.tell("settle", '{"settle": "open sends"}')
            laptop.wait_until_quiet()
            return laptop.inbox.messages(subject=subject)

        wait_for(f"the mail about {status}", heard, seconds=90)
        assert len(laptop.inbox.messages(subject=subject)) == 1


def test_every_number_that_is_judged_is_in_the_log_and_a_small_stack_has_no_dashboard(laptop: Laptop) -> None:
    laptop.tell("settle", '{"settle": "open sends"}')
    laptop.wait_until_quiet()

    lines = [line for word, line in laptop.log_lines() if word == "settle" and '"message": "numbers"' in line]
    said = {name for line in lines for name in json.loads(line[line.index("{") :])}  # the time stands before it

    assert set(WELL_UP_TO) <= said
    assert laptop.client("cloudwatch").list_dashboards()["DashboardEntries"] == []

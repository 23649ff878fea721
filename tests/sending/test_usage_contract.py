"""What the store of usage promises, checked on the one in memory and on DynamoDB alike."""

from __future__ import annotations

import pytest

from newsletter.sending.adapters.dynamo_usage import DynamoUsage
from newsletter.sending.domain.usage import Usage
from newsletter.sending.ports import UsageStore
from tests.factories import SLUG
from tests.sending.fakes import MemoryUsage


@pytest.fixture(params=["memory", "dynamodb"])
def usage_store(request: pytest.FixtureRequest) -> UsageStore:
    if request.param == "memory":
        return MemoryUsage()
    return DynamoUsage(request.getfixturevalue("dynamodb"), "SendsTable")


def test_what_was_used_for_a_send_is_added_up_for_each_function(usage_store: UsageStore) -> None:
    usage_store.add(SLUG, "send", Usage({"dynamodb PutItem": 2}, {"DynamoDB writes": 2.5, "Lambda": 0.000123}))
    usage_store.add(SLUG, "send", Usage({"dynamodb PutItem": 1, "sesv2 SendBulkEmail": 1}, {"Lambda": 1}, guessed=1))
    usage_store.add(SLUG, "feedback", Usage({}, {"SNS": 3}))
    usage_store.add(SLUG, "settle", Usage())

    used = {name: usage for name, usage in usage_store.by_function(SLUG).items() if usage != Usage()}
    assert set(used) == {"send", "feedback"}
    assert used["send"].calls == {"dynamodb PutItem": 3, "sesv2 SendBulkEmail": 1}
    assert used["send"].units == pytest.approx({"DynamoDB writes": 2.5, "Lambda": 1.000123})
    assert used["send"].guessed == 1
    assert used["feedback"] == Usage({}, {"SNS": 3})

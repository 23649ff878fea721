"""Every request that the bench times is one that its function answers."""

import pytest

from bench.answering import REQUESTS, answered


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_is_timed_is_answered(name: str) -> None:
    found = answered(REQUESTS[name], rounds=2)

    assert found["p99_ms"] >= found["p50_ms"] > 0
    assert found["in_a_row"] <= found["aws_calls"]

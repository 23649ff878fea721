"""Our queues: what SQS refuses of a call is sent again in the same call, and only that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from newsletter.aws.queue import SqsQueue
from newsletter.errors import StoreBusyError


class MoodySqs:
    """Refuses a message as often as is said for its number."""

    def __init__(self, refusals: Mapping[int, int]) -> None:
        self.refusals = dict(refusals)
        self.calls: list[list[int]] = []
        self.taken: list[int] = []

    def send_message_batch(self, *, Entries: Sequence[Mapping[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N803
        numbers = {entry["Id"]: json.loads(entry["MessageBody"])["number"] for entry in Entries}
        self.calls.append(list(numbers.values()))
        failed = []
        for entry_id, number in numbers.items():
            if self.refusals.get(number, 0):
                self.refusals[number] -= 1
                failed.append({"Id": entry_id, "SenderFault": False, "Code": "InternalError"})
            else:
                self.taken.append(number)
        return {"Failed": failed} if failed else {}


def put(sqs: MoodySqs, count: int) -> None:
    SqsQueue(lambda: cast(Any, sqs), "url").put([{"number": number} for number in range(count)])


def test_what_is_refused_is_sent_again_at_once_and_nothing_else_is() -> None:
    sqs = MoodySqs({3: 1, 5: 2, 11: 1})

    put(sqs, 12)

    assert sqs.calls == [list(range(10)), [3, 5], [5], [10, 11], [11]]
    assert sorted(sqs.taken) == list(range(12))


def test_what_is_refused_three_times_is_said_to_be_lost() -> None:
    sqs = MoodySqs({3: 3})

    with pytest.raises(StoreBusyError):
        put(sqs, 4)

    assert sqs.calls == [[0, 1, 2, 3], [3], [3]]

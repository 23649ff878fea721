"""Parts of AWS's answers as their JSON has them, without botocore's reading of each value by the model of the API.

That reading changes nothing where every value is a text, a number or a list of such. For a hundred items of DynamoDB,
or the fifty results of a call in bulk, it takes longer than everything else that is done for the call. It hangs on
botocore's own events, so requests, signatures, errors and retries stay botocore's.
Source: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/events.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

OK = 200


def leave_plain(client: Any, operation: str, answer_part: str, *, unless: Sequence[bytes] = ()) -> Any:
    """Let one member of an operation's answers come as JSON has it, and return the client.

    Refusals, and whatever is not the JSON it should be, are botocore's to read.

    Args:
        client: Of botocore, for a service that speaks JSON.
        operation: Such as "BatchGetItem".
        answer_part: A member at the top of the answer, a list or a mapping.
        unless: An answer in which one of these stands is botocore's to read too.
    """
    service = client.meta.service_model.service_id.hyphenize()
    handler = partial(_take_out, answer_part=answer_part, unless=tuple(unless))
    name = f"before-parse.{service}.{operation}"
    client.meta.events.register(name, handler, unique_id=f"{__name__}.{name}")
    return client


def _take_out(
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    *,
    answer_part: str,
    unless: Sequence[bytes],
    **_: Any,
) -> None:
    """Take the member out of the body that botocore is about to read, and put it into the answer."""
    body = response_dict["body"]
    if response_dict["status_code"] != OK or any(each in body for each in unless):
        return
    try:
        said = json.loads(body)
    except ValueError:
        return
    if isinstance(said, dict) and isinstance(said.get(answer_part), list | dict):
        customized_response_dict[answer_part] = said.pop(answer_part)
        response_dict["body"] = json.dumps(said).encode()

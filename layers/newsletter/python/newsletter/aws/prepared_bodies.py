"""Requests whose body is put together here, in one go, and handed to botocore by its own events.

botocore walks through the model of the API for each value of a request, to check it and to turn it into what JSON has
already. Of a call with a hundred keys, or with an issue and fifty recipients, that is most of the work. Endpoint,
credentials, signature, connections, retries and errors stay botocore's, and a client that these handlers do not hang on
sends the same bytes, slowly: a test holds the two to that.
Source: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/events.html
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

BODY = "fortnightly_prepared_body"
"""Name in the context of a call, which botocore hands from event to event."""

KEPT = 8
"""Beginnings that are kept. A worker sends one issue, seldom two, and each language has its own."""

Encoder = Callable[[Mapping[str, Any]], bytes]
"""Makes the body of a call from its arguments, which must all be what JSON has. It raises TypeError where they are not,
and botocore makes the body then."""


def prepare_bodies(client: Any, operation: str, encode: Encoder, stand_in: Mapping[str, Any]) -> Any:
    """Let a client make the bodies of one operation in this way, and return it.

    Args:
        client: Of botocore, for a service that speaks JSON.
        operation: Such as "BatchGetItem"; all its members stand in the body.
        encode: Makes a body.
        stand_in: What botocore walks through instead: the members that the API demands, with nothing in them.
    """

    def take(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        try:
            context[BODY] = encode(params)
        except TypeError:
            return
        params.clear()
        params.update(stand_in)

    service = client.meta.service_model.service_id.hyphenize()
    for event, handler in (("before-parameter-build", take), ("before-call", _put_body)):
        name = f"{event}.{service}.{operation}"
        client.meta.events.register(name, handler, unique_id=f"{__name__}.{name}")
    return client


def as_json(params: Mapping[str, Any]) -> bytes:
    """Return the arguments of a call as they are."""
    return json.dumps(params).encode()


class WithSharedBeginning:
    """Makes bodies that differ in their last member alone; what stands before is made once. Threads share it."""

    def __init__(self, last_argument: str) -> None:
        self._last = last_argument
        self._kept: deque[tuple[Mapping[str, Any], bytes]] = deque(maxlen=KEPT)

    def __call__(self, params: Mapping[str, Any]) -> bytes:
        """Return the arguments of a call as JSON.

        Raises:
            TypeError: They do not end with that member, or are not what JSON has.
        """
        *_others, last = params
        if last != self._last:
            raise TypeError(f"{self._last} should be the last argument")
        shared = {name: value for name, value in params.items() if name != last}
        return self._beginning(shared) + json.dumps(params[last]).encode() + b"}"

    def _beginning(self, shared: Mapping[str, Any]) -> bytes:
        # The texts of an issue are the same objects from call to call: that they are equal takes no time to find.
        for kept, beginning in tuple(self._kept):
            if kept == shared:
                return beginning
        beginning = json.dumps(shared).encode()[:-1] + f', "{self._last}": '.encode()
        self._kept.appendleft((shared, beginning))
        return beginning


def _put_body(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    if BODY in context:
        params["body"] = context.pop(BODY)

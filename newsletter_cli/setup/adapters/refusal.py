"""What AWS does not take for reasons of its own, which must not stop what does not depend on it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from botocore.exceptions import ClientError

from newsletter_cli.problems import EXPIRED, UNKNOWN_KEY, sentence


def refusal_of(call: Callable[[], Any], *, fine: Collection[str] = ()) -> str:
    """Make a call to AWS and return why it was refused; empty if it was not.

    Args:
        call: Makes it.
        fine: Codes that mean that it was done before.

    Raises:
        ClientError: The credentials are over or unknown: nothing else would be taken either.
    """
    try:
        call()
    except ClientError as exc:
        code = exc.response["Error"]["Code"]
        if code in EXPIRED | UNKNOWN_KEY:
            raise
        return "" if code in fine else sentence(exc)
    return ""

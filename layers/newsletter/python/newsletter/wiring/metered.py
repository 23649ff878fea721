"""A decorator for handlers: what their invocations use of AWS is written on the account of the sends they work for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from newsletter.wiring import app

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

T = TypeVar("T")


def metered(
    function: str,
) -> Callable[[Callable[[dict[str, Any], LambdaContext], T]], Callable[[dict[str, Any], LambdaContext], T]]:
    """Measure each invocation of a handler; nothing is built before the first of them.

    Args:
        function: Under which name the usage is written.
    """

    def decorate(
        handler: Callable[[dict[str, Any], LambdaContext], T],
    ) -> Callable[[dict[str, Any], LambdaContext], T]:
        @wraps(handler)
        def measured(event: dict[str, Any], context: LambdaContext) -> T:
            with app().metering.of(function, event, context):
                return handler(event, context)

        return measured

    return decorate

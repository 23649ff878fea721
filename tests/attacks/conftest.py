"""The fixtures of the functions' tests, for attacks that come over HTTP."""

from tests.functions.conftest import deployment

__all__ = ["deployment"]

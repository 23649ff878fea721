"""The laptop stack for tests: free ports, a home folder of its own, so that a running demo is not disturbed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.stack import running


@pytest.fixture(scope="session", autouse=True)
def _no_account() -> Iterator[None]:
    """Keep boto3 from stumbling over a profile of the caller's."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("AWS_PROFILE", raising=False)
        environment.delenv("AWS_DEFAULT_PROFILE", raising=False)
        yield


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """One stack for all tests that can share it; the value is what its stack.json says.

    Whoever uses it brings readers and issues with names of their own.
    """
    with running(tmp_path_factory.mktemp("stack")) as (_, where):
        yield where


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A stack for one module that must know everybody on the list; the value is its home folder and stack.json."""
    home = tmp_path_factory.mktemp("own-stack")
    with running(home) as (_, where):
        yield home, where

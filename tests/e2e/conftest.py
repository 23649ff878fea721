"""Stacks for stories that cannot share the one of tests/conftest.py."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.stack import running


@pytest.fixture(scope="session", autouse=True)
def _no_account(no_account: None) -> None:
    """Whatever is started here must not see a profile of the caller's."""


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A stack for one module that must know everybody on the list; the value is its home folder and stack.json."""
    home = tmp_path_factory.mktemp("own-stack")
    with running(home) as (_, where):
        yield home, where

"""The stack around the function `desk`, and somebody signed in at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from newsletter.core.team import Role
from tests.desk.desk_browser import DeskBrowser
from tests.functions.conftest import Deployment, deployed


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployed(monkeypatch) as deployment:
        yield deployment


@pytest.fixture
def owner(deployment: Deployment) -> DeskBrowser:
    return DeskBrowser(deployment, {Role.OWNER})


@pytest.fixture
def writer(deployment: Deployment) -> DeskBrowser:
    return DeskBrowser(deployment, {Role.WRITER}, "wanda@example.org")

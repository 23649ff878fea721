"""A website could read a developer's inbox: its own name resolved to 127.0.0.1, and the laptop answered to any name.

The browser takes both for one origin then (DNS rebinding): scripts of the website read every mail on the laptop, with
the links to confirm, approve and leave.
"""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from local.front_door import build
from local.simulator.app import create_simulator

NOWHERE = "http://127.0.0.1:1"
FOREIGN = [
    "evil.example",
    "evil.example:8000",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "127.0.0.2",
    "",
    "[::1]",
]


def front_door() -> Any:
    return build(api_url=NOWHERE, inbox_origin=NOWHERE, site_bucket="site", s3=None)


def simulator() -> Any:
    return create_simulator(background=False).app


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize(
    ("app", "paths"),
    [
        (front_door, ["/", "/inbox/api/messages", "/unsubscribe", "/_front_door"]),
        (simulator, ["/inbox/", "/inbox/api/messages", "/_simulator/stats"]),
    ],
    ids=["front door", "simulator"],
)
def test_a_name_that_is_not_the_laptops_own_is_refused(app: Any, paths: list[str], name: str) -> None:
    with TestClient(app(), base_url="http://127.0.0.1") as client:
        for path in paths:
            assert client.get(path, headers={"host": name}).status_code == 400


@pytest.mark.parametrize("name", ["127.0.0.1", "127.0.0.1:8000", "localhost", "localhost:8000"])
def test_its_own_names_are_not(name: str) -> None:
    with TestClient(simulator(), base_url="http://127.0.0.1") as client:
        assert client.get("/inbox/api/messages", headers={"host": name}).json() == []
    with TestClient(front_door(), base_url="http://127.0.0.1") as client:
        assert client.get("/_front_door", headers={"host": name}).text == "ok"

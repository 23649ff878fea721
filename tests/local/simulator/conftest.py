"""A running simulator."""

from collections.abc import Iterator

import pytest

from tests.ses_server import SesServer, ses_server


@pytest.fixture
def ses() -> Iterator[SesServer]:
    with ses_server() as server:
        yield server

"""What all stories on the laptop stack have in common; the stack that most of them share is in tests/conftest.py."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _no_account(no_account: None) -> None:
    """Whatever is started here must not see a profile of the caller's."""

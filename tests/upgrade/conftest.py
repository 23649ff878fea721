"""AWS in the process for all tests of this folder: stores are asked what they write and read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.moto_aws import CREDENTIALS, aws_in_process


@pytest.fixture(scope="module", autouse=True)
def aws() -> Iterator[None]:
    """Start moto, with the tables of the template."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        with aws_in_process():
            yield

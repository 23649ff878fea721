"""The laptop stack for tests that can share one: free ports, a home folder of its own, so a running demo is safe."""

from collections.abc import Iterator

import pytest

from local.stack import running
from tests.laptop import Laptop


@pytest.fixture(scope="session")
def no_account() -> Iterator[None]:
    """Keep boto3 from stumbling over a profile of the caller's."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("AWS_PROFILE", raising=False)
        environment.delenv("AWS_DEFAULT_PROFILE", raising=False)
        yield


@pytest.fixture(scope="session")
def stack(no_account: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """One stack for all tests that can share it: whoever uses it brings readers and issues with names of their own."""
    home = tmp_path_factory.mktemp("stack")
    with running(home) as (_, where):
        yield Laptop(home, where)

"""Fixtures that several wings share: AWS in the process, and the laptop stack on free ports with a home of its own."""

import gc
from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3
import httpx
import pytest
from botocore import endpoint_provider, hooks, useragent
from botocore.hooks import EventAliaser
from botocore.loaders import JSONFileLoader, Loader
from hypothesis import settings
from jinja2 import Environment
from moto.core import responses, serialize

from local.emulator import CALLS_LOG
from local.stack import running
from tests.laptop import Laptop
from tests.moto_aws import CREDENTIALS, REGION, aws_in_process, made_once, make_buckets

LONGEST_FIRST = ("tests/e2e/test_long_faults.py", "tests/e2e/test_faults.py", "tests/e2e/", "tests/browser/")
"""The files that take minutes, most of it on a stack."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest files where two run at a time, so that none of them is left alone in the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: [not item.nodeid.startswith(start) for start in LONGEST_FIRST])


def pytest_configure() -> None:
    """Look for garbage seldom, which was a quarter of the time of some tests; let no example fail by the clock."""
    gc.set_threshold(50_000, 20, 20)
    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")


def pytest_collection_finish() -> None:
    """Never look among what stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _aws_descriptions_are_read_once() -> Iterator[None]:
    """A session of boto3 reads megabytes of JSON for each service, and nearly every test here has one of its own."""
    read, reader, listed = JSONFileLoader.load_file, JSONFileLoader(), Loader.list_available_services

    @cache
    def read_once(path: str) -> Any:
        return read(reader, path)

    @cache
    def listed_once(kind: str, *folders: str) -> Any:
        return listed(Loader(extra_search_paths=folders, include_default_search_paths=False), kind)

    with pytest.MonkeyPatch.context() as botocore:
        botocore.setattr(JSONFileLoader, "load_file", lambda _, path: read_once(path))
        botocore.setattr(
            Loader, "list_available_services", lambda own, type_name: listed_once(type_name, *own.search_paths)
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def _clients_are_made_of_what_is_known() -> Iterator[None]:
    """Each session of boto3 asks its thousand handlers the same, and each client reads the rules of addresses."""
    aliaser: Any = EventAliaser
    spell, takes, rules = aliaser._alias_event_name, hooks.accepts_kwargs, endpoint_provider.RuleSet
    spelled, taken, ruled = dict[str, str](), dict[Any, Any](), dict[tuple[int, int], tuple[Any, Any]]()

    def spelled_once(self: Any, name: str) -> str:
        if name not in spelled:
            spelled[name] = spell(self, name)
        return spelled[name]

    def asked_once(function: Any) -> Any:
        known = getattr(function, "__func__", function)
        if known not in taken:
            taken[known] = takes(function)
        return taken[known]

    def read_once(**described: Any) -> Any:
        """Their descriptions are kept with them, so that no other object is taken for one."""
        key = id(described["rules"]), id(described["partitions"])
        if key not in ruled:
            ruled[key] = rules(**described), described
        return ruled[key][0]

    with pytest.MonkeyPatch.context() as botocore:
        botocore.setattr(EventAliaser, "_alias_event_name", spelled_once)
        botocore.setattr(hooks, "accepts_kwargs", asked_once)
        botocore.setattr(endpoint_provider, "RuleSet", read_once)
        botocore.setattr(
            useragent, "sanitize_user_agent_string_component", cache(useragent.sanitize_user_agent_string_component)
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def _moto_looks_at_itself_once() -> Iterator[None]:
    """For each call moto lists the methods of a class, and for each part of an answer the names it may go by."""
    name, found = serialize.XFormedAttributePicker.get_possible_keys, serialize.get_value  # type: ignore[attr-defined]
    named = dict[Any, tuple[str, ...]]()

    def named_once(self: Any, context: Any) -> tuple[str, ...]:
        key = type(context.obj), context.key, context.shape
        if key not in named:
            named[key] = tuple(name(self, context))
        return named[key]

    def looked_up(held: Any, key: Any, default: Any) -> Any:
        """Most of what is asked for is not there, and an exception is a dear way to hear of it."""
        if type(held) is dict and type(key) is str and "." not in key:
            return held.get(key, default)
        return found(held, key, default)

    with pytest.MonkeyPatch.context() as moto:
        moto.setattr(serialize.XFormedAttributePicker, "get_possible_keys", named_once)
        moto.setattr(serialize, "get_value", looked_up)
        for look in ("method_names_from_class", "camelcase_to_underscores"):
            moto.setattr(responses, look, cache(getattr(responses, look)))
        yield


@pytest.fixture(scope="session", autouse=True)
def _templates_are_compiled_once() -> Iterator[None]:
    """A function keeps what jinja made of a template as long as it lives, which here is a test."""
    compile_now, compiled = Environment.compile, dict[Any, Any]()

    def once(self: Environment, source: Any, name: Any = None, filename: Any = None, *more: Any, **named: Any) -> Any:
        if not isinstance(source, str) or filename is None:
            return compile_now(self, source, name, filename, *more, **named)
        escaped = self.autoescape(name) if callable(self.autoescape) else self.autoescape
        made_by = escaped, self.trim_blocks, self.lstrip_blocks, self.keep_trailing_newline, tuple(self.extensions)
        key = source, name, filename, more, tuple(named.items()), made_by
        if key not in compiled:
            compiled[key] = compile_now(self, source, name, filename, *more, **named)
        return compiled[key]

    with pytest.MonkeyPatch.context() as jinja:
        jinja.setattr(Environment, "compile", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _certificates_are_read_once() -> Iterator[None]:
    """`httpx.get` makes a client for each call, and each client reads a quarter of a megabyte of certificates."""
    with pytest.MonkeyPatch.context() as transport:
        transport.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


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
    home = tmp_path_factory.mktemp("stack") / ".local"  # where the command line looks for one
    with running(home) as (_, where):
        yield Laptop(home, where)
    from tests.template.test_permissions import unheld  # which translates the template, and takes seconds

    assert unheld((home / "logs" / CALLS_LOG).read_text().splitlines()) == []


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def dynamodb(credentials: None) -> Iterator[Any]:  # noqa: ARG001 - sets the environment
    with aws_in_process():
        yield boto3.client("dynamodb", region_name=REGION)


@pytest.fixture
def s3(credentials: None) -> Iterator[Any]:  # noqa: ARG001 - sets the environment
    with aws_in_process():
        made_once(make_buckets, "s3", "buckets", region="aws")
        yield boto3.client("s3", region_name=REGION)


@pytest.fixture(scope="module")
def laptop(stack: Laptop) -> Iterator[Laptop]:
    """The same stack for a file that must know everybody on the list: whatever others left there is gone."""
    stack.empty()
    yield stack
    stack.forget_sends()

"""What is edited while a stack runs: seen once, and brought to what it changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.reload import Reloader, Watch

FUNCTIONS = {"desk": "stack-desk", "send": "stack-send"}
STYLE, HANDLER = Path("templates/desk/desk.css"), Path("functions/desk/handler.py")
MODULE = Path("layers/newsletter/python/newsletter/core/text.py")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for path in (STYLE, HANDLER, MODULE, Path("functions/send/handler.py")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("before")
    return tmp_path


def test_a_file_that_is_written_added_or_removed_is_seen_once(checkout: Path) -> None:
    watch = Watch(checkout)
    assert watch.changed() == []

    (checkout / STYLE).write_text("after it")
    assert watch.changed() == [STYLE]
    assert watch.changed() == []

    (checkout / "templates/desk/new.html").write_text("new")
    (checkout / HANDLER).unlink()
    assert watch.changed() == [HANDLER, Path("templates/desk/new.html")]


def test_what_python_compiles_is_no_change(checkout: Path) -> None:
    watch = Watch(checkout)
    (checkout / "functions/desk/__pycache__").mkdir()
    (checkout / "functions/desk/__pycache__/handler.pyc").write_text("compiled")

    assert watch.changed() == []


class Aws:
    """The emulator as far as a reload asks it; remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []

    def get_paginator(self, _: str) -> Aws:
        return self

    def paginate(self) -> list[dict[str, Any]]:
        layers = [{"Arn": "arn:aws:lambda:eu-west-1:1:layer:NewsletterLayer:1"}, {"Arn": "arn:of:TemplatesLayer:1"}]
        environment = {"Variables": {"A": "b"}}
        names = [*FUNCTIONS.values(), "somebody-elses"]
        return [{"Functions": [{"FunctionName": each, "Layers": layers, "Environment": environment} for each in names]}]

    def publish_layer_version(self, **given: Any) -> dict[str, str]:
        self.asked.append(("layer", given["LayerName"], ""))
        return {"LayerVersionArn": "arn:aws:lambda:eu-west-1:1:layer:NewsletterLayer:2"}

    def update_function_configuration(self, **given: Any) -> None:
        self.asked.append(("configuration", given.pop("FunctionName"), given))

    def update_function_code(self, **given: Any) -> None:
        self.asked.append(("code", given["FunctionName"], ""))

    def send_message(self, **given: Any) -> None:
        self.asked.append(("message", given["QueueUrl"], given["MessageBody"]))


def taken_over(checkout: Path, path: Path) -> list[tuple[str, str, Any]]:
    """Return what is asked of AWS to take over a file."""
    aws = Aws()
    Reloader(checkout, aws, aws, FUNCTIONS, "queue").take_over([path])
    return aws.asked


def test_templates_end_every_worker_and_renew_the_archive(checkout: Path) -> None:
    same = {"Environment": {"Variables": {"A": "b"}}}
    assert taken_over(checkout, STYLE) == [
        ("configuration", "stack-desk", same),
        ("configuration", "stack-send", same),
        ("message", "queue", '{"refresh": "archive"}'),
    ]


def test_a_handler_is_sent_to_its_own_function(checkout: Path) -> None:
    assert taken_over(checkout, HANDLER) == [("code", "stack-desk", "")]


def test_a_module_makes_a_new_version_of_the_layer_that_every_function_gets(checkout: Path) -> None:
    new = {"Layers": ["arn:aws:lambda:eu-west-1:1:layer:NewsletterLayer:2", "arn:of:TemplatesLayer:1"]}
    assert taken_over(checkout, MODULE) == [
        ("layer", "NewsletterLayer", ""),
        ("configuration", "stack-desk", new),
        ("configuration", "stack-send", new),
    ]

"""Each function loads what it uses, and a reader does not wait for what only others need."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PINNED = ROOT / "tests" / "functions" / "imports.json"
NAMES = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
PAGES = {
    "comment", "confirm", "decide", "desk", "desk_people", "desk_tagged", "preferences", "preview", "release",
    "show_report", "sign_in", "unsubscribe", "vote",
}  # fmt: skip
"""All but `subscribe`, which answers with a redirect."""

LIST = """
import importlib, json, sys
before = set(sys.modules)
importlib.import_module("functions.{name}.handler")
loaded = set(sys.modules) - before
ours = sorted(name for name in loaded if name.startswith("newsletter."))
others = {{name.partition(".")[0] for name in loaded}} - set(sys.stdlib_module_names) - {{"functions", "newsletter"}}
print(json.dumps({{"ours": ours, "others": sorted(name for name in others if not name.startswith("_"))}}))
"""


@cache
def loaded(name: str) -> dict[str, list[str]]:
    """Return the modules that importing a handler loads, in a process of its own."""
    command = [sys.executable, "-c", LIST.format(name=name)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_function_loads_exactly_the_modules_that_were_agreed_on(name: str) -> None:
    """If this is on purpose: `python -m tests.functions.test_imports` writes the list anew; look at the difference."""
    assert loaded(name) == json.loads(PINNED.read_text())[name]


@pytest.mark.parametrize("name", NAMES)
def test_no_function_loads_boto3_and_none_but_pages_loads_templates(name: str) -> None:
    others = set(loaded(name)["others"])
    assert not others & {"boto3", "s3transfer", "markdown_it", "nh3", "PIL", "pygments", "yaml", "css_inline"}
    assert ("jinja2" in others) == (name in PAGES)


@pytest.mark.parametrize("name", sorted({*PAGES, "subscribe"}))
def test_a_page_loads_neither_asyncio_nor_powertools_resolvers(name: str) -> None:
    """Together they were a third of what a page took to load."""
    listing = f"import sys, functions.{name}.handler; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", listing], check=True, capture_output=True, text=True, cwd=ROOT)

    assert not set(done.stdout.split()) & {"asyncio", "aws_lambda_powertools.event_handler", "boto3"}


@pytest.mark.parametrize("name", ["confirm", "subscribe"])
def test_a_page_loads_urllib3_by_itself_and_botocore_before_our_own_parts(name: str) -> None:
    """At some depths of imports within imports their patterns take ten times as long to compile."""
    listing = f"import sys, functions.{name}.handler; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", listing], check=True, capture_output=True, text=True, cwd=ROOT)

    loaded_by_then = done.stdout.split()  # Python moves a module to the end once it is loaded
    flat = ["urllib3", "botocore.exceptions", "botocore.session", "newsletter.wiring.shared", "newsletter.wiring"]
    assert sorted(flat, key=loaded_by_then.index) == flat


if __name__ == "__main__":
    PINNED.write_text(json.dumps({name: loaded(name) for name in NAMES}, indent=1) + "\n")

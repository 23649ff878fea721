"""Writes docs/quality.md: what outside judges say of pages, emails and feeds. `make judges`."""

from __future__ import annotations

import re
import tempfile
from importlib.resources import files
from pathlib import Path

import yaml

from tests.judges import feeds, mail_clients, markup, spam
from tests.judges.tools import ROOT
from tests.judges.verdict import ACCEPTED, Verdict, told

PAGE = ROOT / "docs" / "quality.md"
TABLE = re.compile(r"(?<=\n\n)\| judge \|.*?(?=\n\n)", re.DOTALL)
REASONS = re.compile(r"(?<=## What stays, and why\n\n).*", re.DOTALL)
HEAD = "| judge | version | judged | open findings | kinds accepted |\n| --- | --- | --- | ---: | ---: |"


def _axe_version() -> str:
    script = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    found = re.search(r"axe v(\d+\.\d+\.\d+)", script)
    assert found, "the script of axe does not say its version"
    return found[1]


AXE = Verdict("axe-core", _axe_version(), "every page in Chromium, by day and by night (`tests/browser`)", ())
"""It runs in the browser tests, which hold every page to no violation at all."""


def verdicts() -> list[Verdict]:
    """Return what every judge says; those that run elsewhere found nothing, or their tests would fail."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            *markup.judge_markup(Path(folder)),
            AXE,
            mail_clients.judge_mails(),
            spam.judge_messages(Path(folder)),
            feeds.judge_xml_feeds(Path(folder)),
            feeds.judge_json_feed(),
            feeds.judge_as_reader(),
        ]


def reasons() -> str:
    """Return what is accepted, as the page shows it."""
    written = yaml.safe_load(ACCEPTED.read_text("utf-8"))
    lines = [
        f"| {judge} | `{_cell(each['finding'])}` | {each['reason']} |" for judge in written for each in written[judge]
    ]
    return "\n".join(["| judge | finding | reason |", "| --- | --- | --- |", *lines, ""])


def _cell(expression: str) -> str:
    return expression.replace("|", "\\|")


def main() -> None:
    """Write the page anew, and say what is open."""
    found = verdicts()
    written = PAGE.read_text("utf-8")
    table = "\n".join([HEAD, *(verdict.row for verdict in found)])
    written = TABLE.sub(lambda _: table, written, count=1)
    PAGE.write_text(REASONS.sub(lambda _: reasons(), written), "utf-8")
    for verdict in found:
        if verdict.open:
            print(f"{verdict.judge}:\n{told(verdict.open)}")


if __name__ == "__main__":
    main()

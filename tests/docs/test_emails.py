"""What emails tell people to do, a person can do: no function is invoked by hand, and every verb exists."""

from __future__ import annotations

import re
from pathlib import Path

from tests.command_line import whole_command_line

ROOT = Path(__file__).parents[2]
PARTS = sorted(path for path in (ROOT / "templates/email").iterdir() if path.suffix in (".html", ".txt"))
SENTENCES = sorted((ROOT / "layers/newsletter/python/newsletter").rglob("*.py"))
"""Reasons of a pause, which an email repeats, are written in the code."""

TO_A_FUNCTION = re.compile(r"invoke the function|lambda invoke|\{+\\?[\"']action\\?[\"']:")
VERB = re.compile(r"(?:`|<code>)newsletter ([a-z-]+(?: [a-z-]+)?)")


def test_nobody_is_told_to_invoke_a_function() -> None:
    assert [path.name for path in [*PARTS, *SENTENCES] if TO_A_FUNCTION.search(path.read_text())] == []


def test_every_verb_that_an_email_names_exists() -> None:
    named = {verb for path in [*PARTS, *SENTENCES] for verb in VERB.findall(path.read_text())}
    assert {"send resume", "send cancel", "send release-confirmations"} <= named
    for verb in named:
        command: object = whole_command_line()
        for word in verb.split():
            known = getattr(command, "commands", None)
            if not known:
                break  # what follows a verb that has none below it is its argument
            assert word in known, f"an email names `newsletter {verb}`"
            command = known[word]

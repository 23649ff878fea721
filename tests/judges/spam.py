"""SpamAssassin, with the rules that need no network, on every mail as it arrives."""

from __future__ import annotations

import re
import subprocess
from email import message_from_bytes
from mailbox import mbox
from pathlib import Path

from tests.judges import exhibits
from tests.judges.tools import program
from tests.judges.verdict import Finding, Verdict

MOST_POINTS = 0.1
"""Of the 5 that make a mail spam."""


def judge_messages(folder: Path) -> Verdict:
    """Return the mails that get points, with the rules that gave them."""
    spamassassin = program("spamassassin", "spamassassin")
    box, names = mbox(folder / "mailbox"), []
    for name, raw in exhibits.messages():
        box.add(message_from_bytes(raw))
        names.append(name)
    box.close()
    # No preferences of whoever runs this, and no memory of earlier mails.
    settings = folder / "preferences"
    settings.write_text("use_bayes 0\nuse_auto_whitelist 0\nuse_txrep 0\n")
    command = [spamassassin, "--local", "--test-mode", f"--prefspath={settings}", "--mbox", str(folder / "mailbox")]
    done = subprocess.run(command, capture_output=True, timeout=300, check=True)
    statuses = re.findall(rb"^X-Spam-Status: (.*(?:\n[ \t].*)*)", done.stdout, re.MULTILINE)
    assert len(statuses) == len(names), done.stderr.decode()
    findings: list[Finding] = []
    for name, status in zip(names, (" ".join(each.decode().split()) for each in statuses), strict=True):
        points, rules = re.search(r"score=(-?[\d.]+)", status), re.search(r"tests=(.*?) autolearn", status)
        assert points, status
        assert rules, status
        if float(points[1]) > MOST_POINTS:
            findings.append(Finding(name, f"{points[1]} points: {rules[1]}"))
    return Verdict(
        "SpamAssassin", _version(spamassassin), "every email as it arrives, with its headers", tuple(findings)
    )


def _version(spamassassin: str) -> str:
    said = subprocess.run([spamassassin, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    found = re.search(r"version (\d+\.\d+)", said)
    assert found, said
    return found[1]

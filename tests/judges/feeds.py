"""Feeds: jing and feedparser read Atom and RSS, jsonschema the JSON feed."""

from __future__ import annotations

import json
import subprocess
from importlib.metadata import version
from pathlib import Path

import feedparser
from jsonschema import Draft202012Validator

from tests.judges import exhibits
from tests.judges.tools import program, unpacked, version_of
from tests.judges.verdict import Finding, Verdict

HERE = Path(__file__).parent
JING = "nu.validator.vendor.thaiopensource.relaxng.util.Driver"
"""The RELAX NG validator that the Nu Html Checker is built upon, and brings along."""


def judge_xml_feeds(folder: Path) -> Verdict:
    """Return where the Atom and the RSS feed leave their specifications."""
    java, jar = program("java", "default-jre-headless"), unpacked("vnu-jar", "build/dist/vnu.jar")
    findings: list[Finding] = []
    feeds = {"feed.atom": "atom.rnc", "feed.rss": "rss.rnc"}
    for path, schema in feeds.items():
        (folder / path).write_bytes(exhibits.feeds()[path])
        command = [java, "-XX:TieredStopAtLevel=1", "-cp", str(jar), JING, "-c", str(HERE / schema), str(folder / path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        lines = done.stdout.splitlines()
        assert done.returncode == (1 if lines else 0), done.stderr
        findings += [Finding(path, line.partition(": ")[2]) for line in lines]
    return Verdict("jing (Atom, RSS)", version_of("vnu-jar"), "feed.atom, feed.rss", tuple(findings))


def judge_json_feed() -> Verdict:
    """Return where the JSON feed leaves its specification."""
    checker = Draft202012Validator(json.loads((HERE / "json_feed.json").read_text("utf-8")))
    problems = checker.iter_errors(json.loads(exhibits.feeds()["feed.json"]))
    findings = tuple(Finding("feed.json", f"{each.json_path}: {each.message}") for each in problems)
    return Verdict("jsonschema (JSON Feed)", version("jsonschema"), "feed.json", findings)


def judge_as_reader() -> Verdict:
    """Return what a library that feed readers use finds odd, and entries that it does not find."""
    findings: list[Finding] = []
    feeds = {path: body for path, body in exhibits.feeds().items() if path != "feed.json"}
    for path, body in feeds.items():
        feed = feedparser.parse(body)
        if feed.bozo:
            findings.append(Finding(path, str(feed.bozo_exception)))
        titles = [entry.title for entry in feed.entries]
        if titles != (known := [issue.title for issue in exhibits.sent()]):
            findings.append(Finding(path, f"has the entries {titles} instead of {known}"))
    return Verdict("feedparser", version("feedparser"), "feed.atom, feed.rss", tuple(findings))

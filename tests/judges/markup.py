"""The Nu Html Checker, which the W3C uses, on pages, mails, stylesheets and the icon."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.judges import exhibits
from tests.judges.tools import program, unpacked, version_of
from tests.judges.verdict import Finding, Verdict


def judge_markup(folder: Path) -> tuple[Verdict, Verdict]:
    """Return what the checker says of pages, and of mails; one virtual machine reads all of them."""
    pages = {f"pages/{path}": html for path, html in exhibits.pages().items()}
    mails = {f"mails/{name}.html": mail.html for name, mail in exhibits.mails().items()}
    rest = {
        f"pages/{path}": file.body.decode() for path, file in exhibits.site().items() if path.endswith((".css", ".svg"))
    }
    for name, written in (pages | mails | rest).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written, "utf-8")
    findings = _findings(folder)
    version = version_of("vnu-jar")
    of_mails = tuple(each for each in findings if each.document.startswith("mails/"))
    of_pages = tuple(each for each in findings if each.document.startswith("pages/"))
    return (
        Verdict("vnu (pages)", version, "every page, the stylesheet, the icon", of_pages),
        Verdict("vnu (emails)", version, "the HTML of every email", of_mails),
    )


def _findings(folder: Path) -> list[Finding]:
    java, jar = program("java", "default-jre-headless"), unpacked("vnu-jar", "build/dist/vnu.jar")
    # The quick compiler alone halves the time, and needs more room than the checker asks for.
    machine = [java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss8m", "-jar", str(jar)]
    options = ["--format", "json", "--stdout", "--exit-zero-always", "--also-check-css", "--also-check-svg"]
    done = subprocess.run([*machine, *options, str(folder)], capture_output=True, text=True, check=True, timeout=120)
    messages = json.loads(done.stdout)["messages"]
    return [
        Finding(str(Path(each["url"].removeprefix("file:")).relative_to(folder)), f"{each['type']}: {each['message']}")
        for each in messages
    ]

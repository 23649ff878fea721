"""`newsletter publish` by the API: the text of an issue becomes a draft, is checked by the stack, and handed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter.errors import NewsletterError
from newsletter.issues.domain.issue import is_slug
from newsletter.issues.domain.upload import translation_of
from newsletter.issues.writing.front_matter import parse_issue
from newsletter_cli.backend import WITH_AWS
from newsletter_cli.console import confirm, err, out, show_json
from newsletter_cli.problems import CommandError
from newsletter_cli.remote.connection import ApiConnection, NotThereError

if TYPE_CHECKING:
    from fortnightly_client.models import FindingLine

PATIENCE = timedelta(minutes=3)
"""A stack that has slept needs seconds; pictures are waited for a minute."""


def publish_by_api(api: ApiConnection, file: Path, *, wait: bool, yes: bool, as_data: bool) -> None:
    """Write an issue as a draft, hand it in if the checks find no error, and say when it goes out.

    Raises:
        CommandError: It cannot be done by the API, there are errors in it, or nothing came of it in time.
    """
    slug = _slug_of(file)
    text = _read(file)
    saved = api.client.write_draft(slug, {"text": text})
    errors = _show(file, saved["findings"])
    if errors:
        raise CommandError("Nothing was published; the text is a draft at the desk. Mend the errors above first.")
    if _goes_at_once(text, slug, api) and not confirm("It says “send: now”. Send it to everybody?", yes=yes):
        raise CommandError("Nothing was published; the text is a draft at the desk.")
    handed_in = api.client.hand_in_issue(slug, {"version": saved["draft"]["version"]})
    version = handed_in["upload_version"]
    answer: dict[str, Any] = {"slug": slug, "version": version, "result": "uploaded", "outlook": ""}
    if wait:
        answer |= _awaited(api, slug, version)
    if as_data:
        show_json(answer)
    else:
        _say(answer)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as exc:
        raise CommandError(f"{file} is not UTF-8. Save it as UTF-8, without which no letter is sure.") from exc


def _slug_of(file: Path) -> str:
    """Return the slug of an issue that the API can take.

    Raises:
        CommandError: It is a folder, a translation, or no issue.
    """
    if file.is_dir() or translation_of(f"issues/{file.name}")[1]:
        raise CommandError(f"The API takes one issue at a time, and no translations. {WITH_AWS}")
    if not is_slug(file.stem) or file.suffix != ".md":
        raise CommandError(f"{file} is named like no issue: one is named like 2026-12-01-more-for-more.md.")
    if any(file.with_suffix("").glob("*")):
        err.print(
            f"The pictures and files in {file.with_suffix('')} stay here: the API takes none. Add them at the desk.",
            markup=False, soft_wrap=True,
        )  # fmt: skip
    return file.stem


def _show(file: Path, findings: Sequence[FindingLine]) -> int:
    """Print what the checks found, as `newsletter check` does, and return how many errors there are."""
    for each in findings:
        where = f"{file}:{each['line']}" if each["line"] else str(file)
        err.print(f"{where}: {each['level']}: {each['message']} [{each['code']}]", markup=False, soft_wrap=True)
    return sum(each["level"] == "error" for each in findings)


def _goes_at_once(text: str, slug: str, api: ApiConnection) -> bool:
    try:
        issue = parse_issue(slug, text.encode())
    except NewsletterError:
        return True  # the stack could read it, and this release cannot: then it is better to ask
    # By the day that it is in the farthest zone, as nobody here knows the newsletter's own.
    return issue.ready and issue.send == "now" and issue.date <= (api.clock.now() + timedelta(hours=14)).date()


def _awaited(api: ApiConnection, slug: str, version: str) -> dict[str, Any]:
    deadline = api.clock.now() + PATIENCE
    with err.status("Waiting for the preview"):
        while api.clock.now() < deadline:
            issue = _known(api, slug)
            if issue.get("version") == version:
                return {
                    "result": "published", "outlook": issue["outlook"], "status": issue["status"],
                    "public": issue["public"],
                }  # fmt: skip
            api.clock.sleep(1)
    raise CommandError(
        f"{slug} was handed in, and nothing came of it within {PATIENCE.seconds // 60} minutes. Look at it at the desk."
    )


def _known(api: ApiConnection, slug: str) -> dict[str, Any]:
    try:
        return dict(api.control("issue", slug=slug))
    except NotThereError:
        return {}


def _say(answer: dict[str, Any]) -> None:
    if answer["result"] == "uploaded":
        out.print(f"{answer['slug']} is handed in. `newsletter issues` shows what becomes of it.", markup=False)
        return
    out.print(f"{answer['slug']}: {answer['outlook']}\nIts preview is in the editors' mailbox", markup=False)

"""`newsletter publish`: an issue, its translations, pictures and files into the content bucket, and what came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.issues.adapters.s3_content import UPLOADED_BY
from newsletter_cli.console import confirm, err, out, show_json
from newsletter_cli.context import backend_of, goes_by_api, stack_of
from newsletter_cli.editor.findings import counted, show_findings
from newsletter_cli.problems import CommandError
from newsletter_cli.progress import progress
from newsletter_cli.stack import Stack

if TYPE_CHECKING:
    from newsletter.issues.domain.issue import Issue
    from newsletter_cli.editor.desk import Desk
    from newsletter_cli.editor.look import Look

PATIENCE = timedelta(minutes=3)
"""A stack that has slept needs seconds; pictures are waited for a minute."""


def publish(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="An issue, with its translations; a translation; or a folder of issues."),
    ],
    wait: Annotated[bool, typer.Option(help="Wait for the preview, and say when it goes out.")] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before an issue that goes out at once.")] = False,
    as_data: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Check an issue, upload it with its pictures and files, wait for its preview, and say when it goes out."""
    if goes_by_api(context):
        from newsletter_cli.remote.connection import connection_of
        from newsletter_cli.remote.publish import publish_by_api

        publish_by_api(connection_of(backend_of(context)), file, wait=wait, yes=yes, as_data=as_data)
        return
    from newsletter_cli.editor.desk import desk_of  # the libraries that render take a second to load
    from newsletter_cli.editor.editions import meant_by

    stack, desk = stack_of(context), desk_of(context)
    looks = [_look(each, desk, stack) for each in meant_by(file)]
    for looked in looks:
        show_findings(looked, err)
    if any(looked.refused for looked in looks):
        raise CommandError("Nothing was uploaded. Mend the errors above first.")
    for looked in looks:
        if _goes_at_once(looked, desk.local_now.date()) and not confirm(
            "It says “send: now”. Send it to everybody?", yes=yes
        ):
            raise CommandError("Nothing was uploaded.")
    issues = [list(editions) for _, editions in groupby(looks, key=lambda looked: looked.slug)]
    if len(issues) > 1 and not confirm(f"These are {len(issues)} issues. Upload what is new in them?", yes=yes):
        raise CommandError("Nothing was uploaded.")
    answers = [_published(stack, editions, named=not file.is_dir(), wait=wait) for editions in issues]
    if as_data:
        show_json(answers[0] if len(answers) == 1 else {"issues": answers})
    else:
        for answer, editions in zip(answers, issues, strict=True):
            _say(answer, editions[0], stack)
    if any(answer["result"] == "refused" for answer in answers):
        raise typer.Exit(1)


def _look(file: Path, desk: Desk, stack: Stack) -> Look:
    """Return the look at a file; the original of a translation may be in the bucket alone."""
    from newsletter_cli.editor.editions import edition_of
    from newsletter_cli.editor.look import look

    slug, code = edition_of(file)
    stored = None
    if code and not file.with_name(f"{slug}.md").is_file() and f"issues/{slug}.md" in _listed(stack, f"issues/{slug}."):
        stored = _read(stack, f"issues/{slug}.md").encode()
    return look(file, desk, original=stored)


def _published(stack: Stack, editions: Sequence[Look], *, named: bool, wait: bool) -> dict[str, Any]:
    """Upload an issue and return what came of it, with its name and the version of the first file."""
    first = editions[0]
    versions, uploaded = _upload(stack, editions, named=named)
    if uploaded is None:
        answer = {"result": "unchanged", "outlook": ""}
    elif wait:
        answer = _awaited(stack, editions, versions, uploaded)
    else:
        answer = {"result": "uploaded", "outlook": ""}
    return {"slug": first.slug, "version": versions.get(first.key, "")} | answer


def _goes_at_once(looked: Look, today: Any) -> bool:
    issue = looked.issue
    return issue is not None and issue.ready and issue.send == "now" and issue.date <= today


def _upload(stack: Stack, editions: Sequence[Look], *, named: bool) -> tuple[dict[str, str], datetime | None]:
    """Upload what is not there yet, the original last.

    Args:
        stack: Where to.
        editions: The files of one issue, the original first if it is among them.
        named: Whether the first was named by a person: then it is uploaded although the same stands there.

    Returns:
        The versions of the text files, and when the bucket got the last file; None if all was there.
    """
    s3, bucket, slug = stack.client("s3"), stack.resources.content_bucket, editions[0].slug
    there = _listed(stack, f"issues/{slug}")
    beside = {place: looked.folder for looked in editions for place in _beside(looked)}
    versions, put = dict[str, str](), list[str]()
    with progress() as bar:
        task = bar.add_task("Uploading", total=len(beside) + len(editions))
        for place, folder in beside.items():
            name = f"issues/{slug}/{place.relative_to(folder).as_posix()}"
            with place.open("rb") as opened:
                if not _stands(there, name, hashlib.file_digest(opened, _md5).hexdigest()):
                    opened.seek(0)
                    s3.put_object(Bucket=bucket, Key=name, Body=opened)
                    put.append(name)
            bar.advance(task)
        for looked in reversed(editions):
            if (named and looked is editions[0]) or not _stands(there, looked.key, _md5(looked.source).hexdigest()):
                answer = s3.put_object(
                    Bucket=bucket,
                    Key=looked.key,
                    Body=looked.source,
                    ContentType="text/markdown; charset=utf-8",
                    Metadata={UPLOADED_BY: stack.identity},
                )
                versions[looked.key] = answer.get("VersionId", "")
                put.append(looked.key)
            bar.advance(task)
    stands = _listed(stack, f"issues/{slug}") if put else {}
    return versions, max((stands[name]["LastModified"] for name in put if name in stands), default=None)


def _beside(looked: Look) -> list[Path]:
    return [*looked.pictures, *(each.place for each in looked.files)]


def _md5(source: bytes = b"") -> Any:
    return hashlib.md5(source, usedforsecurity=False)


def _stands(there: dict[str, dict[str, Any]], name: str, digest: str) -> bool:
    # What the bucket says about a file of one piece is its MD5: the same bytes need no second journey.
    found: str = there.get(name, {}).get("ETag", "")
    return found.strip('"') == digest


def _awaited(stack: Stack, editions: Sequence[Look], versions: dict[str, str], uploaded: datetime) -> dict[str, Any]:
    """Return what came of the upload.

    Raises:
        CommandError: Nothing, for too long.
    """
    slug = editions[0].slug
    original = next((each for each in editions if each.key == f"issues/{slug}.md" and each.key in versions), None)
    checks = {f"{key.removesuffix('.md')}.preflight.json" for key in {f"issues/{slug}.md", *versions}}
    deadline = stack.clock.now() + PATIENCE
    with err.status("Waiting for the preview"):
        while stack.clock.now() < deadline:
            beside = _listed(stack, f"issues/{slug}.")
            for key, version in versions.items():
                problems = f"{key.removesuffix('.md')}.problems.txt"
                if problems in beside and (refusal := _problems(stack, problems, version)):
                    return {"result": "refused", "outlook": "", "problems": refusal}
            if all(each in beside and beside[each]["LastModified"] >= uploaded for each in checks):
                answer = stack.control("issue", slug=slug)
                content = json.loads(_read(stack, f"issues/{slug}.preflight.json"))["content_hash"]
                if _announced(answer, original, versions) if original else answer["announced"].endswith(content):
                    taken = answer["version"] == versions[original.key] if original else None
                    return _result(answer, taken=answer["content_hash"] == content if taken is None else taken)
            stack.clock.sleep(1)
    raise CommandError(
        f"{slug} was uploaded, and nothing came of it within {PATIENCE.seconds // 60} minutes. "
        "See “Dead letters” in docs/operate.md."
    )


def _announced(answer: dict[str, Any], original: Look, versions: dict[str, str]) -> bool:
    """Return whether the editors have the preview of this file: a new one, or that of the same file before."""
    version = versions[original.key]
    if answer["announced_version"] == version:
        return True
    same = f"{hashlib.sha256(original.source).hexdigest()} {answer['content_hash']}"
    return bool(answer["version"] == version and answer["announced"] == same)


def _result(answer: dict[str, Any], *, taken: bool) -> dict[str, Any]:
    if taken:
        result, send_time = "published", answer["outlook"]
    else:
        result = "previewed"
        send_time = "It has gone out, and a draft changes nothing. Say “status: ready” to correct page and feeds."
    # A stack of a release before these has neither of the last two.
    stands = {"preview_url": answer.get("preview_url", ""), "public": answer.get("public", False)}
    return {"result": result, "outlook": send_time, "status": answer["status"]} | stands


def _read(stack: Stack, key: str) -> str:
    body = stack.client("s3").get_object(Bucket=stack.resources.content_bucket, Key=key)["Body"]
    text: str = body.read().decode()
    return text


def _problems(stack: Stack, key: str, version: str) -> str:
    """Return the list of problems if it is about this version, and nothing otherwise."""
    answer = stack.client("s3").get_object(Bucket=stack.resources.content_bucket, Key=key)
    text: str = answer["Body"].read().decode()
    return text if answer["Metadata"].get("about-version") == version else ""


def _listed(stack: Stack, prefix: str) -> dict[str, dict[str, Any]]:
    # A list, not a look at one key: whoever may list only issues/ is refused, not told, that there is nothing.
    pages = stack.client("s3").get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=stack.resources.content_bucket, Prefix=prefix)
    return {each["Key"]: each for page in found for each in page.get("Contents", [])}


def _say(answer: dict[str, Any], looked: Look, stack: Stack) -> None:
    if answer["result"] == "refused":
        out.print(f"The stack refused it:\n{answer['problems']}", markup=False)
        return
    if answer["result"] == "unchanged":
        out.print(f"{looked.slug} is there already, with all that belongs to it.", markup=False)
        return
    if answer["result"] == "uploaded":
        out.print(f"{looked.slug} is uploaded. `newsletter issues` shows what becomes of it.", markup=False)
        return
    out.print(f"{looked.slug}: {counted(looked)} {answer['outlook']}", markup=False)
    mailbox = stack.inbox_url if stack.is_local else "the editors' mailbox"
    out.print(f"Its preview is in {mailbox}", markup=False, soft_wrap=True)
    if answer["preview_url"]:
        out.print(
            f"Its preview page, for whoever has the link, is {answer['preview_url']}", markup=False, soft_wrap=True
        )
    if looked.issue and looked.rendered and (looked.issue.ready or answer["public"]):
        page = f"Its page {_since_when(answer, looked.issue)}: {stack.url}/{looked.rendered.path}"
        out.print(page, markup=False, soft_wrap=True)


def _since_when(answer: dict[str, Any], issue: Issue) -> str:
    if answer["public"]:
        return "is public"
    return "is public from its date on" if issue.send == "never" else "is public once it goes out, and not before"

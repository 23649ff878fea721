"""`newsletter publish`: an issue, its pictures and its files into the content bucket, and what came of it."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.issues.adapters.s3_content import UPLOADED_BY
from newsletter_cli.console import confirm, err, out, progress, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.editor.findings import counted, show_findings
from newsletter_cli.problems import CommandError
from newsletter_cli.stack import Stack

if TYPE_CHECKING:
    from newsletter.issues.domain.issue import Issue
    from newsletter_cli.editor.look import Look

PATIENCE = timedelta(minutes=3)
"""A stack that has slept needs seconds; pictures are waited for a minute."""


def publish(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The issue file; what it shows lies in <name>/.")],
    wait: Annotated[bool, typer.Option(help="Wait for the preview, and say when it goes out.")] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before an issue that goes out at once.")] = False,
    as_data: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Check an issue, upload it with its pictures and files, wait for its preview, and say when it goes out."""
    from newsletter_cli.editor.desk import desk_of  # the libraries that render take a second to load
    from newsletter_cli.editor.look import look

    stack, desk = stack_of(context), desk_of(context)
    looked = look(file, desk)
    show_findings(looked, err)
    if looked.refused:
        raise CommandError("Nothing was uploaded. Mend the errors above first.")
    if _goes_at_once(looked, desk.today) and not confirm("It says “send: now”. Send it to everybody?", yes=yes):
        raise CommandError("Nothing was uploaded.")
    version, uploaded = _upload(stack, looked)
    answer = _awaited(stack, looked, version, uploaded) if wait else {"result": "uploaded", "outlook": ""}
    if as_data:
        show_json({"slug": looked.slug, "version": version} | answer)
    else:
        _say(answer, looked, stack)
    if answer["result"] == "refused":
        raise typer.Exit(1)


def _goes_at_once(looked: Look, today: Any) -> bool:
    issue = looked.issue
    return issue is not None and issue.ready and issue.send == "now" and issue.date <= today


def _upload(stack: Stack, looked: Look) -> tuple[str, datetime]:
    """Upload what is not there yet, the issue last; return its version, and when the bucket got it."""
    s3, bucket = stack.client("s3"), stack.resources.content_bucket
    folder, key = f"issues/{looked.slug}/", f"issues/{looked.slug}.md"
    there = _listed(stack, folder)
    beside = [*looked.pictures, *(each.place for each in looked.files)]
    with progress() as bar:
        task = bar.add_task("Uploading", total=len(beside) + 1)
        for place in beside:
            name = folder + place.relative_to(looked.file.with_suffix("")).as_posix()
            with place.open("rb") as opened:
                # What the bucket says about a file of one piece is its MD5: the same bytes need no second journey.
                digest = hashlib.file_digest(opened, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
                if there.get(name, {}).get("ETag", "").strip('"') != digest:
                    opened.seek(0)
                    s3.put_object(Bucket=bucket, Key=name, Body=opened)
            bar.advance(task)
        answer = s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=looked.source,
            ContentType="text/markdown; charset=utf-8",
            Metadata={UPLOADED_BY: stack.identity},
        )
        bar.advance(task)
    return answer.get("VersionId", ""), _listed(stack, key)[key]["LastModified"]


def _awaited(stack: Stack, looked: Look, version: str, uploaded: datetime) -> dict[str, Any]:
    """Return what came of the upload.

    Raises:
        CommandError: Nothing, for too long.
    """
    deadline = stack.clock.now() + PATIENCE
    with err.status("Waiting for the preview"):
        while stack.clock.now() < deadline:
            beside = _listed(stack, f"issues/{looked.slug}.")
            problems = beside.get(f"issues/{looked.slug}.problems.txt")
            if problems and (refusal := _problems(stack, problems["Key"], version)):
                return {"result": "refused", "outlook": "", "problems": refusal}
            checked = beside.get(f"issues/{looked.slug}.preflight.json")
            if checked and checked["LastModified"] >= uploaded:
                answer = stack.control("issue", slug=looked.slug)
                if _announced(answer, looked, version):
                    return _result(answer, version)
            stack.clock.sleep(1)
    raise CommandError(
        f"{looked.slug} was uploaded, and nothing came of it within {PATIENCE.seconds // 60} minutes. "
        "See “Dead letters” in docs/operate.md."
    )


def _announced(answer: dict[str, Any], looked: Look, version: str) -> bool:
    """Return whether the editors have the preview of this file: a new one, or that of the same file before."""
    if answer["announced_version"] == version:
        return True
    same = f"{hashlib.sha256(looked.source).hexdigest()} {answer['content_hash']}"
    return bool(answer["version"] == version and answer["announced"] == same)


def _result(answer: dict[str, Any], version: str) -> dict[str, Any]:
    if answer["version"] == version:
        result, send_time = "published", answer["outlook"]
    else:
        result = "previewed"
        send_time = "It has gone out, and a draft changes nothing. Say “status: ready” to correct page and feeds."
    # A stack of a release before these has neither of the last two.
    stands = {"preview_url": answer.get("preview_url", ""), "public": answer.get("public", False)}
    return {"result": result, "outlook": send_time, "status": answer["status"]} | stands


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
    if looked.issue and (looked.issue.ready or answer["public"]):
        page = f"Its page {_since_when(answer, looked.issue)}: {stack.url}/issues/{looked.slug}/"
        out.print(page, markup=False, soft_wrap=True)


def _since_when(answer: dict[str, Any], issue: Issue) -> str:
    if answer["public"]:
        return "is public"
    return "is public from its date on" if issue.send == "never" else "is public once it goes out, and not before"

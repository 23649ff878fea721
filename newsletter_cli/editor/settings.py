"""`newsletter settings`: the publisher's own words and looks; what is in use, what was, and whether a file is good."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.core.house_style import NO_HOUSE_STYLE, HouseStyle
from newsletter.errors import InvalidNoticeError, InvalidSettingsError
from newsletter.issues.adapters.s3_house_style import KEY
from newsletter.issues.domain.settings_file import FEEDS, FIELDS, KNOWN, NOTICE, PICTURE, SETTINGS, WORDS
from newsletter.issues.domain.upload import problems_key
from newsletter_cli.console import out, show_json, show_table
from newsletter_cli.context import stack_of
from newsletter_cli.editor.try_feeds import try_feeds
from newsletter_cli.problems import CommandError, UsageError
from newsletter_cli.stack import Stack

if TYPE_CHECKING:
    from newsletter.issues.domain.picture import Picture

settings_app = typer.Typer(no_args_is_help=True, help="The publisher's own words and looks: check, upload, go back.")
settings_app.command("try-feeds")(try_feeds)
Data = Annotated[bool, typer.Option("--json", help="For programs.")]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="As in settings/: brand.yaml, fields.yaml, feeds.yaml, words/de.yaml.")
]
File = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="brand.yaml, fields.yaml, feeds.yaml, <language>.yaml, privacy.md or a logo."),
]


@settings_app.command()
def check(file: File) -> None:
    """Check a file as the stack does, before it is uploaded. Exit code 1 if it would be refused. Needs no stack."""
    problems = _problems(_key_of(file.name), file)
    for problem in problems:
        out.print(f"{file}: {problem}", markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(1)
    out.print(f"{file}: nothing found.", markup=False, soft_wrap=True)


@settings_app.command()
def publish(context: typer.Context, file: File) -> None:
    """Check a file and upload it; it is in use within a minute, and the editors get an email that shows it."""
    stack, key = stack_of(context), _key_of(file.name)
    if problems := _problems(key, file):
        raise CommandError("\n".join([*(f"{file}: {problem}" for problem in problems), "Nothing was uploaded."]))
    _put(stack, key, file.read_bytes())


@settings_app.command()
def show(context: typer.Context, as_data: Data = False) -> None:
    """Show which files are in use, which were refused and why, and the words in use."""
    stack = stack_of(context)
    style, there = _style(stack), _listed(stack, SETTINGS)
    if as_data:
        show_json(json.loads(style.to_json()))
        return
    rows = [(key.removeprefix(SETTINGS), _state(key, style, there)) for key in (*KNOWN, NOTICE)]
    show_table(("file", "state"), rows, nothing="")
    for name, value in [*style.brand.items(), *style.fields.items(), *style.feeds.items(), *style.words.items()]:
        out.print(f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}", markup=False)
    for key in KNOWN:
        if problems_key(key) in there:
            out.print(_read(stack, problems_key(key)).decode(), markup=False)


@settings_app.command()
def history(context: typer.Context, name: Name, as_data: Data = False) -> None:
    """Show the versions of a file, the newest first."""
    stack, key = stack_of(context), _key_of(name)
    style, found = _style(stack), list(_versions(stack, key))
    versions = [
        {
            "version": each["VersionId"],
            "uploaded": each["LastModified"].isoformat(timespec="seconds"),
            "bytes": each["Size"],
            "in_use": style.versions.get(key) == each["VersionId"],
        }
        for each in found
    ]
    if as_data:
        show_json(versions)
        return
    rows = [[each["version"], each["uploaded"], each["bytes"], "in use" if each["in_use"] else ""] for each in versions]
    show_table(("version", "uploaded", "bytes", ""), rows, nothing=f"{key} was never uploaded.")


@settings_app.command()
def restore(
    context: typer.Context,
    name: Name,
    version: Annotated[str, typer.Argument(metavar="VERSION", help="As `newsletter settings history` shows it.")],
) -> None:
    """Upload a version again; it is checked like any upload."""
    stack, key = stack_of(context), _key_of(name)
    if version not in [each["VersionId"] for each in _versions(stack, key)]:
        raise CommandError(f"{key} has no version {version}. `newsletter settings history {name}` shows them.")
    _put(stack, key, _read(stack, key, version))


def _key_of(name: str) -> str:
    """Return where a file of this name lies in the bucket.

    Raises:
        UsageError: No file of settings/ has that name.
    """
    bare = name.removeprefix(SETTINGS)
    for key in (*KNOWN, NOTICE):
        if bare in (key.removeprefix(SETTINGS), key.removeprefix(f"{SETTINGS}words/")):
            return key
    if PICTURE.fullmatch(bare):
        return f"{SETTINGS}{bare}"
    names = ", ".join(key.removeprefix(SETTINGS) for key in (*KNOWN, NOTICE))
    raise UsageError(f"{name} is no file of settings/. They are {names}, and logos (.png, .jpg, .gif).")


def _problems(key: str, file: Path) -> list[str]:
    """Return what is wrong with a file on this machine, as sentences."""
    from newsletter.issues.domain.privacy_notice import read_notice
    from newsletter.issues.jobs.take_settings import fitted_logo
    from newsletter.issues.settings.settings_files import SettingsFiles  # the libraries take a while to load
    from newsletter.web.jinja import Templates
    from newsletter_cli.editor.desk import TEMPLATES

    source = file.read_bytes()
    reader = SettingsFiles(Templates(TEMPLATES).layer_brand)
    try:
        if key == NOTICE:
            read_notice(source)
        elif key in WORDS:
            reader.words(key, source)
        elif key == FIELDS:
            reader.fields(source)
        elif key == FEEDS:
            reader.feeds(source)
        elif key in KNOWN:
            _, logo = reader.brand(source)
            if logo:
                fitted_logo(logo, lambda name: _fitted(file.parent, name), "")
    except InvalidSettingsError as refusal:
        return [str(each) for each in refusal.problems]
    except InvalidNoticeError as refusal:
        return [str(refusal)]
    return []


def _fitted(folder: Path, name: str) -> Picture | None:
    from newsletter.issues.adapters.pictures import PillowPictures

    path = folder / name
    return PillowPictures().prepare("", name, path.read_bytes())[0] if path.is_file() else None


def _put(stack: Stack, key: str, body: bytes) -> None:
    stack.client("s3").put_object(Bucket=stack.resources.content_bucket, Key=key, Body=body)
    mailbox = stack.inbox_url if stack.is_local else "the editors' mailbox"
    out.print(f"{key} is uploaded. It is in use within a minute; what came of it is in {mailbox}", markup=False)


def _style(stack: Stack) -> HouseStyle:
    return HouseStyle.from_json(_read(stack, KEY).decode()) if KEY in _listed(stack, KEY) else NO_HOUSE_STYLE


def _state(key: str, style: HouseStyle, there: set[str]) -> str:
    if key not in there:
        return "not uploaded; ours is in use"
    if problems_key(key) in there:
        return "refused, the last good one stays in use" if key in style.versions else "refused, ours is in use"
    return "in use" if key in style.versions or key == NOTICE else "uploaded a moment ago"


def _listed(stack: Stack, prefix: str) -> set[str]:
    pages = stack.client("s3").get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=stack.resources.content_bucket, Prefix=prefix)
    return {each["Key"] for page in found for each in page.get("Contents", [])}


def _read(stack: Stack, key: str, version: str = "") -> bytes:
    which = {"VersionId": version} if version else {}
    body: bytes = stack.client("s3").get_object(Bucket=stack.resources.content_bucket, Key=key, **which)["Body"].read()
    return body


def _versions(stack: Stack, key: str) -> Iterator[dict[str, Any]]:
    pages = stack.client("s3").get_paginator("list_object_versions")
    for page in pages.paginate(Bucket=stack.resources.content_bucket, Prefix=key):
        yield from (each for each in page.get("Versions", []) if each["Key"] == key)

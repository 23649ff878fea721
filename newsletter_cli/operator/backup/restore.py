"""`newsletter restore`: a backup, put into a fresh stack, and no mail leaves."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from newsletter.issues.domain.upload import FOLDER
from newsletter_cli.console import confirm, err, out
from newsletter_cli.context import stack_of
from newsletter_cli.operator.backup.buckets import keys_of, load_bucket, read_entries
from newsletter_cli.operator.backup.manifest import (
    BUCKETS,
    SECRETS,
    TABLES,
    Manifest,
    damaged,
    fingerprint,
    read_manifest,
)
from newsletter_cli.operator.backup.restored_secrets import put_secrets, read_secrets
from newsletter_cli.operator.backup.silence import silenced
from newsletter_cli.operator.backup.tables import is_empty, load_table
from newsletter_cli.operator.restore_marks import RESTORE, forget, note, noted
from newsletter_cli.problems import CommandError
from newsletter_cli.progress import progress
from newsletter_cli.stack import Stack

WHAT_NOW = """\
Nothing is mailed before you say so:
- issues that are ready are held, and sends that were open are paused;
- whoever left after the backup is on the list again: find out before you send;
- then release the issues and resume or cancel the sends, one by one."""


def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A backup.")],
    secrets: Annotated[Path | None, typer.Option(help="Its secrets.json, if you keep it elsewhere.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the backup and the stack.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Over what the stack holds.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a backup into a fresh stack. No email goes out: what was under way waits until you let it continue."""
    stack, manifest = stack_of(context), read_manifest(folder)
    check_backup(folder, manifest)
    under_way = _check_stack(stack, manifest, force=force)
    keys = _key_file(stack, folder, secrets, manifest)
    items, objects = sum(manifest.tables.values()), sum(manifest.buckets.values())
    again = "goes on with" if under_way else "puts"
    out.print(f"This {again} {items:,} items and {objects:,} objects of {manifest.made_at} into {stack.name}.")
    if dry_run or not confirm(f"Restore into {stack.name}?", yes=yes):
        return
    load_stack(stack, folder, manifest, keys=keys, now=datetime.now(UTC))
    refresh_archive(stack)
    out.print(WHAT_NOW)


def check_backup(folder: Path, manifest: Manifest) -> None:
    """Check every hash.

    Raises:
        CommandError: Something is missing or changed.
    """
    wrong = damaged(folder, manifest)
    if wrong:
        raise CommandError(f"The backup is damaged: {wrong[0]} is missing or changed. Nothing was restored.")


def load_stack(
    stack: Stack, folder: Path, manifest: Manifest, *, keys: Path | None, now: datetime
) -> dict[tuple[str, str], str]:
    """Put everything back. Cut off, the same command goes on: every step can be repeated.

    Args:
        stack: Where to.
        folder: The backup.
        manifest: What it says about itself.
        keys: The file with the secrets; None if the stack has the same address key.
        now: The moment of the restore.

    Returns:
        The new versions of the content bucket's files, by key and old version.
    """
    dynamodb, limits = stack.client("dynamodb"), stack.resources.tables["limits"]
    note(dynamodb, limits, RESTORE, at=now, backup=manifest.name)
    if keys is not None:
        put_secrets(stack, read_secrets(keys, manifest), now=now)
    versions = _load_buckets(stack, folder)
    _load_tables(stack, folder, manifest, versions, now)
    forget(dynamodb, limits, RESTORE)
    return versions


def refresh_archive(stack: Stack) -> None:
    """Have the home page and the feeds written from what is listed now."""
    refresh = json.dumps({"refresh": "archive", "slug": None})
    stack.client("sqs").send_message(QueueUrl=stack.resources.queues["publish"], MessageBody=refresh)


def _load_buckets(stack: Stack, folder: Path) -> dict[tuple[str, str], str]:
    names = {"content": stack.resources.content_bucket, "site": stack.resources.site_bucket}
    versions: dict[tuple[str, str], str] = {}
    with progress() as bar:
        for word in BUCKETS:
            entries = read_entries(folder, word)
            task = bar.add_task(f"{word} bucket", total=len(entries))
            put = load_bucket(
                stack.client("s3"),
                names[word],
                folder,
                entries,
                marked=word == "content",
                now=time.time,
                advance=partial(bar.advance, task),
            )
            if word == "content":
                versions = put
    return versions


def _load_tables(
    stack: Stack, folder: Path, manifest: Manifest, versions: dict[tuple[str, str], str], now: datetime
) -> None:
    with progress() as bar:
        for word in TABLES:
            task = bar.add_task(word, total=manifest.tables.get(word, 0))
            load_table(
                stack.client("dynamodb"),
                stack.resources.tables[word],
                sorted(folder.glob(f"{word}-*.jsonl.gz")),
                change=partial(silenced, word, versions=versions, now=now),
                advance=partial(bar.advance, task),
            )


def _check_stack(stack: Stack, manifest: Manifest, *, force: bool) -> bool:
    """Return whether a restore of this very backup was cut off in this stack.

    Raises:
        CommandError: The stack holds something else.
    """
    dynamodb, tables = stack.client("dynamodb"), stack.resources.tables
    mark = noted(dynamodb, tables["limits"], RESTORE)
    if mark is not None and mark[1] == manifest.name:
        return True
    used = [word for word in ("subscribers", "issues", "suppressions") if not is_empty(dynamodb, tables[word])]
    if keys_of(stack.client("s3"), stack.resources.content_bucket, FOLDER):
        used.append("content")
    if used and not force:
        raise CommandError(
            f"The stack {stack.name} is not empty: it holds {used[0]}. Restore into a fresh one, or use --force; "
            "then what is in both becomes as it was, and what is in the stack alone stays."
        )
    if used:
        err.print("The stack is not empty; what is in both becomes as it was.", style="yellow")
    return False


def _key_file(stack: Stack, folder: Path, named: Path | None, manifest: Manifest) -> Path | None:
    """Return the file with the secrets, if the stack needs them or a person named it.

    A stack with the same address key keeps its own signing keys: they are the newer ones.

    Raises:
        CommandError: It does, and there is none.
    """
    if named is None and fingerprint(stack.app.address_key) == manifest.address_key:
        return None
    file = named or folder / SECRETS
    if named is None and not file.exists():
        raise CommandError(
            "The stack has another AddressKey than the backup, so nobody would be known again. Name the file "
            "with the secrets (--secrets), or put the old key into the stack's secret AddressKey first."
        )
    read_secrets(file, manifest)
    return file

"""`newsletter backup`: everything that a stack holds, in one folder."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from newsletter_cli.console import err, out
from newsletter_cli.context import stack_of
from newsletter_cli.operator.backup.buckets import save_bucket
from newsletter_cli.operator.backup.manifest import (
    BUCKETS,
    SECRETS,
    TABLES,
    Manifest,
    fingerprint,
    sha256_of,
    write_manifest,
)
from newsletter_cli.operator.backup.tables import save_table
from newsletter_cli.operator.open_sends import open_sends
from newsletter_cli.operator.signing_keys import read_key
from newsletter_cli.problems import CommandError, UsageError
from newsletter_cli.progress import progress
from newsletter_cli.stack import Stack

WITHOUT_SECRETS = (
    "The secrets are not in it. It can be restored only into a stack with the same AddressKey: "
    "ids are made of addresses with that key. Say --with-secrets if the secrets may get lost too."
)
WITH_SECRETS = (
    f"{SECRETS} holds the keys in plain text: whoever reads it can sign links. "
    "Move it to where you keep passwords, apart from the backup; `restore --secrets FILE` reads it from there."
)


def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    with_secrets: Annotated[bool, typer.Option("--with-secrets", help="The two secrets too, in plain text.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Although a send is open.")] = False,
) -> None:
    """Copy the five tables and the newest version of every object. The folder holds addresses: keep it as such."""
    stack = stack_of(context)
    if folder.exists():
        raise UsageError(f"{folder} exists. Name a folder that does not: a backup never replaces another.")
    if (going := open_sends(stack)) and not force:
        raise CommandError(
            f"The send of {going[0]} is open: its batches would be of different moments, and people could be mailed "
            "twice after a restore. Wait until it is over, pause it, or use --force."
        )
    manifest = save_stack(stack, folder, with_secrets=with_secrets, now=datetime.now(UTC))
    items, objects = sum(manifest.tables.values()), sum(manifest.buckets.values())
    out.print(f"Saved {items:,} items and {objects:,} objects in {folder}.", soft_wrap=True)
    err.print(WITH_SECRETS if with_secrets else WITHOUT_SECRETS, style="yellow")


def save_stack(stack: Stack, folder: Path, *, with_secrets: bool, now: datetime) -> Manifest:
    """Write the backup; the folder gets its name when everything is in it, and is gone if something is not."""
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    try:
        manifest = _saved(stack, unfinished, with_secrets=with_secrets, now=now)
        write_manifest(unfinished, manifest)
        unfinished.rename(folder)
    except BaseException:  # Ctrl-C too: half a backup is none
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return manifest


def _saved(stack: Stack, folder: Path, *, with_secrets: bool, now: datetime) -> Manifest:
    tables, buckets = {}, {}
    dynamodb, s3 = stack.client("dynamodb"), stack.client("s3")
    names = {"content": stack.resources.content_bucket, "site": stack.resources.site_bucket}
    with progress() as bar:
        for word in TABLES:
            task = bar.add_task(word, total=None)
            counts = save_table(
                dynamodb, stack.resources.tables[word], folder, word, advance=partial(bar.advance, task)
            )
            tables[word] = sum(counts)
            bar.update(task, total=tables[word])
        for word in BUCKETS:
            task = bar.add_task(f"{word} bucket", total=None)
            entries = save_bucket(s3, names[word], folder, word, advance=partial(bar.advance, task))
            buckets[word] = len(entries)
            bar.update(task, total=len(entries))
    key = stack.app.address_key
    if with_secrets:
        _save_secrets(stack, folder, key)
    files = {file.name: sha256_of(file) for file in sorted(folder.iterdir()) if file.is_file()}
    settings = {name: str(value) for name, value in asdict(stack.settings).items()}
    return Manifest(
        made_at=now.isoformat(timespec="seconds"),
        stack=stack.name,
        url=stack.url,
        address_key=fingerprint(key),
        settings=settings,
        tables=tables,
        buckets=buckets,
        files={name: digest for name, digest in files.items() if name != SECRETS},
    )


def _save_secrets(stack: Stack, folder: Path, address_key: str) -> None:
    signing_keys = read_key(stack, stack.settings.signing_keys_secret)
    file = folder / SECRETS
    file.touch(mode=0o600)
    plain = {"address_key": address_key, "signing_keys": json.loads(signing_keys)}
    file.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")

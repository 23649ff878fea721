"""`newsletter drill`: proof that a backup of this stack can be restored."""

from __future__ import annotations

import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import typer

from newsletter_cli.console import err, out
from newsletter_cli.context import stack_of
from newsletter_cli.operator.backup.backup import save_stack
from newsletter_cli.operator.backup.comparison import differences
from newsletter_cli.operator.backup.laptop import fresh_laptop
from newsletter_cli.operator.backup.manifest import SECRETS
from newsletter_cli.operator.backup.restore import check_backup, load_stack, refresh_archive
from newsletter_cli.operator.queue_facts import SIGN_OF_LIFE, queue_facts
from newsletter_cli.operator.restore_marks import DRILL, note
from newsletter_cli.problems import CommandError
from newsletter_cli.stack import Stack

PATIENCE = 300
"""Seconds for the functions of the laptop stack to look at everything that was restored."""


def drill(context: typer.Context) -> None:
    """Back up this stack, restore it into a fresh stack on this machine, and compare.

    Nothing in this stack changes, but the date of the drill. What was copied to this machine is removed.
    """
    stack = stack_of(context)
    with tempfile.TemporaryDirectory(prefix="newsletter-drill-") as temporary:  # mode 0700
        folder = Path(temporary) / "backup"
        err.print(f"Saving {stack.name}")
        manifest = save_stack(stack, folder, with_secrets=True, now=datetime.now(UTC))
        check_backup(folder, manifest)
        err.print("Starting a fresh stack on this machine")
        with fresh_laptop(Path(temporary)) as laptop:
            versions = load_stack(laptop, folder, manifest, keys=folder / SECRETS, now=datetime.now(UTC))
            wrong = differences(laptop, folder, versions)
            mails = mails_that_left(laptop)
    if wrong:
        raise CommandError(f"The drill failed: {len(wrong)} differences, the first: {wrong[0]}.")
    if mails:
        raise CommandError(f"The drill failed: {mails} emails left the restored stack.")
    note(stack.client("dynamodb"), stack.resources.tables["limits"], DRILL, at=datetime.now(UTC))
    items, objects = sum(manifest.tables.values()), sum(manifest.buckets.values())
    out.print(f"{items:,} items and {objects:,} objects came back as they were, and no email went out.")


def mails_that_left(laptop: Stack) -> int:
    """Let the functions of a laptop stack do all they have to do, and return how many mails are in its inbox."""
    refresh_archive(laptop)
    settle = json.dumps({"settle": "open sends"})
    laptop.client("sqs").send_message(QueueUrl=laptop.resources.queues["settle"], MessageBody=settle)
    _wait_until_quiet(laptop)
    with urlopen(f"{laptop.inbox_url}/api/messages", timeout=30) as answer:  # noqa: S310 - the laptop's own address
        return len(json.load(answer))


def _wait_until_quiet(laptop: Stack) -> None:
    deadline, sqs = time.monotonic() + PATIENCE, laptop.client("sqs")
    urls = [url for word, url in laptop.resources.queues.items() if word != SIGN_OF_LIFE]
    while not all(queue_facts(sqs, url).empty for url in urls):
        if time.monotonic() > deadline:
            raise CommandError("The restored stack did not come to rest within five minutes.")
        time.sleep(0.5)

"""The restore drill: backup, destroy, restore into a fresh laptop stack. All is as it was, and no email went out."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from local.reader import wait_for
from local.stack import running
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.domain.send import PausedBy, SendState
from newsletter_cli.main import app
from newsletter_cli.operator.backup.lines import to_line
from newsletter_cli.operator.restore_marks import DRILL
from newsletter_cli.problems import CommandError
from tests.factories import subscriber
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

READERS = ("ada@example.org", "ben@example.org", "cyd@example.org")
GONE = "eve@example.org"
SENT, WAITING, OPEN = "2026-11-03-sent", "2026-11-17-waiting", "2026-11-10-open"
ISSUE = "---\ntitle: {title}\ndate: {date}\n{more}---\n\nDear {{{{ name | reader }}}}, this is the whole issue.\n"


@dataclass
class Drill:
    """What is known of the first stack, which is gone, and the second, into which it was restored."""

    laptop: Laptop
    before: dict[str, list[dict[str, Any]]]
    backup: Path
    old_link: str
    """To leave, from a mail of the first stack; with the address of the second, as if both had the same domain."""
    said: Result


def newsletter(folder: Path, *arguments: str) -> Result:
    """Run the command line in a folder."""
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        return CliRunner().invoke(app, ["--local", *arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    folder = tmp_path_factory.mktemp("drill")
    backup, home = folder / "backup", folder / ".local"
    with running(home) as (_, where):
        first = Laptop(home, where)
        old_link = _story(first)
        proof = newsletter(folder, "drill")
        assert "no email went out" in proof.output, proof.output
        done = first.client("dynamodb").get_item(TableName=where["tables"]["limits"], Key={"counter_key": {"S": DRILL}})
        assert "Item" in done
        with pytest.raises(CommandError, match=f"The send of {OPEN} is open"):
            newsletter(folder, "backup", str(backup))
        saved = newsletter(folder, "backup", str(backup), "--with-secrets", "--force")
        assert saved.exit_code == 0, saved.output
        before = first.tables()
    with running(home) as (_, where):
        second = Laptop(home, where)
        said = newsletter(folder, "restore", str(backup), "--yes")
        assert said.exit_code == 0, said.output
        second.tell("settle", '{"settle": "open sends"}')
        second.wait_until_quiet()
        yield Drill(second, before, backup, old_link.replace(first.url, second.url), said)


def _story(laptop: Laptop) -> str:
    """Send one issue, leave one waiting and one under way; return a link to leave."""
    for email in (*READERS, GONE):
        assert laptop.subscribers.save(subscriber(subscriber_id=laptop.who(email), email=email))
    _upload(laptop, SENT, "send: now\n")
    assert laptop.books(SENT).balanced
    message = laptop.inbox.messages(**{"to": GONE, "tag.kind": "issue"})[0]
    link = laptop.link(message, "unsubscribe")
    httpx.post(link, data={"List-Unsubscribe": "One-Click"}, timeout=30).raise_for_status()
    _upload(laptop, WAITING, "")
    # No worker runs, so that the backup meets every batch planned and none claimed: of a claimed one nobody could
    # know what SES accepted, and it would rightly wait for evidence that a new stack never gets.
    send = laptop.where["functions"]["send"]
    laptop.client("lambda").put_function_concurrency(FunctionName=send, ReservedConcurrentExecutions=0)
    _upload(laptop, OPEN, "send: now\n")
    sends = DynamoSends(laptop.client("dynamodb"), laptop.where["tables"]["sends"])
    wait_for("every recipient in a batch", lambda: sum(len(each.ids) for each in sends.batches(OPEN)) == len(READERS))
    return link


def _upload(laptop: Laptop, slug: str, more: str) -> None:
    laptop.upload(slug, ISSUE.format(title=slug[11:].capitalize(), date=slug[:10], more=more))


def of(rows: list[dict[str, Any]], slug: str, item: str = "") -> dict[str, Any]:
    """Return one row of a table."""
    return next(row for row in rows if row["slug"]["S"] == slug and (not item or row["item"]["S"] == item))


def test_no_mail_left(drill: Drill) -> None:
    assert drill.laptop.inbox.messages() == []


def test_everybody_on_the_list_and_off_it_is_as_they_were(drill: Drill) -> None:
    after = drill.laptop.tables()

    for table in ("subscribers", "suppressions"):
        assert sorted(map(to_line, after[table])) == sorted(map(to_line, drill.before[table]))
    assert len(after["subscribers"]) == len(READERS) + 1
    gone = drill.laptop.held(GONE)
    assert gone is not None
    assert gone.status == "unsubscribed"


def test_the_books_of_what_was_sent_are_as_they_were(drill: Drill) -> None:
    before, after = drill.before["sends"], drill.laptop.tables()["sends"]

    header = of(after, SENT, "header")
    mailed = {"reported", "reports_mailed"}  # the editors get no report because of a restore
    was = of(before, SENT, "header")
    assert {k: v for k, v in header.items() if k not in mailed} == {k: v for k, v in was.items() if k not in mailed}
    assert json.loads(header["books"]["S"])["sent"] == len(READERS) + 1
    batches = [row for row in before if row["slug"]["S"] == SENT and "ids" in row]
    assert batches
    assert all(batch in after for batch in batches)


def test_what_was_ready_is_held_and_what_was_open_is_paused(drill: Drill) -> None:
    waiting = of(drill.laptop.tables()["issues"], WAITING)
    assert (waiting["status"]["S"], waiting["held"]["BOOL"]) == ("ready", True)

    header = of(drill.laptop.tables()["sends"], OPEN, "header")
    assert (header["state"]["S"], header["paused_by"]["S"]) == (SendState.PAUSED, PausedBy.PERSON)
    assert "came from a backup" in header["paused_because"]["S"]
    assert "resume_at" not in header


def test_a_slot_that_passed_since_the_backup_is_left_alone(drill: Drill) -> None:
    answer = drill.laptop.client("lambda").invoke(
        FunctionName=drill.laptop.where["functions"]["schedule"], Payload=b'{"watch": "slots"}'
    )

    assert json.loads(answer["Payload"].read())["fired"] == []


def test_pages_and_files_are_back(drill: Drill) -> None:
    assert httpx.get(f"{drill.laptop.url}/issues/{SENT}/").status_code == 200
    keys = drill.laptop.client("s3").list_objects_v2(Bucket=drill.laptop.where["content_bucket"])["Contents"]
    assert f"issues/{WAITING}.md" in {each["Key"] for each in keys}


def test_an_old_link_to_leave_works_in_the_new_stack(drill: Drill) -> None:
    assert httpx.get(drill.old_link, timeout=30).status_code == 200


def test_a_stack_that_is_not_empty_is_not_written_over(drill: Drill) -> None:
    again = newsletter_fails(drill, "restore", str(drill.backup), "--yes")

    assert "is not empty" in again


def test_a_damaged_backup_is_not_restored(drill: Drill, tmp_path: Path) -> None:
    copy = drill.backup.parent / "damaged"
    copy.mkdir()
    for file in drill.backup.iterdir():
        if file.is_file():
            (copy / file.name).write_bytes(file.read_bytes())
    victim = next(copy.glob("subscribers-*.jsonl.gz"))
    victim.write_bytes(victim.read_bytes() + b"x")

    assert f"{victim.name} is missing or changed" in newsletter_fails(drill, "restore", str(copy), "--force", "--yes")


def test_the_keys_are_in_a_file_of_their_own_that_nobody_else_reads(drill: Drill) -> None:
    file = drill.backup / "secrets.json"

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(drill.backup.stat().st_mode) == 0o700
    others = [each for each in drill.backup.iterdir() if each.is_file() and each != file]
    assert not any(drill.laptop.address_key.encode() in each.read_bytes() for each in others)


def test_last_an_operator_lets_the_send_go_on_and_everybody_gets_it_once(drill: Drill) -> None:
    """Last in this file: from here on mail leaves."""
    wish = json.dumps({"action": "resume", "slug": OPEN}).encode()
    drill.laptop.client("lambda").invoke(FunctionName=drill.laptop.where["functions"]["control"], Payload=wish)

    books = drill.laptop.books(OPEN)

    assert (books.audience, books.sent, books.balanced) == (3, 3, True)
    assert sorted(drill.laptop.inbox.recipients_of(OPEN)) == sorted(READERS)


def newsletter_fails(drill: Drill, *arguments: str) -> str:
    """Run the command line, which refuses, and return the sentence it ends with."""
    with pytest.raises(CommandError) as refusal:
        newsletter(drill.laptop.home.parent, *arguments)
    return str(refusal.value)

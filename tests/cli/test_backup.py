"""Backups: what is in them, that half of one is none, and that a restore goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest

from newsletter.core.link_token import SigningKeys
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.issues.adapters.s3_content import RESTORED, S3Content
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.domain.send import Again, PausedBy, Send, SendState
from newsletter_cli.key_parameters import SIGNING, KeyParameters, parameter_name
from newsletter_cli.operator.backup.backup import save_stack
from newsletter_cli.operator.backup.buckets import load_bucket, read_entries, save_bucket
from newsletter_cli.operator.backup.lines import from_line, read_lines, to_line, write_lines
from newsletter_cli.operator.backup.manifest import Manifest, damaged, read_manifest
from newsletter_cli.operator.backup.restore import _check_stack, _key_file, load_stack
from newsletter_cli.operator.backup.restored_secrets import ID_MAKERS, put_secrets, read_secrets
from newsletter_cli.operator.backup.silence import silenced
from newsletter_cli.operator.backup.tables import load_table
from newsletter_cli.operator.restore_marks import RESTORE, note, noted
from newsletter_cli.operator.signing_keys import SIGNERS, VERIFIERS, read_ring
from newsletter_cli.problems import CommandError
from newsletter_cli.resources import Resources
from newsletter_cli.stack import Stack
from tests.cli.healthy import NOW, Client
from tests.factories import SLUG, an_id, record, subscriber
from tests.functions.conftest import QUEUES, SETTINGS
from tests.moto_aws import CREDENTIALS, REGION, TABLES, aws_in_process

KEY = f"issues/{SLUG}.md"


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A stack with one reader, one ready issue and a page."""
    with aws_in_process():
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        s3: Any = boto3.client("s3", region_name=REGION)
        for bucket in ("content", "site"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        secrets = boto3.client("secretsmanager", region_name=REGION)
        secrets.create_secret(Name="address-key", SecretString="a" * 64)
        secrets.create_secret(Name="signing-keys", SecretString=json.dumps({"current": "c" * 64}))
        publish = boto3.client("sqs", region_name=REGION).create_queue(QueueName="publish")["QueueUrl"]
        resources = Resources(
            "", "content", "site", {each.removesuffix("Table").lower(): each for each in TABLES},
            {"publish": publish}, {"control": "control"},
        )  # fmt: skip
        made = Stack("moto", cast(boto3.Session, _Session()), resources, "https://briefing.example.org")
        dynamodb = made.client("dynamodb")
        DynamoSubscribers(dynamodb, "SubscribersTable").save(subscriber())
        put = s3.put_object(Bucket="content", Key=KEY, Body=b"text", ContentType="text/markdown")
        DynamoIssues(dynamodb, "IssuesTable").put(record(version=put["VersionId"]), before=None)
        s3.put_object(Bucket="site", Key="index.html", Body=b"<p>", CacheControl="max-age=300", Metadata={"a": "b"})
        yield made


class _Session:
    """Everything is asked of AWS in the process, but functions, whose configuration is written down."""

    def __init__(self, **changed: str) -> None:
        self._changed = changed

    def client(self, service: str, **_: Any) -> Any:
        urls = {f"{word.upper()}_QUEUE_URL": "x" for word in QUEUES}
        if service == "lambda":
            variables = {**SETTINGS, **urls, **self._changed}
            return Client(
                {
                    "get_function_configuration": {"Environment": {"Variables": variables}, "RevisionId": "1"},
                    "update_function_configuration": {},
                },
                SimpleNamespace(meta=None, get_waiter=lambda _: Client({"wait": {}})),
            )
        return boto3.client(service, region_name=REGION)  # type: ignore[call-overload]


def saved(stack: Stack, folder: Path, *, with_secrets: bool = False) -> Manifest:
    return save_stack(stack, folder, with_secrets=with_secrets, now=NOW)


def items(stack: Stack, word: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stack.client("dynamodb").scan(TableName=stack.resources.tables[word])["Items"]
    return found


def empty(stack: Stack) -> None:
    """Destroy what the stack holds."""
    dynamodb, s3 = stack.client("dynamodb"), stack.client("s3")
    for word, keys in (("subscribers", ["subscriber_id"]), ("issues", ["slug"]), ("sends", ["slug", "item"])):
        for item in items(stack, word):
            dynamodb.delete_item(TableName=stack.resources.tables[word], Key={key: item[key] for key in keys})
    s3.delete_object(Bucket="content", Key=KEY)
    s3.delete_object(Bucket="site", Key="index.html")


def test_a_backup_says_what_is_in_it_and_shows_when_something_was_changed(stack: Stack, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    manifest = saved(stack, folder)

    assert (manifest.tables["subscribers"], manifest.tables["issues"], manifest.buckets) == (
        1, 1, {"content": 1, "site": 1},
    )  # fmt: skip
    assert read_manifest(folder) == manifest
    assert damaged(folder, manifest) == []
    assert not (folder / "secrets.json").exists()
    (folder / "site.jsonl").write_text("")
    assert damaged(folder, manifest) == ["site.jsonl"]


def test_half_a_backup_is_none(stack: Stack, tmp_path: Path) -> None:
    broken = replace(stack, resources=replace(stack.resources, site_bucket="not-there"))

    with pytest.raises(Exception, match="NoSuchBucket"):
        saved(broken, tmp_path / "backup")

    assert list(tmp_path.iterdir()) == []


def test_a_restore_brings_back_items_and_objects_with_what_they_say_about_themselves(
    stack: Stack, tmp_path: Path
) -> None:
    readers = items(stack, "subscribers")
    manifest = saved(stack, tmp_path / "backup")
    empty(stack)

    load_stack(stack, tmp_path / "backup", manifest, keys=None, now=NOW)

    assert items(stack, "subscribers") == readers
    page = stack.client("s3").get_object(Bucket="site", Key="index.html")
    assert (page["Body"].read(), page["CacheControl"], page["Metadata"]) == (b"<p>", "max-age=300", {"a": "b"})
    issue = stack.client("s3").get_object(Bucket="content", Key=KEY)
    assert issue["ContentType"] == "text/markdown"
    assert S3Content(stack.client("s3"), "content").is_restored(KEY)
    assert noted(stack.client("dynamodb"), "LimitsTable", RESTORE) is None


def test_a_backup_of_a_version_that_had_no_table_of_receipts_is_restored(stack: Stack, tmp_path: Path) -> None:
    readers = items(stack, "subscribers")
    manifest = saved(stack, tmp_path / "backup")
    for file in (tmp_path / "backup").glob("receipts-*"):
        file.unlink()
    older = replace(manifest, tables={word: number for word, number in manifest.tables.items() if word != "receipts"})
    empty(stack)

    load_stack(stack, tmp_path / "backup", older, keys=None, now=NOW)

    assert items(stack, "subscribers") == readers
    assert items(stack, "receipts") == []


def test_a_restored_issue_knows_the_new_version_of_its_file_and_forgets_the_order_of_the_old_bucket(
    stack: Stack, tmp_path: Path
) -> None:
    manifest = saved(stack, tmp_path / "backup")
    empty(stack)

    load_stack(stack, tmp_path / "backup", manifest, keys=None, now=NOW)

    known = DynamoIssues(stack.client("dynamodb"), "IssuesTable").get(SLUG)
    assert known is not None
    assert known.version == stack.client("s3").head_object(Bucket="content", Key=KEY)["VersionId"]
    assert known.sequencer == ""
    assert known.held


def test_a_mark_of_a_restore_does_not_come_back_with_the_next_one(stack: Stack, tmp_path: Path) -> None:
    stack.client("s3").put_object(Bucket="content", Key=KEY, Body=b"text", Metadata={RESTORED: "1"})

    saved(stack, tmp_path / "backup")

    (entry,) = read_entries(tmp_path / "backup", "content")
    assert entry["metadata"] == {}


def test_a_stack_that_holds_something_is_refused_unless_this_very_restore_was_cut_off_in_it(
    stack: Stack, tmp_path: Path
) -> None:
    manifest = saved(stack, tmp_path / "backup")

    with pytest.raises(CommandError, match="is not empty: it holds subscribers"):
        _check_stack(stack, manifest, force=False)
    note(stack.client("dynamodb"), "LimitsTable", RESTORE, at=NOW, backup="another")
    with pytest.raises(CommandError, match="is not empty"):
        _check_stack(stack, manifest, force=False)
    note(stack.client("dynamodb"), "LimitsTable", RESTORE, at=NOW, backup=manifest.name)
    assert _check_stack(stack, manifest, force=False)


def test_a_backup_of_people_whom_the_stack_would_not_know_again_is_refused(stack: Stack, tmp_path: Path) -> None:
    manifest = saved(stack, tmp_path / "backup")
    assert _key_file(stack, tmp_path / "backup", None, manifest) is None

    foreign = replace(manifest, address_key="0" * 32)

    with pytest.raises(CommandError, match="another AddressKey"):
        _key_file(stack, tmp_path / "backup", None, foreign)


def test_secrets_of_another_stack_are_refused(stack: Stack, tmp_path: Path) -> None:
    manifest = saved(stack, tmp_path / "backup", with_secrets=True)
    file = tmp_path / "backup" / "secrets.json"
    assert read_secrets(file, manifest).signing_keys.current == "c" * 64

    file.write_text(json.dumps({"address_key": "b" * 64, "signing_keys": {"current": "x"}}))
    with pytest.raises(CommandError, match="belongs to another stack"):
        read_secrets(file, manifest)
    file.write_text("{}")
    with pytest.raises(CommandError, match="holds no secrets"):
        read_secrets(file, manifest)


def test_keys_in_parameter_store_are_saved_and_come_back_into_either_place(stack: Stack, tmp_path: Path) -> None:
    parameters = KeyParameters(stack.client("ssm"), "moto")
    parameters.put(SIGNING, json.dumps({"current": "s" * 64, "previous": "p" * 64}))
    there = _Session(SIGNING_KEYS_SECRET=parameter_name("moto", SIGNING))
    functions = {word: word for word in (*VERIFIERS, *SIGNERS, *ID_MAKERS)}
    moved = replace(stack, session=cast(boto3.Session, there), resources=replace(stack.resources, functions=functions))

    manifest = saved(moved, tmp_path / "backup", with_secrets=True)
    secrets = read_secrets(tmp_path / "backup" / "secrets.json", manifest)
    assert secrets.signing_keys == SigningKeys("s" * 64, "p" * 64)

    for other in (replace(stack, resources=moved.resources), moved):
        before = read_ring(other).keys.current
        put_secrets(other, secrets, now=NOW)
        assert read_ring(other).keys.current == "s" * 64
        assert before in ("s" * 64, *read_ring(other).keys.retired)


def test_a_damaged_object_is_not_put_back(stack: Stack, tmp_path: Path) -> None:
    saved(stack, tmp_path / "backup")
    entries = read_entries(tmp_path / "backup", "site")
    (tmp_path / "backup" / "objects" / entries[0]["sha256"]).write_bytes(b"other")

    with pytest.raises(CommandError, match="is damaged"):
        load_bucket(
            stack.client("s3"), "site", tmp_path / "backup", entries, marked=False, now=lambda: 0, advance=ignore
        )  # fmt: skip


def test_a_folder_without_a_backup_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="holds no backup"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(CommandError, match="holds no backup"):
        read_manifest(tmp_path)


ITEM = {
    "slug": {"S": "ä\u2028\n"}, "ids": {"B": b"\x00\xff"}, "set": {"BS": [b"b", b"a"]}, "words": {"SS": ["b", "a"]},
    "list": {"L": [{"M": {"n": {"N": "1"}}}, {"NULL": True}, {"BOOL": False}]},
}  # fmt: skip


def test_an_item_comes_back_from_its_line_as_it_was(tmp_path: Path) -> None:
    line = to_line(ITEM)

    assert "\n" not in line
    back = from_line(line)
    assert back == {**ITEM, "set": {"BS": [b"a", b"b"]}, "words": {"SS": ["a", "b"]}}


class Busy:
    """A DynamoDB that takes one item a call."""

    def __init__(self, *, never: bool = False) -> None:
        self.taken: list[Any] = []
        self.never = never

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
        ((table, asked),) = RequestItems.items()
        if self.never:
            return {"UnprocessedItems": RequestItems}
        self.taken.append(asked[0]["PutRequest"]["Item"])
        return {"UnprocessedItems": {table: asked[1:]} if asked[1:] else {}}


def lines(folder: Path, number: int) -> Path:
    file = folder / "x-0.jsonl.gz"
    write_lines(file, ({"n": {"N": str(each)}} for each in range(number)))
    return file


def test_what_dynamodb_has_no_room_for_is_offered_again(tmp_path: Path) -> None:
    busy, slept = Busy(), list[float]()
    file = lines(tmp_path, 4)

    count = load_table(busy, "t", [file], change=lambda each: each, advance=ignore, sleep=slept.append)

    assert count == 4
    assert busy.taken == list(read_lines(file))
    assert slept == [0.1, 0.2, 0.5]


def test_a_database_that_takes_nothing_ends_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="takes no more at the moment"):
        load_table(
            Busy(never=True), "t", [lines(tmp_path, 1)], change=lambda each: each, advance=ignore, sleep=ignore
        )  # fmt: skip


def ignore(_: float) -> None:
    """Take note of nothing."""


LATER = datetime(2026, 12, 24, tzinfo=UTC)


def restored_send(**changed: Any) -> Send:
    """Return a send as it stands behind a restore."""
    with aws_in_process():
        client = boto3.client("dynamodb", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
        store = DynamoSends(client, "SendsTable")
        store.open(Send(slug=SLUG, content_hash="0" * 64, shards=16, opened_at=NOW, **changed))
        (item,) = (item for item in client.scan(TableName="SendsTable")["Items"] if item["item"]["S"] == "header")
        after = silenced("sends", dict(item), versions={}, now=LATER)
        assert after is not None
        client.put_item(TableName="SendsTable", Item=after)
        found = store.get(SLUG)
    assert found is not None
    return found


@pytest.mark.parametrize("by", [None, *PausedBy])
def test_a_send_that_was_open_or_paused_waits_for_a_person_whoever_held_it(by: PausedBy | None) -> None:
    held = (
        {"state": SendState.PAUSED, "paused_by": by, "resume_at": NOW + timedelta(days=1), "editors_informed_of": by}
        if by
        else {}
    )

    send = restored_send(**held)

    assert (send.state, send.paused_by, send.resume_at) == (SendState.PAUSED, PausedBy.PERSON, None)
    assert send.paused_at == LATER
    assert send.revision == 1


def test_a_restored_send_prepares_no_other_try_though_its_backup_was_made_in_the_middle_of_one() -> None:
    send = restored_send(state=SendState.PAUSED, paused_by=PausedBy.PERSON, preparing=Again.REST)

    assert (send.state, send.preparing) == (SendState.PAUSED, None)


@pytest.mark.parametrize("state", [SendState.CANCELLING, SendState.CLOSED])
def test_the_report_of_a_send_that_was_over_is_not_mailed_again(state: SendState) -> None:
    send = restored_send(state=state)

    assert send.state is state
    assert send.reported


@pytest.mark.parametrize(
    ("was", "status", "held"),
    [
        (IssueStatus.DRAFT, "draft", False),
        (IssueStatus.READY, "ready", True),
        (IssueStatus.SENDING, "paused", False),
        (IssueStatus.PAUSED, "paused", False),
        (IssueStatus.SENT, "sent", False),
    ],
)
def test_an_issue_that_could_go_out_by_itself_does_not(was: IssueStatus, status: str, held: bool) -> None:
    item = {"slug": {"S": SLUG}, "status": {"S": was.value}, "sequencer": {"S": "7"}, "announced_version": {"S": "x"}}

    after = silenced("issues", item, versions={(KEY, "y"): "z"}, now=LATER)

    assert after is not None
    assert (after["status"]["S"], "held" in after, after["sequencer"]) == (status, held, {"S": ""})
    assert "announced_version" not in after


def test_what_editors_were_told_of_translations_is_restored_with_the_versions_of_the_new_bucket() -> None:
    told = {"M": {"cy": {"S": "old"}, "de": {"S": "lost"}}}
    item = {"slug": {"S": SLUG}, "status": {"S": "draft"}, "announced_translations": told}

    after = silenced("issues", item, versions={(f"issues/{SLUG}.cy.md", "old"): "new"}, now=LATER)

    assert after is not None
    assert after["announced_translations"] == {"M": {"cy": {"S": "new"}}}


def test_slots_of_the_past_are_left_alone_and_everything_else_stays() -> None:
    watch = {"slug": {"S": "calendar"}, "item": {"S": "watch"}, "since": {"S": "2026-01-01"}}
    reader = {"subscriber_id": {"S": an_id(1)}}

    assert (silenced("sends", watch, versions={}, now=LATER) or {})["since"] == {"S": LATER.isoformat()}
    assert silenced("subscribers", reader, versions={}, now=LATER) == reader
    assert silenced("limits", {"counter_key": {"S": RESTORE}}, versions={}, now=LATER) is None


def test_the_second_place_of_evidence_is_in_no_backup(s3: Any, tmp_path: Path) -> None:
    evidence = "evidence/an-issue/20261201T0900-0123456789abcdef.jsonl.gz"
    for key in (evidence, "imports/0123456789abcdef.csv", "exports/0123456789abcdef.csv", "issues/an-issue.md"):
        s3.put_object(Bucket="content", Key=key, Body=b"text")

    entries = save_bucket(s3, "content", tmp_path, "content", advance=lambda _: None)

    assert [entry["key"] for entry in entries] == ["issues/an-issue.md"]

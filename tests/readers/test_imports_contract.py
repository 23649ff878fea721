"""What the stores of imports promise, checked on the ones in memory and on DynamoDB and S3 alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import boto3
import pytest

from newsletter.aws.queue import SqsQueue
from newsletter.aws.upload_forms import SIGNING
from newsletter.errors import InvalidListError, MalformedMessageError
from newsletter.readers.domain.takeover import ExternalStatus
from newsletter.readers.importing.adapters.dynamo_imports import MOST_NAMED, DynamoImports
from newsletter.readers.importing.adapters.export_queue import ExportTask, SqsExportQueue, read_export
from newsletter.readers.importing.adapters.import_queue import ImportTask, SqsImportQueue, read_import_task
from newsletter.readers.importing.adapters.s3_lists import S3ListDoors, S3Lists
from newsletter.readers.importing.domain.list_import import ImportState, ListImport
from newsletter.readers.importing.ports import ImportStore, ListFiles
from tests.core.fakes import NOW
from tests.moto_aws import CREDENTIALS, REGION, aws_in_process
from tests.readers.importing_fakes import MemoryImports, MemoryListFiles

ID, ANOTHER = "0123456789abcdef", "fedcba9876543210"


def an_import(import_id: str = ID) -> ListImport:
    return ListImport(import_id=import_id, started_by="keeper", uploaded_at=NOW)


@pytest.fixture(params=["memory", "dynamodb"])
def imports(request: pytest.FixtureRequest) -> ImportStore:
    if request.param == "memory":
        return MemoryImports()
    return DynamoImports(request.getfixturevalue("dynamodb"), "LimitsTable")


def found(imports: ImportStore, import_id: str = ID) -> ListImport:
    stored = imports.get(import_id)
    assert stored is not None
    return stored


def test_everything_that_is_known_about_an_import_comes_back(imports: ImportStore) -> None:
    assert imports.get(ID) is None
    assert imports.add(an_import())
    assert not imports.add(replace(an_import(), started_by="somebody else"))
    whole = replace(
        found(imports),
        state=ImportState.RUNNING,
        file_name="list.csv",
        encoding="cp1252",
        mapped={"email": "3", "name": "First + Last"},
        consent="Signed up at the fair",
        consent_date=NOW - timedelta(days=900),
        status_there=ExternalStatus.LEFT,
        keep_out=True,
        tags=frozenset({"press", "members"}),
        etag='"abc"',
        attempt=2,
        planned=1,
        rows=5000,
        pieces=3,
        done=frozenset({0, 2}),
        counts={"added": 3999, "left": 1},
        began_at=NOW + timedelta(microseconds=1),
        running=True,
        ended_at=NOW,
        problem="None.",
    )

    assert imports.save(whole)

    assert found(imports) == replace(whole, version=2)
    assert found(imports).missing == [1]


def test_a_write_over_another_version_is_refused(imports: ImportStore) -> None:
    imports.add(an_import())
    before = found(imports)

    assert imports.save(replace(before, keep_out=True))
    assert not imports.save(replace(before, rows=7))
    assert (found(imports).keep_out, found(imports).rows) == (True, 0)


def test_a_piece_is_added_to_the_account_once_and_of_this_attempt_alone(imports: ImportStore) -> None:
    imports.add(an_import())
    assert imports.save(replace(found(imports), attempt=2, pieces=2))

    added = imports.account(ID, attempt=2, piece=0, row_counts={"added": 3, "repeated": 1})
    assert added is not None
    assert added == found(imports)
    assert imports.account(ID, attempt=2, piece=0, row_counts={"added": 3}) is None
    assert imports.account(ID, attempt=1, piece=1, row_counts={"added": 3}) is None
    assert imports.account(ID, attempt=2, piece=1, row_counts={"added": 2, "left": 1}) is not None

    assert found(imports).counts == {"added": 5, "left": 1, "repeated": 1}
    assert found(imports).is_whole


def test_whoever_stops_an_import_does_not_lose_a_piece_that_is_counted_meanwhile(imports: ImportStore) -> None:
    imports.add(an_import())
    assert imports.save(replace(found(imports), attempt=1, pieces=1))
    read = found(imports)
    imports.account(ID, attempt=1, piece=0, row_counts={})

    assert not imports.save(replace(read, state=ImportState.STOPPED))
    assert found(imports).done == {0}


def test_the_newest_imports_come_first(imports: ImportStore) -> None:
    imports.add(an_import())
    imports.add(an_import(ANOTHER))

    assert [each.import_id for each in imports.newest()] == [ANOTHER, ID]


def test_dynamodb_names_a_bounded_number_and_forgets_imports_after_a_year(dynamodb: Any) -> None:
    imports = DynamoImports(dynamodb, "LimitsTable")
    for number in range(MOST_NAMED + 2):
        imports.add(an_import(f"{number:016x}"))

    assert len(imports.newest()) == MOST_NAMED
    item = dynamodb.get_item(TableName="LimitsTable", Key={"counter_key": {"S": f"import#{0:016x}"}})["Item"]
    assert int(item["expires_at"]["N"]) == int((NOW + timedelta(days=400)).timestamp())


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with aws_in_process():
        client: Any = boto3.client("s3", region_name=REGION, config=SIGNING)
        client.create_bucket(Bucket="content", CreateBucketConfiguration={"LocationConstraint": REGION})
        yield client


@pytest.fixture(params=["memory", "s3"])
def files(request: pytest.FixtureRequest) -> ListFiles:
    return MemoryListFiles() if request.param == "memory" else S3Lists(request.getfixturevalue("s3"), "content")


def test_a_file_is_read_whole_and_in_parts_as_long_as_it_is_the_same(files: ListFiles) -> None:
    key = f"imports/{ID}.csv"
    assert files.look(key) is None
    assert files.read(key) is None
    files.put(key, [b"email\n", b"ada@example.org\n"], content_type="text/csv")
    stored = files.look(key)
    assert stored is not None
    assert stored.size == 22

    assert b"".join(files.chunks(key, stored.etag)) == files.read(key) == b"email\nada@example.org\n"
    assert files.part(key, stored.etag, begin=6, end=9) == b"ada"
    assert files.part(key, stored.etag, begin=6, end=99) == b"ada@example.org\n"

    files.put(key, [b"email\nevil@example.org\n"], content_type="text/csv")
    with pytest.raises(InvalidListError, match="replaced"):
        files.part(key, stored.etag, begin=0, end=4)
    with pytest.raises(InvalidListError, match="replaced"):
        list(files.chunks(key, stored.etag))
    with pytest.raises(InvalidListError, match="replaced or removed"):
        list(files.chunks("imports/none.csv", stored.etag))


def test_what_is_written_once_stays(files: ListFiles) -> None:
    assert files.put_once("imports/x/1/0.json", b"first") == b"first"
    assert files.put_once("imports/x/1/0.json", b"second") == b"first"
    assert files.read("imports/x/1/0.json") == b"first"


def test_a_file_that_is_longer_than_one_part_is_written_in_several(files: ListFiles) -> None:
    pieces = [bytes([number]) * 3_000_000 for number in range(7)]

    files.put("exports/x.csv", iter(pieces), content_type="text/csv")

    assert files.read("exports/x.csv") == b"".join(pieces)


def test_a_form_takes_a_file_to_one_key_and_up_to_a_size_and_no_further(s3: Any) -> None:
    form = S3ListDoors(s3, "content").upload_form(f"imports/{ID}.csv", most=100, back_to="https://example.org/desk/")

    import base64

    policy = json.loads(base64.b64decode(form.fields["policy"]))
    assert {"key": f"imports/{ID}.csv"} in policy["conditions"]
    assert ["content-length-range", 1, 100] in policy["conditions"]
    assert {"success_action_redirect": "https://example.org/desk/"} in policy["conditions"]
    assert form.fields["key"] == f"imports/{ID}.csv"


def test_an_address_to_download_is_signed_for_some_minutes_and_names_the_file(s3: Any) -> None:
    address = S3ListDoors(s3, "content").download(f"exports/{ID}.csv", file_name='people "x"\r\n.csv')

    assert "X-Amz-Expires=300" in address
    assert "attachment%3B%20filename%3D%22people%20-x---.csv%22" in address


class KeptMessages:
    """A queue that shows what was put into it."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803
        self.bodies += [each["MessageBody"] for each in Entries]
        return {}


def test_every_message_to_the_queue_is_read_as_it_was_meant() -> None:
    kept = KeptMessages()
    queue = SqsImportQueue(SqsQueue(lambda: cast("Any", kept), "url"))
    queue.describe(ID)
    queue.plan(ID, 3)
    queue.pieces(ID, 3, [0, 11])

    assert [read_import_task(body) for body in kept.bodies] == [
        ImportTask("describe", ID),
        ImportTask("plan", ID, 3),
        ImportTask("import", ID, 3, 0),
        ImportTask("import", ID, 3, 11),
    ]


def test_an_export_is_asked_for_in_the_queue_of_reports() -> None:
    kept = KeptMessages()
    queue = SqsExportQueue(SqsQueue(lambda: cast("Any", kept), "url"))
    queue.export(ID, of_suppressions=False)
    queue.export(ID, of_suppressions=True)

    assert [read_export(body) for body in kept.bodies] == [ExportTask(ID, False), ExportTask(ID, True)]
    assert read_export('{"report": "list growth"}') is None


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        '{"describe": "../settings"}',
        '{"plan": "0123456789abcdef", "attempt": "one"}',
        '{"import": "0123456789abcdef", "attempt": "1"}',
        '{"import": "0123456789abcdef", "attempt": "1", "piece": "-1"}',
    ],
)
def test_a_message_that_is_none_of_ours_is_refused(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        read_import_task(body)


def test_an_export_of_something_else_is_refused() -> None:
    with pytest.raises(MalformedMessageError):
        read_export('{"export": "../x", "of": "people"}')

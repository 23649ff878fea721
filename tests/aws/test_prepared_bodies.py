"""What our handlers put into botocore's calls, and take out of its answers, is what botocore makes of them itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError
from botocore.session import Session
from moto.core.botocore_stubber import MockRawResponse

from newsletter.aws import dynamo_batch_get
from newsletter.aws.dynamo_batch_get import Projection, batch_get
from newsletter.aws.prepared_bodies import WithSharedBeginning
from newsletter.errors import StoreBusyError
from newsletter.sending.adapters import ses_bulk
from newsletter.sending.adapters.call_meter import CallMeter
from newsletter.sending.adapters.ses_answers import NO_CREDENTIALS
from newsletter.sending.adapters.ses_bulk import SesBulk
from newsletter.sending.domain.answer import Answer
from newsletter.sending.domain.outcome import Outcome
from tests.aws.raw_server import RawServer, ok, raw_server
from tests.factories import NEWSLETTER, an_id, rendered
from tests.sending.test_ses_transports import recipient

READ = Projection("subscriber_id", "status", "name")
IN_BULK: dict[str, Callable[[Any], Any]] = {"sesv2": ses_bulk.in_bulk, "dynamodb": dynamo_batch_get.in_bulk}
ENGLISH = rendered(subject='Bräces “and” \\ "quotes" \u2028')
WELSH = rendered(lang="cy", subject="Mwy am fwy")


def client(service: str, *, url: str = "https://example.invalid", prepared: bool = True, **settings: Any) -> Any:
    session = Session()
    session.set_credentials("a key", "a secret", "a token")
    config = Config(**{"retries": {"total_max_attempts": 1}, "read_timeout": 2, **settings})
    made = session.create_client(service, region_name="eu-west-2", endpoint_url=url, config=config)
    return IN_BULK[service](made) if prepared else made


def requests_of(client: BaseClient, answer: bytes, act: Callable[[Any], object]) -> list[Any]:
    """Return what a client would send while it does this; each call gets the same answer."""
    sent = []

    def keep(request: Any, **_: Any) -> Any:
        sent.append(request)
        headers = HTTPHeaders.from_dict({"content-type": "application/json"})
        return AWSResponse(request.url, 200, headers, MockRawResponse(answer))

    client.meta.events.register_first("before-send", keep)
    act(client)
    return sent


def mail_two_issues(client: Any) -> None:
    transport = SesBulk(client, NEWSLETTER, "issues")
    for issue in (ENGLISH, WELSH, ENGLISH):
        transport.send(issue, [recipient(1, name="Zoë \u2029 </script>"), recipient(2)])


def read_two_readers(client: Any) -> None:
    batch_get(CallMeter().watch(client), "a table", [{"subscriber_id": {"S": an_id(each)}} for each in (1, 2)], READ)


ACTS: dict[str, tuple[bytes, Callable[[Any], object]]] = {
    "sesv2": (json.dumps({"BulkEmailEntryResults": [{"Status": "SUCCESS"}] * 2}).encode(), mail_two_issues),
    "dynamodb": (json.dumps({"Responses": {"a table": []}, "UnprocessedKeys": {}}).encode(), read_two_readers),
}  # fmt: skip


@pytest.mark.parametrize("service", ACTS)
def test_a_prepared_request_is_botocores_own_to_the_byte(service: str) -> None:
    answer, act = ACTS[service]

    own, prepared = (requests_of(client(service, prepared=way), answer, act) for way in (False, True))

    assert [each.body for each in prepared] == [each.body for each in own]
    assert [(each.method, each.url) for each in prepared] == [(each.method, each.url) for each in own]
    in_time = {"X-Amz-Date", "Authorization", "amz-sdk-invocation-id"}
    for ours, botocores in zip(prepared, own, strict=True):
        names = set(ours.headers) - in_time
        assert {name: ours.headers[name] for name in names} == {name: botocores.headers[name] for name in names}


@pytest.mark.parametrize("service", ACTS)
def test_what_is_signed_is_the_body_that_leaves(service: str) -> None:
    answer, act = ACTS[service]

    for sent in requests_of(client(service), answer, act):
        headers = {name.lower(): _text(value) for name, value in sent.headers.items()}
        signed_names = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
        signed = {name: headers[name] for name in signed_names if name != "host"}
        request = AWSRequest(sent.method, sent.url, signed, sent.body)
        request.context["timestamp"] = headers["x-amz-date"]
        name = "ses" if service == "sesv2" else service
        auth = SigV4Auth(Credentials("a key", "a secret", "a token"), name, "eu-west-2")
        signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        assert headers["authorization"].endswith(f"Signature={signature}")


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def test_what_json_has_no_form_for_is_left_to_botocore() -> None:
    def read(client: Any) -> None:
        client.batch_get_item(RequestItems={"a table": {"Keys": [{"slug": {"B": b"\x00\xff"}}]}})

    answer = ACTS["dynamodb"][0]
    own, prepared = (requests_of(client("dynamodb", prepared=way), answer, read) for way in (False, True))

    assert prepared[0].body == own[0].body
    assert b"AP8=" in own[0].body


def test_arguments_in_another_order_are_no_shared_beginning() -> None:
    with pytest.raises(TypeError, match="Entries should be the last argument"):
        WithSharedBeginning("Entries")({"Entries": [], "Content": {}})


# --- what comes back --------------------------------------------------------------------------------------------------

ITEMS = [
    {"subscriber_id": {"S": an_id(1)}, "name": {"S": 'a \\"B\\" and "B": Zoë'}, "version": {"N": "3"}},
    {"subscriber_id": {"S": an_id(2)}, "left": {"BOOL": True}, "topics": {"L": [{"S": "a"}]}, "x": {"NULL": True}},
    {"subscriber_id": {"S": an_id(3)}, "consent": {"M": {"page": {"S": "/about"}}}},
]  # fmt: skip
BYTES = [{"slug": {"S": "x"}, "ids": {"B": "AP8="}, "set": {"BS": ["AA=="]}}]


@pytest.mark.parametrize("items", [ITEMS, BYTES], ids=["texts", "bytes"])
def test_items_come_as_botocore_reads_them(items: list[Any]) -> None:
    said = {"Responses": {"a table": items}, "UnprocessedKeys": {}, "ConsumedCapacity": [{"CapacityUnits": 3.0}]}
    keys = [{"subscriber_id": {"S": an_id(1)}}]

    read = [_read_once(way, ok(json.dumps(said).encode()), keys) for way in (False, True)]

    assert read[0] == read[1]
    assert len(read[1]) == len(items)


def _read_once(prepared: bool, answer: bytes, keys: list[Any]) -> list[Any]:
    with raw_server([[answer]]) as server:
        return batch_get(client("dynamodb", url=server.url, prepared=prepared), "a table", keys)


def test_what_the_database_left_unread_is_asked_for_with_the_same_projection() -> None:
    left = {"a table": {"Keys": [{"subscriber_id": {"S": an_id(2)}}], "ConsistentRead": True, **READ.words}}
    answers = [
        {"Responses": {"a table": ITEMS[:1]}, "UnprocessedKeys": left},
        {"Responses": {"a table": ITEMS[1:2]}, "UnprocessedKeys": {}},
    ]
    with raw_server([[ok(json.dumps(each).encode())] for each in answers]) as server:
        keys = [{"subscriber_id": {"S": an_id(each)}} for each in (1, 2)]

        found = batch_get(client("dynamodb", url=server.url), "a table", keys, READ)

        assert found == ITEMS[:2]
        assert json.loads(server.requests[1].partition(b"\r\n\r\n")[2])["RequestItems"] == left


def test_a_busy_database_is_busy_whichever_way_it_is_asked() -> None:
    refusal = b'{"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slow down"}'
    answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n" % len(refusal) + refusal
    with raw_server([[answer]]) as server, pytest.raises(StoreBusyError):
        batch_get(client("dynamodb", url=server.url), "a table", [{"subscriber_id": {"S": an_id(1)}}])


@pytest.mark.parametrize("nonsense", [b"<html>a proxy</html>", b"[]", b'{"Responses": ', b'{"Responses": null}'])
def test_what_is_no_answer_is_the_same_error_whichever_way_it_is_read(nonsense: bytes) -> None:
    own, prepared = (_error(way, ok(nonsense)) for way in (False, True))

    assert type(own) is type(prepared)
    assert str(own) == str(prepared)


def _error(prepared: bool, answer: bytes) -> Exception:
    try:
        _read_once(prepared, answer, [{"subscriber_id": {"S": an_id(1)}}])
    except Exception as error:
        return error
    pytest.fail("nonsense was believed")


FOUND = json.dumps({"Responses": {"a table": ITEMS}, "UnprocessedKeys": {}}).encode()
KEYS = [{"subscriber_id": {"S": an_id(1)}}]
SUCCESS = json.dumps({"BulkEmailEntryResults": [{"Status": "SUCCESS", "MessageId": "1", "Error": None}]}).encode()


def mailed(server: RawServer, **settings: Any) -> list[Answer]:
    return SesBulk(client("sesv2", url=server.url, **settings), NEWSLETTER, "issues").send(ENGLISH, [recipient(1)])


WAYS: dict[str, Callable[[bytes], list[bytes]]] = {
    "seven bytes at a time": lambda body: [ok(body)[at : at + 7] for at in range(0, len(ok(body)), 7)],
    "after HTTP 100": lambda body: [b"HTTP/1.1 100 Continue\r\n\r\n", ok(body)],
    "in chunks": lambda body: [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
    ],
    "ten megabytes": lambda body: [ok(body + b" " * 10_000_000)],
}


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_counts_however_it_comes(way: str) -> None:
    with raw_server([WAYS[way](SUCCESS)]) as server:
        assert mailed(server, read_timeout=10) == [Outcome.SENT]


@pytest.mark.parametrize("way", WAYS)
def test_readers_are_read_however_they_come(way: str) -> None:
    with raw_server([WAYS[way](FOUND)]) as server:
        assert batch_get(client("dynamodb", url=server.url, read_timeout=10), "a table", KEYS) == ITEMS


@pytest.mark.parametrize("pieces", [[ok(FOUND)[:-9], b""], [b""]], ids=["half an answer", "no answer"])
def test_readers_of_whom_half_an_answer_came_are_read_by_nobody(pieces: list[bytes]) -> None:
    with raw_server([pieces]) as server, pytest.raises(BotoCoreError):
        batch_get(client("dynamodb", url=server.url), "a table", KEYS)


def test_readers_are_asked_for_again_where_the_connection_was_closed_between_two_calls() -> None:
    with raw_server([[ok(FOUND)], [b""], [ok(FOUND)]]) as server:
        patient = client("dynamodb", url=server.url, retries={"mode": "standard", "total_max_attempts": 2})

        assert [batch_get(patient, "a table", KEYS) for _ in range(2)] == [ITEMS, ITEMS]


def test_half_an_answer_proves_nothing() -> None:
    with raw_server([[ok(SUCCESS)[:-9], b""]]) as server:
        assert mailed(server) == [Outcome.UNKNOWN]


def test_a_connection_that_was_closed_between_two_calls_proves_nothing_and_is_not_used_again() -> None:
    with raw_server([[ok(SUCCESS)], [b""], [ok(SUCCESS)]]) as server:
        transport = SesBulk(client("sesv2", url=server.url), NEWSLETTER, "issues")

        answers = [transport.send(ENGLISH, [recipient(1)])[0] for _ in range(3)]

        assert answers == [Outcome.SENT, Outcome.UNKNOWN, Outcome.SENT]
        assert len(server.requests) == 3, "nothing is sent a second time by itself"


def test_an_answer_that_comes_too_late_proves_nothing() -> None:
    with raw_server([[], [ok(SUCCESS)]]) as server:
        assert mailed(server, read_timeout=0.2) == [Outcome.UNKNOWN]


def test_a_clock_that_is_wrong_is_a_refusal_and_nobody_is_failed_for_it() -> None:
    refusal = b'{"message": "Signature expired: 20261201T090000Z is now earlier than 20261201T091000Z"}'
    answer = (
        b"HTTP/1.1 403 Forbidden\r\nx-amzn-ErrorType: InvalidSignatureException\r\nContent-Length: %d\r\n\r\n%s"
        % (len(refusal), refusal)
    )
    with raw_server([[answer]]) as server:
        assert mailed(server) == [NO_CREDENTIALS]


def test_credentials_that_change_sign_the_next_call() -> None:
    session = Session()
    session.set_credentials("the old", "a secret")
    made = session.create_client("sesv2", region_name="eu-west-2", endpoint_url="https://example.invalid")

    def mail_and_change(any_client: Any) -> None:
        transport = SesBulk(any_client, NEWSLETTER, "issues")
        transport.send(ENGLISH, [recipient(1)])
        credentials: Any = session.get_credentials()
        credentials.access_key = "the new"
        transport.send(ENGLISH, [recipient(1)])

    sent = requests_of(ses_bulk.in_bulk(made), SUCCESS, mail_and_change)

    assert [b"the new" in each.headers["Authorization"] for each in sent] == [False, True]

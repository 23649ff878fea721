"""What stands in for Firehose on the laptop: files as the template asks for them, only sooner."""

from __future__ import annotations

import gzip
from threading import Event
from typing import Any

import pytest

from local.stream import Collected
from tests.moto_aws import template

ASKED: dict[str, Any] = template()["Resources"]["EventStream"]["Properties"]["ExtendedS3DestinationConfiguration"]
STREAM = {"arn": "arn:aws:firehose:eu-west-2:000000000000:deliverystream/one", "name": "one"}
FOR_EVER, AT_ONCE = 3600.0, 0.01


class Files:
    """What was written, and a sign that something was."""

    def __init__(self, *, seconds: float) -> None:
        self.written: list[bytes] = []
        self.sign = Event()
        self.collected = Collected(self.write, seconds=seconds)

    def write(self, _stream: dict[str, Any], _destination: dict[str, Any], content: bytes) -> None:
        self.written.append(content)
        self.sign.set()

    def put(self, *records: bytes, compression: str = "GZIP", arn: str = STREAM["arn"]) -> None:
        destination = {"config": ASKED | {"CompressionFormat": compression}, "records": [*records]}
        self.collected(STREAM | {"arn": arn}, destination, [(str(len(each)), each) for each in records])


def test_what_comes_within_the_time_is_one_file() -> None:
    files = Files(seconds=AT_ONCE)
    files.put(b"one\n", b"two\n")
    assert files.sign.wait(10)

    assert [gzip.decompress(each) for each in files.written] == [b"one\ntwo\n"]


def test_a_file_is_written_at_once_when_it_is_full_and_nothing_is_in_two() -> None:
    files = Files(seconds=FOR_EVER)
    most = ASKED["BufferingHints"]["SizeInMBs"] * 1024 * 1024
    for written in range(2):
        files.put(b"a" * (most - 1))
        assert len(files.written) == written
        files.put(b"b")

    assert [len(gzip.decompress(each)) for each in files.written] == [most, most]


def test_two_streams_do_not_share_a_file() -> None:
    files = Files(seconds=AT_ONCE)
    files.put(b"one", arn="one")
    files.put(b"two", arn="two")
    while len(files.written) < 2:
        assert files.sign.wait(10)

    assert sorted(gzip.decompress(each) for each in files.written) == [b"one", b"two"]


@pytest.mark.parametrize("compression", ["UNCOMPRESSED", "GZIP"])
def test_a_file_is_packed_if_the_template_says_so(compression: str) -> None:
    files = Files(seconds=AT_ONCE)
    files.put(b"one", compression=compression)
    assert files.sign.wait(10)

    assert (files.written[0] == b"one") == (compression == "UNCOMPRESSED")

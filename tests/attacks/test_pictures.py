"""A small picture used to hold up `publish` for twelve seconds, or to run code next to the list and the signing key.

A JPEG of 225 KB with 400 scans took 12.6 s to open, a GIF of 40,000 frames 5 s and 131 MB; with sixty of them the
function died, five times, with the issue. Whoever had a hole in a decoder had all that `publish` may do. Now a function
of its own opens pictures; it holds two prefixes, and `publish` takes for an answer only what has the shape of one.
"""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from PIL import Image

from functions.pictures.handler import lambda_handler
from local.documents.blast_radius import reach
from newsletter.errors import InvalidPictureError, MalformedMessageError, UnopenedPictureError
from newsletter.issues.adapters.picture_function import PictureFunction
from newsletter.issues.adapters.pictures import MOST_FRAMES, MOST_SCANS, PillowPictures
from newsletter.issues.domain.picture import Picture
from tests.factories import SLUG

PATH = f"issues/{SLUG}/chart-0123456789ab.png"
GOOD = {"path": PATH, "width": 600, "height": 400, "weight": 9000}


def jpeg_of(scans: int) -> bytes:
    """Return a progressive JPEG whose last scan is there so often: each is another pass over all pixels."""
    out = io.BytesIO()
    Image.effect_noise((400, 300), 60).save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * (scans - whole.count(b"\xff\xda")) + b"\xff\xd9"


def gif_of(frames: int, filler: bytes = b"") -> bytes:
    """Return a GIF of a pixel, with so many frames."""
    head = b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + bytes(6)
    frame = b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00"
    return head + (filler + frame) * frames + b";"


def refusal(source: bytes) -> InvalidPictureError:
    with pytest.raises(InvalidPictureError) as refused:
        PillowPictures().prepare(SLUG, "chart.png", source)
    return refused.value


def test_a_jpeg_of_hundreds_of_scans_is_refused_and_an_ordinary_progressive_one_is_not() -> None:
    assert f"{MOST_SCANS} scans" in refusal(jpeg_of(400)).message
    assert "save it again" in refusal(jpeg_of(MOST_SCANS + 1)).remedy

    picture, _ = PillowPictures().prepare(SLUG, "photo.jpg", jpeg_of(MOST_SCANS))
    assert (picture.width, picture.height) == (400, 300)


@pytest.mark.parametrize(
    "filler",
    [b"", b"!\xf9\x04\x00\x01\x00\x00\x00", b"!\xfe\x03a,b\x00", b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"],
    ids=["bare", "timed", "with comments", "of a program"],
)
def test_a_gif_of_thousands_of_frames_is_refused_whatever_stands_between_them(filler: bytes) -> None:
    assert f"{MOST_FRAMES} frames" in refusal(gif_of(40_000, filler)).message
    assert f"{MOST_FRAMES} frames" in refusal(gif_of(MOST_FRAMES + 1, filler)).message


def test_a_gif_of_as_many_frames_as_are_allowed_moves() -> None:
    picture, file = PillowPictures().prepare(SLUG, "wave.gif", gif_of(MOST_FRAMES))

    assert (picture.width, file.content_type) == (1, "image/gif")


@pytest.mark.parametrize("end", [6, 10, 13, 14, 20, 25])
def test_a_gif_that_ends_anywhere_is_refused_and_nothing_crashes(end: int) -> None:
    assert "save it" in refusal(gif_of(3)[:end]).remedy


def test_what_opens_pictures_holds_those_of_issues_and_the_logo_and_nothing_else() -> None:
    assert reach()["pictures"] == {
        "ContentBucket/issues/*/*": {"s3:GetObject"},
        "ContentBucket/settings/*.*": {"s3:GetObject"},
        "SiteBucket/issues/*": {"s3:PutObject"},
        "SiteBucket/brand/*": {"s3:PutObject"},
    }


class Answers:
    """Lambda, with one answer for everybody."""

    def __init__(self, payload: Any, **more: str) -> None:
        self.answer = {"Payload": io.BytesIO(payload if isinstance(payload, bytes) else json.dumps(payload).encode())}
        self.more = more
        self.asked: list[dict[str, Any]] = []

    def invoke(self, **asked: Any) -> Any:
        self.asked.append(asked)
        return {**self.answer, **self.more}


class Silent:
    """Lambda that does not answer in time."""

    def invoke(self, **_: Any) -> Any:
        raise ReadTimeoutError(endpoint_url="https://lambda")


def put(lambda_client: Any) -> Picture | None:
    return PictureFunction(lambda_client, "fortnightly-pictures").put(SLUG, "chart.png")


def test_a_picture_is_asked_for_by_issue_and_name_and_its_answer_is_a_picture() -> None:
    answers = Answers({"picture": GOOD})

    assert put(answers) == Picture("chart.png", PATH, 600, 400, 9000)
    assert answers.asked == [
        {"FunctionName": "fortnightly-pictures", "Payload": json.dumps({"slug": SLUG, "name": "chart.png"}).encode()}
    ]
    assert put(Answers({"picture": None})) is None
    narrow = f"issues/{SLUG}/chart-0123456789ab-ba9876543210.png"
    answered = put(Answers({"picture": GOOD | {"narrow_path": narrow, "narrow_width": 300}}))
    assert answered == Picture("chart.png", PATH, 600, 400, 9000, narrow, 300)


def test_a_decoder_that_dies_is_a_refused_picture() -> None:
    for died in (Answers({"errorMessage": "Task timed out"}, FunctionError="Unhandled"), Silent()):
        with pytest.raises(UnopenedPictureError, match="too much time or memory"):
            put(died)


@pytest.mark.parametrize(
    "said",
    [
        b"not JSON",
        [],
        {},
        {"picture": GOOD | {"path": "index.html"}},
        {"picture": GOOD | {"path": f"issues/{SLUG}/../other/chart-0123456789ab.png"}},
        {"picture": GOOD | {"path": "issues/other/chart-0123456789ab.png"}},
        {"picture": GOOD | {"path": PATH + "\n"}},
        {"picture": GOOD | {"path": f'issues/{SLUG}/" onload="alert(1)-0123456789ab.png'}},
        {"picture": GOOD | {"path": f"issues/{SLUG}/index-0123456789ab.html"}},
        {"picture": GOOD | {"width": "600"}},
        {"picture": GOOD | {"width": 0}},
        {"picture": GOOD | {"height": -5}},
        {"picture": GOOD | {"weight": 10**12}},
        {"picture": GOOD | {"narrow_path": "index.html", "narrow_width": 300}},
        {"picture": GOOD | {"narrow_path": f"issues/{SLUG}/a-0123456789ab.png"}},
        {"picture": GOOD | {"narrow_path": f"issues/{SLUG}/a-0123456789ab.png 1w, x", "narrow_width": 300}},
        {"picture": GOOD | {"narrow_path": f"issues/{SLUG}/a-0123456789ab.png", "narrow_width": 600}},
        {"picture": GOOD | {"narrow_path": "", "narrow_width": 1}},
        {"refused": "because"},
        {"refused": {"message": ["x"], "remedy": ""}},
    ],
)
def test_somebody_who_runs_code_in_the_decoder_can_answer_nothing_but_pictures_of_the_issue(said: Any) -> None:
    with pytest.raises(UnopenedPictureError):
        put(Answers(said))


def test_what_a_newer_release_of_the_decoder_says_beside_is_left_out() -> None:
    assert put(Answers({"picture": GOOD | {"more": 1}})) == put(Answers({"picture": GOOD}))


def test_a_refusal_is_passed_on_and_is_never_longer_than_a_sentence_or_two() -> None:
    with pytest.raises(InvalidPictureError) as refused:
        put(Answers({"refused": {"message": "x" * 10_000, "remedy": "y" * 10_000}}))

    assert (len(refused.value.message), len(refused.value.remedy)) == (300, 300)


@pytest.mark.parametrize(
    "event", [{}, {"slug": SLUG}, {"slug": "../settings", "name": "a.png"}, {"slug": SLUG, "name": 5}]
)
def test_the_decoder_is_asked_about_pictures_of_issues_alone(event: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessageError):
        lambda_handler(event, CONTEXT)


class Context:
    """What the log line asks of an invocation."""

    function_name = "fortnightly-pictures"
    memory_limit_in_mb = 1769
    invoked_function_arn = "arn:aws:lambda:eu-west-2:123456789012:function:fortnightly-pictures"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"


CONTEXT: Any = Context()

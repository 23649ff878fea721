"""Pictures are opened by a function of their own, whose role holds nothing: what is asked of it, and what it answers.

Decoders are the code that strangers' bytes get furthest into. So what comes back is taken for an answer only where it
has the shape of one: somebody who runs code in that function can show another picture, and do nothing else here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ReadTimeoutError

from newsletter.core.stored import known_fields
from newsletter.errors import InvalidPictureError, MalformedMessageError, UnopenedPictureError
from newsletter.issues.domain.issue import is_slug
from newsletter.issues.domain.picture import Picture, public_folder
from newsletter.issues.domain.settings_file import PICTURE
from newsletter.issues.domain.upload import LARGEST_PICTURE

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

MOST_WORDS = 300
MOST_WIDE = 50_000
"""Pixels: more than any picture has that is taken."""

UNOPENED = UnopenedPictureError(
    "The picture could not be opened: it took too much time or memory.",
    "Open it in a picture program and save it again, 1,200 pixels wide, as PNG or JPEG.",
)


class PictureFunction:
    """Asks the function `pictures`, and waits for its answer."""

    def __init__(self, client: LambdaClient, function: str) -> None:
        self._client = client
        self._function = function

    def put(self, slug: str, name: str) -> Picture | None:
        """Have a picture of the issue's folder made fit and put on the site; None if there is none of this name.

        Raises:
            InvalidPictureError: It cannot be shown.
            UnopenedPictureError: The function died over it, or its answer is none.
        """
        question = json.dumps({"slug": slug, "name": name}).encode()
        try:
            answer = self._client.invoke(FunctionName=self._function, Payload=question)
            answered = answer["Payload"].read()
        except ReadTimeoutError as exc:
            raise UNOPENED from exc
        if "FunctionError" in answer:  # out of time, out of memory, or a crash
            raise UNOPENED
        return _read_answer(answered, slug, name)


def read_question(event: Mapping[str, Any]) -> tuple[str, str]:
    """Return the issue and the name of the picture that somebody asks for; no issue, for a logo in `settings/`.

    Raises:
        MalformedMessageError: It is no such question.
    """
    match event:
        case {"slug": str(slug), "name": str(name)} if is_slug(slug) and name:
            return slug, name
        case {"slug": "", "name": str(name)} if PICTURE.fullmatch(name):
            return "", name
    raise MalformedMessageError("a question about a picture has a slug and a name")


def answer_of(picture: Picture | None) -> dict[str, Any]:
    """Return a picture as the function answers it."""
    return {"picture": asdict(picture) if picture else None}


def refusal_of(refusal: InvalidPictureError) -> dict[str, Any]:
    """Return as the function answers it why a picture cannot be shown."""
    return {"refused": {"message": refusal.message, "remedy": refusal.remedy}}


def _read_answer(answered: bytes, slug: str, name: str) -> Picture | None:
    try:
        plain = json.loads(answered)
    except ValueError as exc:
        raise UNOPENED from exc
    match plain:
        case {"picture": None}:
            return None
        case {"refused": {"message": str(message), "remedy": str(remedy)}}:
            raise InvalidPictureError(message[:MOST_WORDS], remedy[:MOST_WORDS])
        case {"picture": dict(said)} if _is_of(slug, said):
            return Picture(**(known_fields(Picture, said) | {"name": name}))
    raise UNOPENED


def _is_of(slug: str, said: Mapping[str, Any]) -> bool:
    """Return whether this has the shape of a picture of the issue; older ones have no narrow one."""
    own = re.compile(rf"{re.escape(public_folder(slug))}/[a-z0-9-]+-[0-9a-f]{{12}}\.(?:png|jpg|gif)")
    match {"name": "", "narrow_path": "", "narrow_width": 0, **said}:
        case {
            "name": str(),
            "path": str(path),
            "width": int(width),
            "height": int(height),
            "weight": int(weight),
            "narrow_path": str(narrow),
            "narrow_width": int(wide),
        }:
            fits = 0 < width <= MOST_WIDE and 0 < height <= MOST_WIDE and 0 < weight <= LARGEST_PICTURE
            none = (narrow, wide) == ("", 0)
            smaller = none or (own.fullmatch(narrow) is not None and 0 < wide < width)
            return fits and smaller and own.fullmatch(path) is not None
    return False

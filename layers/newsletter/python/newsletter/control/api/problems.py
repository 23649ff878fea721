"""What a program is told when something cannot be done (RFC 9457, application/problem+json)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from newsletter.errors import (
    InvalidDayError,
    InvalidEmailError,
    InvalidNoteError,
    NewsletterError,
    NotFoundError,
    SendingPausedError,
    TransientError,
    UnknownSendError,
)

MEDIA_TYPE = "application/problem+json"

URN = "urn:fortnightly:problem:"
"""Before the name of a problem: an address that stays the same wherever the documentation lies. docs/api.md has all."""


class ProblemType(StrEnum):
    """Every kind of problem; docs/api.md says of each what to do."""

    KEY_IN_ADDRESS = "key-in-address"
    MALFORMED = "malformed"
    NO_IDEMPOTENCY_KEY = "no-idempotency-key"
    NO_SUCH_VERSION = "no-such-version"
    NO_KEY = "no-key"
    NOT_ALLOWED = "not-allowed"
    NOT_FOUND = "not-found"
    NO_SUCH_METHOD = "no-such-method"
    REFUSED = "refused"
    UNDER_WAY = "under-way"
    TOO_LARGE = "too-large"
    NOT_JSON = "not-json"
    INVALID = "invalid"
    ANOTHER_REQUEST = "another-request"
    TOO_MANY = "too-many"
    BUSY = "busy"


ABOUT: dict[ProblemType, tuple[int, str]] = {
    ProblemType.KEY_IN_ADDRESS: (400, "The key stands in the address"),
    ProblemType.MALFORMED: (400, "The request cannot be read"),
    ProblemType.NO_IDEMPOTENCY_KEY: (400, "The header Idempotency-Key is missing"),
    ProblemType.NO_SUCH_VERSION: (400, "There is no such version of the API"),
    ProblemType.NO_KEY: (401, "No key that is valid"),
    ProblemType.NOT_ALLOWED: (403, "This key may not do this"),
    ProblemType.NOT_FOUND: (404, "There is no such thing"),
    ProblemType.NO_SUCH_METHOD: (405, "This address does not answer to that method"),
    ProblemType.REFUSED: (409, "It cannot be done as things stand"),
    ProblemType.UNDER_WAY: (409, "The same request is under way"),
    ProblemType.TOO_LARGE: (413, "The body is too large"),
    ProblemType.NOT_JSON: (415, "The body is not JSON"),
    ProblemType.INVALID: (422, "A value cannot be what it says"),
    ProblemType.ANOTHER_REQUEST: (422, "This Idempotency-Key was used for another request"),
    ProblemType.TOO_MANY: (429, "Too many requests"),
    ProblemType.BUSY: (503, "Part of the system is busy"),
}
"""The status code and the title of each."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one field."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class ApiProblem:
    """What could not be done, and why."""

    type: ProblemType
    detail: str
    """A sentence: what is wrong, and what to do about it."""
    errors: tuple[FieldFault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status_code(self) -> int:
        """The HTTP status code."""
        return ABOUT[self.type][0]

    def to_json(self) -> str:
        """Return the body of the answer."""
        plain: dict[str, Any] = {
            "type": f"{URN}{self.type}",
            "title": ABOUT[self.type][1],
            "status": self.status_code,
            "detail": self.detail,
        }
        if self.errors:
            plain["errors"] = [{"field": each.field, "message": each.message} for each in self.errors]
        return json.dumps(plain, ensure_ascii=False)


class ProblemError(Exception):
    """A request cannot be carried out.

    Attributes:
        problem: What the program is told.
    """

    def __init__(self, api_problem: ApiProblem) -> None:
        self.problem = api_problem
        super().__init__(api_problem.detail)


def invalid(*faults: FieldFault) -> ProblemError:
    """Return the error for fields that cannot be what they say."""
    detail = "; ".join(f"{each.field}: {each.message}" for each in faults)
    return ProblemError(ApiProblem(ProblemType.INVALID, detail, faults))


def problem_of(newsletter_error: NewsletterError) -> ApiProblem:
    """Return what a program is told about an error of a job; nothing was changed then."""
    words = str(newsletter_error)
    detail = f"{words[:1].upper()}{words[1:].removesuffix('.')}."
    match newsletter_error:
        case TransientError() | SendingPausedError():
            return ApiProblem(
                ProblemType.BUSY, "Nothing was changed. Try again in a minute.", headers={"Retry-After": "60"}
            )
        case NotFoundError() | UnknownSendError():
            return ApiProblem(ProblemType.NOT_FOUND, detail)
        case InvalidEmailError() | InvalidDayError() | InvalidNoteError():
            return ApiProblem(ProblemType.INVALID, detail)
        case _:
            return ApiProblem(ProblemType.REFUSED, detail)

"""The answer to a request that changed something, kept for a day for a program that did not hear it and asks again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

KEPT = timedelta(hours=24)

UNDER_WAY = timedelta(minutes=1)
"""How long a request without an answer counts as under way: three times what a function may take. Afterwards its
function died, and the same request may be made again; what it asks for does nothing twice."""

LONGEST_IDEMPOTENCY_KEY = 255


class Repetition(StrEnum):
    """What a request is beside an earlier one with the same `Idempotency-Key`."""

    FIRST = "first"
    """Nobody came before, or nothing came of it: it is to be carried out."""
    ANSWERED = "answered"
    """The same was asked for, and was answered."""
    UNDER_WAY = "under_way"
    """The same is asked for at this moment."""
    ANOTHER = "another"
    """Something else was asked for."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What is kept under one `Idempotency-Key`."""

    fingerprint: str
    """Of the request."""
    status_code: int | None = None
    """None while there is no answer."""
    body: str = ""

    def beside(self, fingerprint: str) -> Repetition:
        """Return what a request with this fingerprint is."""
        if fingerprint != self.fingerprint:
            return Repetition.ANOTHER
        return Repetition.UNDER_WAY if self.status_code is None else Repetition.ANSWERED


def answer_name(key_id: str, idempotency_key: str) -> str:
    """Return under which name the answer is kept: those of two programs never meet."""
    return f"api-answer#{key_id}#{hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]}"


def fingerprint_of(method: str, path: str, request_body: bytes) -> str:
    """Return what tells this request from every other one."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), request_body))).hexdigest()

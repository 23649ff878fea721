"""Proof of work: a browser computes for a moment before it signs somebody up; a robot has to, for each address.

The ALTCHA protocol, version 1: the server hashes a salt with a secret number and signs the hash; the client tries
numbers until the hash fits, and sends back what it was given, and the number. Nothing is stored until then.

What it buys: a thousand addresses cost a robot minutes instead of a second, and no person notices. It is no wall
(whoever rents processors climbs it), so the limits hold with a proof and without one.

Source: https://altcha.org/docs/v2/proof-of-work
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from newsletter.errors import ExpiredProofError, InvalidProofError

LARGEST_NUMBER = 50_000
"""Half of it is tried on average: half a second in a browser on a laptop, about four at a sixth of its speed.

The work begins when somebody enters the form, and typing an address takes longer. The script gives up after eight.
"""

LIFETIME = timedelta(minutes=20)
"""Long enough for a form that was left open during a telephone call; a used challenge is remembered as long."""

ALGORITHM = "SHA-256"
SALT_BYTES = 12
RANDOM_BYTES = SALT_BYTES + 8
"""What one challenge takes: the salt, and 64 bits for a number that is even to within a part in 10^14."""

LONGEST_PAYLOAD = 1000
"""Characters. Genuine ones have about 350."""

SALT = re.compile(r"[0-9a-f]{24}\?expires=([0-9]{1,11})&")
"""The ampersand is part of it: without it, digits of the number could be moved into the salt and the time altered.

Source: https://altcha.org/security-advisory/
"""

TEXTS = ("algorithm", "challenge", "salt", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What the browser gets. The names are those of the protocol."""

    algorithm: str
    challenge: str
    maxnumber: int
    salt: str
    signature: str

    def as_json(self) -> dict[str, Any]:
        """Return what `GET /challenge` answers."""
        return asdict(self)


def proof_key(address_key: str) -> str:
    """Return the key that signs challenges: one of its own, made from the key that is there already."""
    return hmac.new(address_key.encode(), b"proof of work", hashlib.sha256).hexdigest()


def challenge(key: str, *, random: bytes, now: datetime) -> Challenge:
    """Return a new challenge.

    Args:
        key: Of `proof_key`.
        random: RANDOM_BYTES unpredictable bytes.
        now: It can be solved and used for LIFETIME from here.
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a challenge takes {RANDOM_BYTES} random bytes, not {len(random)}")
    salt = f"{random[:SALT_BYTES].hex()}?expires={int((now + LIFETIME).timestamp())}&"
    number = int.from_bytes(random[SALT_BYTES:], "big") % (LARGEST_NUMBER + 1)
    digest = _digest(salt, number)
    return Challenge(
        algorithm=ALGORITHM, challenge=digest, maxnumber=LARGEST_NUMBER, salt=salt, signature=_signature(digest, key)
    )


def solve(given: Challenge) -> str:
    """Return the payload that solves a challenge, as a browser would send it; for programs, and for tests."""
    for number in range(given.maxnumber + 1):
        if _digest(given.salt, number) == given.challenge:
            payload = {**given.as_json(), "number": number}
            del payload["maxnumber"]
            return base64.b64encode(json.dumps(payload).encode()).decode()
    raise InvalidProofError("this challenge has no solution")


def verify(payload: str, key: str, *, now: datetime) -> str:
    """Return the challenge that this payload solves, so that the caller can see to it that it counts once.

    Raises:
        InvalidProofError: Not a solution, or not of a challenge of ours.
        ExpiredProofError: A solution, but too old.
    """
    fields = _fields(payload)
    genuine = hmac.compare_digest(fields["signature"].encode(), _signature(fields["challenge"], key).encode())
    salt = SALT.fullmatch(fields["salt"])
    if not genuine or salt is None or fields["algorithm"] != ALGORITHM:
        raise InvalidProofError("the proof of work answers no challenge of ours")
    if _digest(fields["salt"], fields["number"]) != fields["challenge"]:
        raise InvalidProofError("the proof of work is wrong")
    if now.timestamp() > int(salt[1]):
        raise ExpiredProofError("the proof of work is too old")
    return str(fields["challenge"])


def _fields(payload: str) -> dict[str, Any]:
    """Return what the payload says, with the types it must have."""
    if len(payload) > LONGEST_PAYLOAD:
        raise InvalidProofError("the proof of work is too long")
    try:
        fields = json.loads(base64.b64decode(payload, validate=True))
    except (ValueError, RecursionError) as exc:  # base64 and UTF-8 raise kinds of ValueError
        raise InvalidProofError("the proof of work cannot be read") from exc
    if not isinstance(fields, dict) or not all(isinstance(fields.get(name), str) for name in TEXTS):
        raise InvalidProofError("the proof of work lacks a field")
    if not all(fields[name].isascii() for name in TEXTS):
        raise InvalidProofError("the proof of work is not of this alphabet")
    number = fields.get("number")
    if type(number) is not int or not 0 <= number <= LARGEST_NUMBER:  # True is an int in Python, and 1.0 equals 1
        raise InvalidProofError("the proof of work has no number")
    return fields


def _digest(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def _signature(digest: str, key: str) -> str:
    return hmac.new(key.encode(), digest.encode(), hashlib.sha256).hexdigest()

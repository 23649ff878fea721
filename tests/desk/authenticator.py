"""A device that makes and uses passkeys, in software; and what somebody can forge who has a device of their own."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40
"""Flags of authenticator data. Source: https://www.w3.org/TR/webauthn-3/#authenticator-data"""


@dataclass
class Held:
    """One passkey on a device."""

    credential_id: bytes
    user_handle: bytes
    rp_id: str
    key: ec.EllipticCurvePrivateKey
    uses: int = 0


@dataclass
class Device:
    """A device in the hands of one person, with a browser that says what it is told to say."""

    origin: str = "https://briefing.example.org"
    counts: bool = False
    """Whether it counts its uses; most do not."""
    held: list[Held] = field(default_factory=list)

    def makes(
        self,
        options: Mapping[str, Any],
        *,
        origin: str = "",
        rp_id: str = "",
        flags: int = PRESENT | VERIFIED | WITH_KEY,
        credential_id: bytes = b"",
        statement: tuple[str, dict[str, Any]] = ("none", {}),
        **said: Any,
    ) -> str:
        """Make a passkey as it was asked to, and return the answer of the browser."""
        key = ec.generate_private_key(ec.SECP256R1())
        rp_id = rp_id or options["rp"]["id"]
        made = Held(credential_id or secrets.token_bytes(32), decoded(options["user"]["id"]), rp_id, key)
        self.held.append(made)
        data = self._data(made, flags, bytes(16) + len(made.credential_id).to_bytes(2) + made.credential_id + cose(key))
        attestation = cbor({"fmt": statement[0], "attStmt": statement[1], "authData": data})
        response = {
            "clientDataJSON": encoded(self._client_data("webauthn.create", options, origin, said)),
            "attestationObject": encoded(attestation),
            "transports": ["internal"],
        }
        return self._answer(made, response)

    def uses(
        self,
        options: Mapping[str, Any],
        *,
        origin: str = "",
        rp_id: str = "",
        flags: int = PRESENT | VERIFIED,
        count: int | None = None,
        user_handle: bytes | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
        **said: Any,
    ) -> str:
        """Use the passkey that was made last, and return the answer of the browser."""
        held = self.held[-1]
        held.uses = held.uses + 1 if count is None else count
        data = self._data(Held(b"", b"", rp_id or held.rp_id, held.key, held.uses if self.counts else 0), flags)
        client_data = self._client_data("webauthn.get", options, origin, said)
        signed = (key or held.key).sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": encoded(client_data),
            "authenticatorData": encoded(data),
            "signature": encoded(signed),
            "userHandle": encoded(held.user_handle if user_handle is None else user_handle),
        }
        return self._answer(held, response)

    def _client_data(self, kind: str, options: Mapping[str, Any], origin: str, said: Mapping[str, Any]) -> bytes:
        content = {"type": kind, "challenge": options["challenge"], "origin": origin or self.origin, **said}
        return json.dumps(content).encode()

    def _data(self, held: Held, flags: int, key: bytes = b"") -> bytes:
        count = held.uses.to_bytes(4)
        return (
            hashlib.sha256(held.rp_id.encode()).digest() + bytes([flags]) + count + (key if flags & WITH_KEY else b"")
        )

    def _answer(self, held: Held, response: Mapping[str, Any]) -> str:
        name = encoded(held.credential_id)
        return json.dumps(
            {
                "id": name, "rawId": name, "type": "public-key", "response": response,
                "authenticatorAttachment": "platform", "clientExtensionResults": {},
            }
        )  # fmt: skip


def cose(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public half as devices say it (RFC 9053, section 7.1.1)."""
    numbers = key.public_key().public_numbers()
    return cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})


def cbor(value: Any) -> bytes:
    """Return the few kinds of values that devices send (RFC 8949)."""
    match value:
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case list():
            return _head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            return _head(5, len(value)) + b"".join(cbor(name) + cbor(each) for name, each in value.items())
    raise TypeError(type(value).__name__)


def _head(kind: int, size: int) -> bytes:
    if size < 24:
        return bytes([kind << 5 | size])
    return bytes([kind << 5 | 24, size]) if size < 256 else bytes([kind << 5 | 25]) + size.to_bytes(2)


def encoded(content: bytes) -> str:
    """Return base64url without padding, as browsers do."""
    return urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """Return what was written so."""
    return urlsafe_b64decode(f"{text}===")

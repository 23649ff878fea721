"""WebAuthn by the library of that name. Only what is bound to our own address counts, whatever a request calls it."""

from __future__ import annotations

import json
import sys
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from newsletter.desk.domain.member import Member
from newsletter.desk.passkey_ports import Assertion, Attestation, MadeKey
from newsletter.desk.passkeys.passkey import CHALLENGE_LIFETIME, Passkey
from newsletter.errors import PasskeyRefusedError

FOLDERS = (Path("/opt/python/passkeys"), Path(sys.prefix) / "passkeys")
"""Where the library is, in AWS and on a laptop: no other function of ours may come across it."""

LONGEST_ANSWER = 16_384
"""Letters. A browser's answer has one to four thousand."""

LONGEST_CREDENTIAL_ID = 1023
"""Bytes. Source: https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential"""

LONGEST_KEY = 2048
"""Bytes. An RSA key of 4096 bits has some 530."""

TIMEOUT = int(CHALLENGE_LIFETIME.total_seconds() * 1000)
"""For how many milliseconds the browser waits for the device."""

ALGORITHMS = ("ECDSA_SHA_256", "EDDSA", "RSASSA_PKCS1_v1_5_SHA_256")
"""Every device has one of these: phones and security keys the first, Windows the last."""

FORMATS = ("none", "packed")
"""Of a statement about the maker of the device. We ask for none; some devices add one that they sign themselves."""

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What reading lets out over answers that no browser gives."""


class WebAuthnCeremonies:
    """What browsers are asked, and whether what they answer is proved."""

    def __init__(self, public_url: str, newsletter_name: str) -> None:
        self._origin = public_url
        self._rp_id = urlsplit(public_url).hostname or ""
        self._rp_name = newsletter_name

    def to_add(
        self, challenge: bytes, member: Member, user_handle: bytes, held_passkeys: Iterable[Passkey]
    ) -> Mapping[str, Any]:
        """Return what a browser is asked to make a passkey for; it makes none where one of these is held already."""
        library, structs = _library(), _structs()
        excluded = [structs.PublicKeyCredentialDescriptor(id=each.credential_id) for each in held_passkeys]
        options = library.generate_registration_options(
            rp_id=self._rp_id,
            rp_name=self._rp_name,
            user_id=user_handle,
            user_name=member.email,
            user_display_name=member.label,
            challenge=challenge,
            timeout=TIMEOUT,
            attestation=structs.AttestationConveyancePreference.NONE,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                require_resident_key=True,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=excluded,
            supported_pub_key_algs=_algorithms(),
        )
        asked: Mapping[str, Any] = library.helpers.options_to_json_dict(options)
        return asked

    def to_sign_in(self, challenge: bytes) -> Mapping[str, Any]:
        """Return what a browser is asked to sign in with any passkey of this website."""
        options = _library().generate_authentication_options(
            rp_id=self._rp_id,
            challenge=challenge,
            timeout=TIMEOUT,
            user_verification=_structs().UserVerificationRequirement.REQUIRED,
        )
        asked: Mapping[str, Any] = _library().helpers.options_to_json_dict(options)
        return asked

    def attestation(self, answered: str) -> Attestation:
        """Read the answer of a browser that made a passkey.

        Raises:
            PasskeyRefusedError: It is none.
        """
        source, response = _read(answered)
        return Attestation(_challenge(response), source)

    def assertion(self, answered: str) -> Assertion:
        """Read the answer of a browser that used a passkey.

        Raises:
            PasskeyRefusedError: It is none.
        """
        source, response = _read(answered)
        with _refusing(*UNREADABLE):
            credential_id, user_handle = _decoded(source["rawId"]), _decoded(response.get("userHandle") or "")
        return Assertion(credential_id, user_handle, _challenge(response), source)

    def made(self, attestation: Attestation) -> MadeKey:
        """Return the key that was made, here and for this challenge, by a person whom the device has recognised.

        Raises:
            PasskeyRefusedError: It was not.
        """
        library = _library()
        with _refusing(*UNREADABLE, *_own_errors()):
            stated = _decoded(attestation.source["response"]["attestationObject"])
            if library.helpers.parse_attestation_object(stated).fmt not in FORMATS:
                raise PasskeyRefusedError("nobody asked for a statement about the device")
            made = library.verify_registration_response(
                credential=dict(attestation.source),
                expected_challenge=attestation.challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                require_user_verification=True,
                supported_pub_key_algs=_algorithms(),
            )
            key = library.helpers.decode_credential_public_key(made.credential_public_key)
            library.helpers.decoded_public_key_to_cryptography(key)  # one that cannot be used is none
        if len(made.credential_id) > LONGEST_CREDENTIAL_ID or len(made.credential_public_key) > LONGEST_KEY:
            raise PasskeyRefusedError("the passkey is larger than any device makes one")
        return MadeKey(made.credential_id, made.credential_public_key, made.sign_count)

    def proved(self, assertion: Assertion, public_key: bytes) -> int:
        """Return the device's counter, if this key signed the challenge, here, for a person whom the device recognised.

        Raises:
            PasskeyRefusedError: It did not.
        """
        with _refusing(*UNREADABLE, *_own_errors()):
            proof = _library().verify_authentication_response(
                credential=dict(assertion.source),
                expected_challenge=assertion.challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                credential_public_key=public_key,
                credential_current_sign_count=0,  # whether it went back is noted, and so compared elsewhere
                require_user_verification=True,
            )
        return int(proof.new_sign_count)


@cache
def _library() -> Any:
    """Return the library, loaded when a passkey is first in play: that takes longer than all the rest of a function."""
    folders = [str(folder) for folder in FOLDERS]
    sys.path += folders
    try:
        return import_module("webauthn")
    finally:
        for folder in folders:
            sys.path.remove(folder)


def _structs() -> Any:
    return _library().helpers.structs


def _algorithms() -> list[Any]:
    known = _library().helpers.cose.COSEAlgorithmIdentifier
    return [known[name] for name in ALGORITHMS]


def _own_errors() -> tuple[type[Exception], ...]:
    """Return what the library says of answers that prove nothing."""
    return _library().helpers.exceptions.WebAuthnException, import_module(
        "cryptography.exceptions"
    ).UnsupportedAlgorithm


@contextmanager
def _refusing(*errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as exc:
        raise PasskeyRefusedError(f"no browser of ours answers like this: {type(exc).__name__}") from exc


def _read(answered: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return a browser's answer, and what in it the device had a hand in."""
    if len(answered) > LONGEST_ANSWER:
        raise PasskeyRefusedError("no browser answers at this length")
    with _refusing(*UNREADABLE):
        source = json.loads(answered)
        return source, dict(source["response"])


def _challenge(response: Mapping[str, Any]) -> bytes:
    """Return the challenge that the browser says it was given. Whether we gave it is for the store to say."""
    with _refusing(*UNREADABLE):
        said = json.loads(_decoded(response["clientDataJSON"]))
        if said.get("crossOrigin"):
            raise PasskeyRefusedError("this was answered in a frame of another website")
        return _decoded(said["challenge"])


def _decoded(text: str) -> bytes:
    """Return the bytes of a text in base64url, of which browsers leave out the padding."""
    return urlsafe_b64decode(f"{text}===")

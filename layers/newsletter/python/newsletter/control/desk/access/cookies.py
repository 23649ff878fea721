"""The cookies of the desk: of a session, and of a browser that asked for a link, or for a passkey, to sign in."""

from __future__ import annotations

from datetime import timedelta

from aws_lambda_powertools.shared.cookies import Cookie, SameSite

from newsletter.core.link_token import LIFETIME, Purpose
from newsletter.desk.domain.session import IDLE_WITH_PASSKEY
from newsletter.desk.passkeys.passkey import CHALLENGE_LIFETIME
from newsletter.desk.sessions.ask_to_sign_in import Asked

SESSION = "__Host-desk"
"""The prefix has browsers refuse it from subdomains and over http (RFC 6265bis, section 4.1.3.2)."""


def session_cookie(secret: str, lifetime: timedelta = IDLE_WITH_PASSKEY) -> Cookie:
    """Return the cookie of a session. When it really ends, the store knows; this is only the latest moment."""
    return Cookie(
        SESSION, secret, path="/", http_only=True, secure=True, same_site=SameSite.STRICT_MODE,
        max_age=int(lifetime.total_seconds()),
    )  # fmt: skip


def ended_session_cookie() -> Cookie:
    """Return what makes a browser forget the cookie of a session."""
    return session_cookie("", timedelta(0))


def attempt_name(public_url: str) -> str:
    """Return the name of the cookie of the browser that asked for a link."""
    return _name("sign-in", public_url)


def attempt_cookie(began: Asked, public_url: str) -> Cookie:
    """Return the cookie of the browser that asked for a link to sign in."""
    lifetime = LIFETIME[Purpose.SIGN_IN]
    assert lifetime is not None  # noqa: S101 - a constant
    return _cookie(attempt_name(public_url), f"{began.attempt_id}.{began.browser_secret}", lifetime, public_url)


def challenge_name(public_url: str) -> str:
    """Return the name of the cookie of the browser that was given a challenge for a passkey."""
    return _name("passkey", public_url)


def challenge_cookie(browser_secret: str, public_url: str) -> Cookie:
    """Return the cookie of the browser that was given a challenge for a passkey."""
    return _cookie(challenge_name(public_url), browser_secret, CHALLENGE_LIFETIME, public_url)


def _name(plain: str, public_url: str) -> str:
    """Return the name of a cookie of our own; on the laptop the plain one.

    There the address is http, over which programs other than browsers give no secure cookie back.
    """
    return f"__Host-{plain}" if public_url.startswith("https:") else plain


def _cookie(name: str, secret: str, lifetime: timedelta, public_url: str) -> Cookie:
    return Cookie(
        name, secret, path="/", http_only=True, secure=public_url.startswith("https:"),
        same_site=SameSite.STRICT_MODE, max_age=int(lifetime.total_seconds()),
    )  # fmt: skip


def read_attempt(cookie: str) -> tuple[str, str]:
    """Return the attempt and the secret of the browser that asked; empty texts for a cookie that is not one of ours."""
    attempt_id, _, browser_secret = cookie.partition(".")
    return (attempt_id, browser_secret) if browser_secret else ("", "")

"""Making and revoking API keys."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from newsletter.core.team import Role
from newsletter.core.text import one_line
from newsletter.desk.api_keys.api_key import LONGEST_NAME, MOST, ApiKey, make
from newsletter.errors import InvalidRequestError

if TYPE_CHECKING:
    from newsletter.desk.api_ports import ApiKeyStore


def make_key(
    name: str, roles: Collection[Role], *, made_by: str, api_keys: ApiKeyStore, now: datetime
) -> tuple[ApiKey, str]:
    """Make a key; return it, and how it is written, to be shown once.

    Raises:
        InvalidRequestError: It has no name or no role, or there are too many keys.
    """
    words = one_line(name)[:LONGEST_NAME].strip()
    if not words:
        raise InvalidRequestError("a key needs a name that says which program it is for")
    if not roles:
        raise InvalidRequestError("choose at least one thing that this key may do")
    api_key, written = make(words, roles, made_by, now)
    if not api_keys.add(api_key):
        raise InvalidRequestError(f"there are {MOST} keys already; revoke one that is not used any more")
    return api_key, written


def revoke_key(key_id: str, *, api_keys: ApiKeyStore) -> ApiKey:
    """Revoke a key: from this moment on it opens nothing.

    Raises:
        InvalidRequestError: There is no such key any more.
    """
    api_key = api_keys.find(key_id)
    if api_key is None or not api_keys.remove(key_id):
        raise InvalidRequestError("this key is revoked already")
    return api_key

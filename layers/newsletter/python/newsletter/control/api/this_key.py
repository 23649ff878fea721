"""The key that a program shows: what it is called and what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.control.api.request import ApiRequest, ApiRoute, Nothing
from newsletter.core.team import Role
from newsletter.desk.domain.act import Act


@dataclass(frozen=True, slots=True)
class ThisKey:
    """The key of the request."""

    id: str
    name: str
    """As its maker calls it."""
    roles: tuple[Role, ...]
    rights: tuple[Act, ...]
    """What it may do."""
    made_at: datetime
    newsletter: str
    """Whose API this is."""


def get_key(request: ApiRequest[Nothing, Nothing]) -> ThisKey:
    """Show what this key may do."""
    api_key = request.api_key
    rights = tuple(act for act in Act if api_key.may(act) and act in WITH_ROUTES)
    name = request.app.settings.newsletter_name
    return ThisKey(api_key.key_id, api_key.name, tuple(sorted(api_key.roles)), rights, api_key.made_at, name)


WITH_ROUTES = frozenset({Act.LOOK, Act.WRITE, Act.DECIDE, Act.SEND, Act.PEOPLE, Act.CARRY})
"""What can be done by a key at all: settings and the team are for people."""

ROUTES = (ApiRoute("GET", "/key", Act.LOOK, get_key),)

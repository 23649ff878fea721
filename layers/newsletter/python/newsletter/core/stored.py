"""Reading what another release of this code stored: items, messages and files outlive a deployment, and a rollback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def known_fields(record_type: type[DataclassInstance], plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return what this release knows of a stored record, to build it from.

    A newer release may have written more, which is left out; an older one less, and then the defaults of the
    dataclass count.

    Raises:
        TypeError: It is no record, but a list or a text.
    """
    if not isinstance(plain, Mapping):
        raise TypeError(f"a stored {record_type.__name__} is an object")
    return {field.name: plain[field.name] for field in fields(record_type) if field.name in plain}

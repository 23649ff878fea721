"""Time zones, from the IANA database that is locked among our dependencies.

Python would rather read the machine's own (https://docs.python.org/3/library/zoneinfo.html#data-sources). Governments
change their clocks at short notice, and then Lambda's image, the laptop and a test would disagree about a slot.
"""

from __future__ import annotations

from importlib import resources
from zoneinfo import ZoneInfo


def time_zone(name: str) -> ZoneInfo:
    """Return the zone of this name.

    Raises:
        ValueError: There is none.
    """
    if name not in names():
        raise ValueError(f"there is no time zone {name!r}; TimeZone takes a name such as Europe/London")
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def names() -> frozenset[str]:
    """Return the names of all zones."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())

"""The publisher's own words and looks, as the functions read them: what `settings/` says and passed the checks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from newsletter.core.reader_fields.reader_field import ReaderField, fields_from_held
from newsletter.core.stored import known_fields

MONTHLY = "monthly"
"""Of `digest` in `settings/brand.yaml`, the one value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseStyle:
    """What the publisher says over the brand of the templates layer; empty where nothing was uploaded."""

    brand: Mapping[str, Any] = field(default_factory=dict)
    """What `settings/brand.yaml` says, under the names that `templates/brand/brand.json` uses."""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Own sentences, by language and by key."""
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is asked of readers besides address and name: what `settings/fields.yaml` says, by key."""
    feeds: Mapping[str, str] = field(default_factory=dict)
    """The addresses of the feeds that drafts are made of, by what the editors call them."""
    earlier_forms: Mapping[str, str] = field(default_factory=dict)
    """The words of forms that stood before, by the id of the form: a page that somebody has open, or a copy of the
    form on another website, still carries them."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Which version of each file this was made from."""

    announced: Mapping[str, str] = field(default_factory=dict)
    """What of each file the editors were shown and the archive was asked to show, as a digest."""

    @property
    def offers_digest(self) -> bool:
        """Whether readers may choose a monthly digest in place of its issues, and one is made."""
        return self.brand.get("digest") == MONTHLY

    @property
    def reader_fields(self) -> tuple[ReaderField, ...]:
        """What is asked of readers, in the order of the file."""
        return fields_from_held(self.fields)

    def to_json(self) -> str:
        """Return the text that is stored; the same style always gives the same text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> HouseStyle:
        """Read what `to_json` wrote, also from a version that knew other parts.

        Raises:
            ValueError: It is something else.
        """
        plain = json.loads(text)
        if not isinstance(plain, dict):
            raise ValueError("a house style is an object")
        return cls(**{name: part for name, part in known_fields(cls, plain).items() if isinstance(part, dict)})


NO_HOUSE_STYLE = HouseStyle()

CurrentStyle = Callable[[], HouseStyle]
"""Returns the style of this moment; never raises, whatever stands behind it."""

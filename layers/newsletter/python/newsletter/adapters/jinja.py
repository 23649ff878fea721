"""Templates: read from one directory, escaped by default, strict about what they are given."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from newsletter.adapters.lines import wrap

ESCAPED = ("html", "xml", "atom", "rss", "svg")

RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})

MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
"""Not strftime: its month names follow the machine's locale, and a page must not."""


class Templates:
    """The templates below one directory, and the brand they share."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def render(self, name: str, context: Mapping[str, object]) -> str:
        """Return the template filled in.

        Raises:
            jinja2.UndefinedError: The template asks for something that the context does not have.
        """
        return self._environment.get_template(name).render(**context)

    @cached_property
    def brand(self) -> dict[str, Any]:
        """Words and colours of the publisher; see templates/brand/README.md."""
        brand: dict[str, Any] = json.loads((self._directory / "brand" / "brand.json").read_text("utf-8"))
        return brand

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(self._directory),
            autoescape=select_autoescape(enabled_extensions=ESCAPED),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False}
        environment.filters["day"] = day
        environment.filters["direction"] = direction
        environment.filters["rfc_822"] = rfc_822
        environment.filters["wrapped"] = lambda text: "\n".join(wrap(" ".join(str(text).split())))
        environment.globals["brand"] = self.brand
        return environment


def day(date: datetime.date) -> str:
    """Return a date as people write it: 1 December 2026."""
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def rfc_822(date: datetime.date) -> str:
    """Return the first moment of a day as RSS writes it."""
    return format_datetime(datetime.datetime(date.year, date.month, date.day, tzinfo=datetime.UTC), usegmt=True)


def direction(lang: str) -> str:
    """Return which way a language is written, for HTML's `dir`."""
    return "rtl" if lang.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"

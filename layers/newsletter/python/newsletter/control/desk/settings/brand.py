"""`settings/brand.yaml` at the desk: name and looks, with what each colour is worth and a mail in them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from newsletter.control.desk.request import DeskRequest, File
from newsletter.core.language import LANGUAGES
from newsletter.desk.settings.palette import CODE_COLOURS, COLOURS, SCHEMES, Seen, seen
from newsletter.desk.settings.setting import Meeting, meet
from newsletter.desk.settings.setting_fields import values_of, written
from newsletter.errors import InvalidRequestError
from newsletter.issues.domain.contrast import read_colour
from newsletter.issues.domain.settings_file import DEFAULT_LOGO_WIDTH, TALLEST_LOGO, WIDEST_LOGO
from newsletter.web.mail_preview import preview

LABELS = {
    "language": "Language of the newsletter",
    "strapline": "Strapline",
    "invitation": "Invitation",
    "postal_address": "Postal address",
    "footer_links": "Links at the foot",
    "digest": "What readers can choose",
    "logo": "Logo",
    "logo_dark": "Logo for dark screens",
    "logo_alt": "Read where pictures are off",
    "logo_width": "Width of the logo in pixels",
    "fonts.heading": "Fonts of headings",
    "fonts.text": "Fonts of the text",
    "fonts.code": "Fonts of code",
}
"""Fields of `brand.yaml` that are no colours, in the order of the file."""

EVERY_COLOUR = {**COLOURS, **CODE_COLOURS}
SCALARS = tuple(LABELS)
IN_COLOUR = tuple(f"{scheme}.{name}" for scheme in SCHEMES for name in EVERY_COLOUR)

BEGINS = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif"}
"""The first bytes of each kind of picture that mail programs show, and its ending."""

LARGEST_UPLOAD = 4_000_000
VIEWS = {"day": "By day", "night": "By night"}


class BrandEditor:
    """`settings/brand.yaml`."""

    title = "Brand"
    page = "settings_brand"

    def __init__(self, layer_brand: Mapping[str, Any]) -> None:
        self._ours = {
            **{f"{scheme}.{name}": str(layer_brand[scheme][name]) for scheme in SCHEMES for name in EVERY_COLOUR},
            **{f"fonts.{name}": str(text) for name, text in layer_brand["fonts"].items()},
            "strapline": str(layer_brand["strapline"]),
            "invitation": str(layer_brand["invitation"]),
        }

    def values(self, file_text: str) -> Mapping[str, str]:
        """Return the fields of the file; of colours that it does not name, ours."""
        own = values_of(file_text)
        colours = {name: _six_digits(own.get(name, "")) or self._ours[name] for name in IN_COLOUR}
        return {**{name: own.get(name, "") for name in SCALARS}, **colours}

    def typed(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        """Return what was typed."""
        return {name: fields[name].replace("\r\n", "\n").strip() for name in (*SCALARS, *IN_COLOUR) if name in fields}

    def source(self, typed_values: Mapping[str, str], values_before: Mapping[str, str]) -> str:
        """Return the file; a colour that is ours is left out, so that it follows ours."""
        values = {**values_before, **typed_values}
        chosen = {name: text for name, text in values.items() if name not in IN_COLOUR or text != self._ours[name]}
        if not chosen.get("logo"):
            chosen = {name: text for name, text in chosen.items() if not name.startswith("logo")}
        return written(chosen)

    def meet(
        self, base_values: Mapping[str, str], own_values: Mapping[str, str], their_values: Mapping[str, str]
    ) -> Meeting:
        """Put together what two people typed, field by field."""
        return meet(base_values, own_values, their_values)

    def words(self, sentence: str) -> str:
        """Return what a check says with the labels of the form in it."""
        return re.sub(r"`([a-z_.]+)`", lambda found: f"“{label(found[1])}”", sentence)

    def context(self, request: DeskRequest, form_values: Mapping[str, str]) -> Mapping[str, Any]:
        """Return what the page shows besides: labels, and what the colours are worth."""
        logo = request.app.templates.logo
        return {
            "labels": LABELS,
            "languages": LANGUAGES,
            "schemes": SCHEMES,
            "colours": COLOURS,
            "code_colours": CODE_COLOURS,
            "ours": self._ours,
            "seen": seen_in(form_values),
            "logo": logo,
            "default_width": DEFAULT_LOGO_WIDTH,
            "widest": WIDEST_LOGO,
            "tallest": TALLEST_LOGO,
            "views": VIEWS,
        }

    def preview(self, request: DeskRequest, file_text: str) -> File:
        """Return the email that asks to confirm, in these looks."""
        app = request.app
        style = app.house_style.current()
        brand, logo = app.edit_settings_ports.reader().brand(file_text.encode()) if file_text else ({}, None)
        # A logo that was not saved yet has no address; the one in use stands for it.
        used = style.brand.get("logo")
        shown = {**brand, "logo": used} if logo and used else brand
        mail = app.pages_in(replace(style, brand=shown)).mail("confirmation", confirm_url=app.settings.public_url)
        html = preview(mail.html, dark=request.fields.get("view") == "night")
        return File(html, "text/html; charset=utf-8", app.pages.mail_headers())


def label(name: str) -> str:
    """Return what the form calls a field."""
    scheme, _, colour = name.partition(".")
    if scheme in SCHEMES:
        return f"{EVERY_COLOUR.get(colour, colour)} ({SCHEMES[scheme].lower()})"
    return LABELS.get(name, name)


def seen_in(form_values: Mapping[str, str]) -> dict[str, Seen]:
    """Return how well each colour of the form can be seen, by the name of its field."""
    found: dict[str, Seen] = {}
    for scheme in SCHEMES:
        palette = {name: form_values.get(f"{scheme}.{name}", "") for name in EVERY_COLOUR}
        found |= {f"{scheme}.{name}": each for name, each in seen(palette).items()}
    return found


def logo_name(picture_bytes: bytes) -> str:
    """Return the name under which a logo is kept: after what is in it, so that no version ever replaces another.

    Raises:
        InvalidRequestError: It is no picture that mail programs show, or too large.
    """
    ending = next((ending for begin, ending in BEGINS.items() if picture_bytes.startswith(begin)), "")
    if not ending:
        raise InvalidRequestError("the logo is no PNG, JPEG or GIF: save it as one of these, whatever its name says")
    if len(picture_bytes) > LARGEST_UPLOAD:
        raise InvalidRequestError("the logo has more than 4 MB: save it smaller, 800 pixels wide are enough")
    return f"logo-{hashlib.sha256(picture_bytes).hexdigest()[:12]}{ending}"


def _six_digits(text: str) -> str:
    """Return a colour as browsers' fields for colours want it; empty for none."""
    found = read_colour(text)
    return "" if found is None else f"#{found[0]:02x}{found[1]:02x}{found[2]:02x}"

"""Templates: read from one directory, escaped by default, strict about what they are given, in every language we speak.

Sentences stand in the templates in English, as `_("...")`; translations are gettext catalogues below `locale/`, which
Python reads by itself. Babel, which writes them, stays at the desk.
"""

from __future__ import annotations

import datetime
import gettext
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter.core.house_style import NO_HOUSE_STYLE, CurrentStyle, HouseStyle
from newsletter.core.how_often import HowOften
from newsletter.core.language import FALLBACK, PARTLY, main_code, msg
from newsletter.core.newsletter import Newsletter
from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.core.registered_form import form_id
from newsletter.web.brand_logo import Logo, read_logo, uploaded_logo
from newsletter.web.lines import wrap
from newsletter.web.partial_catalogues import SPOKEN_IN_PART

if TYPE_CHECKING:
    from jinja2 import Environment

RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})

MONTHS = (
    msg("January"),
    msg("February"),
    msg("March"),
    msg("April"),
    msg("May"),
    msg("June"),
    msg("July"),
    msg("August"),
    msg("September"),
    msg("October"),
    msg("November"),
    msg("December"),
)
"""Not strftime: its month names follow the machine's locale, and a page must not."""

_OWN = re.compile(r'''\b_\("((?:[^"\\]|\\.)*)", own="(\w+)"''')
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class Templates:
    """The templates below one directory, the brand they share, and the languages they can speak."""

    def __init__(
        self,
        directory: Path,
        filters: Mapping[str, Callable[..., object]] | None = None,
        *,
        how_often: HowOften = HowOften(),  # noqa: B008 - frozen
        current_style: CurrentStyle = lambda: NO_HOUSE_STYLE,
    ) -> None:
        """Read templates from a directory.

        Args:
            directory: The templates, the brand and the translations.
            filters: What the templates of a single wing need besides the filters that all have; by name.
            how_often: When issues come.
            current_style: Returns the publisher's own words and looks; asked first when something is rendered.
        """
        self._directory = directory
        self._filters = filters or {}
        self._how_often = how_often
        self._current_style = current_style
        self._catalogues: dict[str, gettext.NullTranslations] = {}

    def refresh(self) -> None:
        """Take over the house style of this moment. Between two calls all that is rendered looks alike."""
        style = self._current_style()
        if style != self._style:
            for made in ("_environment", "_brand", "brand", "logo", "stylesheet"):
                self.__dict__.pop(made, None)
            self._style = style

    def render(self, name: str, context: Mapping[str, object], *, lang: str = "") -> str:
        """Return the template filled in, in this language if we speak it, else in the newsletter's own.

        Raises:
            jinja2.UndefinedError: The template asks for something that the context does not have.
        """
        language = self.language_of(name, lang)
        words = {
            "language": language,
            "in_language": "" if language == self.language("") else f"{language}/",
            "ask_in_language": "" if language == FALLBACK else f"?lang={language}",
            "brand": self.brand_in(language),
        }
        return self._environment.get_template(name).render({**words, **context})

    def compile(self, directory: Path, *, installed_at: str) -> None:
        """Compile all templates into a folder that there is not yet, for a function that finds them at this place."""
        from newsletter.web.compiled_templates import compile_templates

        compile_templates(self._environment, directory, installed_at=installed_at)

    def source(self, name: str) -> str:
        """Return a file of the directory as it stands, or nothing if there is none."""
        path = self._directory / name
        return path.read_text("utf-8") if path.is_file() else ""

    def say(self, message: str, *, lang: str = "", **values: object) -> str:
        """Return one sentence of the catalogue as plain text."""
        said = self._catalogue(self.language(lang)).gettext(message)
        return said % values if values else said

    def day(self, date: datetime.date, *, lang: str = "") -> str:
        """Return a date as people write it: 1 December 2026, 1er décembre 2026."""
        catalogue = self._catalogue(self.language(lang))
        # Some languages write the first of a month in a way of its own.
        pattern = msg("1 %(month)s %(year)s") if date.day == 1 else msg("%(day)s %(month)s %(year)s")
        values = {"day": date.day, "month": catalogue.gettext(MONTHS[date.month - 1]), "year": date.year}
        return catalogue.gettext(pattern) % values

    def month(self, month: str, *, lang: str = "") -> str:
        """Return a month such as 2026-12 as people write it: December 2026, diciembre de 2026."""
        catalogue = self._catalogue(self.language(lang))
        year, number = month.split("-")
        values = {"month": catalogue.gettext(MONTHS[int(number) - 1]), "year": int(year)}
        return catalogue.gettext(msg("%(month)s %(year)s")) % values

    def language(self, lang: str) -> str:
        """Return the language that will be spoken to somebody who wants this one."""
        wanted = (main_code(tag) for tag in (lang, self._brand["language"], FALLBACK))
        return next(each for each in wanted if each in self.languages)

    def language_of(self, name: str, lang: str) -> str:
        """Return the language that this template will be in for somebody who wants this one."""
        language = self.language(lang)
        return language if language not in PARTLY or name in SPOKEN_IN_PART else self.language("")

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """All languages there are catalogues for, and English, which needs none."""
        return FALLBACK, *sorted(path.parts[-3] for path in self._directory.glob("locale/*/LC_MESSAGES/messages.mo"))

    @cached_property
    def brand(self) -> dict[str, Any]:
        """Words and colours of the publisher, in the newsletter's own language; see templates/brand/README.md."""
        return self.brand_in(self.language(""))

    @cached_property
    def logo(self) -> Logo | None:
        """What stands for the newsletter's name at the top of mails and pages, if the publisher has a logo."""
        if uploaded := self._style.brand.get("logo"):
            return uploaded_logo(uploaded)
        return read_logo(self._directory / "brand", self._brand["logo"])

    @cached_property
    def stylesheet(self) -> str:
        """The stylesheet of the site, which pages of functions carry in themselves."""
        return self.render("site/style.css", {})

    @property
    def earlier_forms(self) -> Mapping[str, str]:
        """The words of sign-up forms that stood before, by the id of the form."""
        return self._style.earlier_forms

    @property
    def reader_fields(self) -> tuple[ReaderField, ...]:
        """What is asked of readers besides address and name."""
        return self._style.reader_fields

    @property
    def layer_brand(self) -> dict[str, Any]:
        """The brand of the layer alone, whatever the publisher uploaded."""
        said: dict[str, Any] = json.loads((self._directory / "brand" / "brand.json").read_text("utf-8"))
        return {"translations": {}, "footer_links": (), **said}

    def own_sentences(self, lang: str) -> dict[str, str]:
        """Return the sentences that the publisher may replace as we say them in this language, by their keys."""
        said = self._catalogue(lang).gettext
        brand = {**self.layer_brand, **self.layer_brand["translations"].get(lang, {})}
        ours = {key: _PLACEHOLDER.sub(r"{\1}", said(message)) for key, message in self._replaceable.items()}
        return {**{key: brand[key] for key in ("strapline", "invitation")}, **ours}

    @cached_property
    def _replaceable(self) -> dict[str, str]:
        """Each sentence in English that stands in a template with a key of its own."""
        paths = (path for kind in ("html", "txt") for path in sorted(self._directory.rglob(f"*.{kind}")))
        found = (each for path in paths for each in _OWN.findall(path.read_text("utf-8")))
        return {key: message.replace('\\"', '"') for message, key in found}

    def publisher(self, newsletter: Newsletter) -> Newsletter:
        """Return the newsletter with the postal address of the house style, where it has one."""
        return replace(newsletter, postal_address=self._brand.get("postal_address") or newsletter.postal_address)

    def brand_in(self, lang: str) -> dict[str, Any]:
        """Return the brand with its words in this language, where the publisher gave them."""
        brand = {**self._brand, **self._brand["translations"].get(lang, {})}
        rhythm = self._how_often.in_words(self._catalogue(lang).gettext)
        own = self._style.words.get(lang, {})
        words = {key: own.get(key) or brand[key] for key in ("strapline", "invitation")}
        return {**brand, **{key: text.replace("{rhythm}", rhythm) for key, text in words.items()}, "rhythm": rhythm}

    @cached_property
    def _style(self) -> HouseStyle:
        return self._current_style()

    @cached_property
    def _brand(self) -> dict[str, Any]:
        """The brand of the layer with what the publisher uploaded over it."""
        brand = self.layer_brand
        own = self._style.brand
        # A translation of a sentence that the publisher has replaced would say what nobody says any more.
        translations = {
            lang: {key: text for key, text in words.items() if key not in own}
            for lang, words in brand["translations"].items()
        }
        palettes = {part: {**brand[part], **own.get(part, {})} for part in ("fonts", "light", "dark")}
        return {**brand, **own, **palettes, "translations": translations, "logo": brand["logo"]}

    def _catalogue(self, lang: str) -> gettext.NullTranslations:
        if lang not in self._catalogues:
            path = self._directory / "locale" / lang / "LC_MESSAGES" / "messages.mo"
            if lang == FALLBACK:
                self._catalogues[lang] = gettext.NullTranslations()
            else:
                with path.open("rb") as file:
                    self._catalogues[lang] = gettext.GNUTranslations(file)
        return self._catalogues[lang]

    @cached_property
    def _environment(self) -> Environment:
        # Here, because answers without a page need nothing of Jinja, and loading it takes a tenth of a cold start.
        from newsletter.web.environment import Sentences, make_environment

        sentences = Sentences(self._catalogue, lambda: self._style, self.day)
        environment = make_environment(self._directory, sentences)
        environment.globals["form_id"] = form_id
        environment.globals["reader_fields"] = self.reader_fields
        environment.filters["direction"] = direction
        environment.filters["moment"] = moment
        environment.filters["rfc_822"] = rfc_822
        environment.filters.update(self._filters)
        environment.filters["wrapped"] = lambda text: "\n".join(wrap(re.sub(r"[ \t\r\n]+", " ", str(text)).strip()))
        environment.globals["brand"] = self.brand
        environment.globals["logo"] = self.logo
        return environment


def moment(when: datetime.datetime) -> str:
    """Return a moment as Atom and JSON Feed write it (RFC 3339), in UTC."""
    return f"{when.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"


def rfc_822(date: datetime.date) -> str:
    """Return the first moment of a day as RSS writes it."""
    return format_datetime(datetime.datetime(date.year, date.month, date.day, tzinfo=datetime.UTC), usegmt=True)


def direction(lang: str) -> str:
    """Return which way a language is written, for HTML's `dir`."""
    return "rtl" if lang.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"

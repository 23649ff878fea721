"""Jinja as our templates need it: what they may call, and how sentences come out in the language of a reader."""

from __future__ import annotations

import datetime
import gettext
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from markupsafe import Markup, escape

from newsletter.core.house_style import CurrentStyle
from newsletter.web.compiled_templates import CompiledTemplates

ESCAPED = ("html", "xml", "atom", "rss", "svg")


class Sentences:
    """The sentences of templates, in the language that their context names."""

    def __init__(
        self,
        catalogue: Callable[[str], gettext.NullTranslations],
        current_style: CurrentStyle,
        day_in_words: Callable[..., str],
    ) -> None:
        """Take what knows languages.

        Args:
            catalogue: Returns the translations into a language.
            current_style: Returns the publisher's own words.
            day_in_words: Returns a date in words, in the language `lang`.
        """
        self._catalogue = catalogue
        self._style = current_style
        self._day_in_words = day_in_words

    def install(self, environment: Environment) -> None:
        """Let the templates of an environment say them."""
        environment.filters["day"] = self._day
        environment.filters["said"] = self._said
        environment.globals["_"] = self._gettext
        environment.globals["ngettext"] = self._ngettext

    @pass_context
    def _gettext(self, context: Context, message: str, /, *, own: str = "", **values: object) -> str:
        """Return a sentence, its gaps filled; in HTML the sentence may carry markup, and what fills it is escaped.

        Args:
            context: Of the template.
            message: The sentence in English.
            own: The key under which the publisher may have a sentence of their own; a plain text, without markup.
            values: What fills the gaps.
        """
        words = self._style().words.get(context["language"], {}).get(own, "") if own else ""
        if words:
            given = {"newsletter": context["newsletter"].name, "rhythm": context["brand"]["rhythm"], **values}
            return _filled_own(context, words, given)
        return _filled(context, self._catalogue(context["language"]).gettext(message), values)

    @pass_context
    def _ngettext(self, context: Context, one: str, many: str, num: int, /, **values: object) -> str:
        """Return the sentence for this number of things, its gaps filled."""
        said = self._catalogue(context["language"]).ngettext(one, many, num)
        return _filled(context, said, {"num": num, **values})

    @pass_context
    def _said(self, context: Context, text: str) -> str:
        """Return a sentence that Python said (`msg`, or an error of ours), translated if the catalogue has it.

        An error begins without a capital and ends without a full stop; on a page it has got both.
        """
        catalogue = self._catalogue(context["language"])
        ways = (
            text,
            text.removesuffix("."),
            text[:1].lower() + text[1:],
            text[:1].lower() + text[1:].removesuffix("."),
        )
        return next((said for way in ways if way and (said := catalogue.gettext(way)) != way), text)

    @pass_context
    def _day(self, context: Context, date: datetime.date) -> str:
        """Return a date in words."""
        return self._day_in_words(date, lang=context["language"])


def make_environment(directory: Path, sentences: Sentences) -> Environment:
    """Return what reads the templates below a directory: escaped by default, strict about what they are given."""
    environment = Environment(
        loader=FileSystemLoader(directory),
        bytecode_cache=CompiledTemplates(),
        autoescape=select_autoescape(enabled_extensions=ESCAPED),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False}
    sentences.install(environment)
    return environment


def _filled_own(context: Context, words: str, values: Mapping[str, object]) -> str:
    """Return a sentence of the publisher's with its placeholders filled: a name in braces each."""
    written = escape if context.eval_ctx.autoescape else str
    parts = [
        written(values[part[1:-1]] if part[:1] == "{" and part[1:-1] in values else part)
        for part in re.split(r"(\{[a-z_]+\})", words)
    ]
    return Markup("").join(parts) if context.eval_ctx.autoescape else "".join(parts)


def _filled(context: Context, text: str, values: Mapping[str, object]) -> str:
    if context.eval_ctx.autoescape:
        text = Markup(text)  # noqa: S704 - our own catalogue; what fills the gaps is escaped by Markup
    return text % values if values else text

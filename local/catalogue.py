"""The catalogue of translations: collects every sentence a reader may meet, merges it into each language, compiles it.

Run it with `make catalogue`, after any change of a sentence in a template or in an error that a reader sees; then
translate what it lists, and run it again. It needs Babel, which Lambda does not: there Python reads the compiled files.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, meta

from newsletter.core.language import PARTLY
from newsletter.web.partial_catalogues import SPOKEN_IN_PART

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "templates" / "locale"

PLACES = {
    "templates": [("**.html", "jinja2"), ("**.txt", "jinja2")],
    "layers/newsletter/python/newsletter": [("**.py", "python")],
    "functions": [("**.py", "python")],
}

KEYWORDS = {
    "_": None,
    "ngettext": (1, 2),
    "msg": None,
    "ExpiredTokenError": None,
    "InvalidAnswerError": None,
    "InvalidEmailError": None,
    "InvalidRequestError": None,
    "InvalidTokenError": None,
}
"""What stands around a sentence: our functions, and the errors whose sentences a page repeats to the reader."""

FOR_THE_TEAM = (
    "control/",
    *(f"desk/{room}/" for room in ("drafts", "passkeys", "people", "review", "sessions", "settings")),
    "feedback/jobs/lift_suppression.py",
)
"""Parts of the package that speak to editors and operators alone, and so in English."""

ISSUES = "layers/newsletter/python/newsletter/issues/"
WITHIN_AN_ISSUE = frozenset(
    f"layers/newsletter/python/newsletter/{path}" for path in ("core/how_often.py", "web/jinja.py")
)
"""What Python says within an issue and around it: pictures, files, notes, days, how often."""

WIDTH = 110

HEADER = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: {plural_forms}\n"

"""
"""Babel's own would name the hour of each run."""


class _Bare(Catalog):
    """A catalogue whose header does not change with the hour and the version of Babel."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [("Content-Type", "text/plain; charset=utf-8"), ("Plural-Forms", self.plural_forms)]


def collected() -> Catalog:
    """Return a catalogue of all sentences, without translations."""
    catalogue = Catalog(project="Fortnightly", charset="utf-8", header_comment="")
    for place, methods in PLACES.items():
        for path, _, message, _, _ in extract_from_dir(ROOT / place, methods, keywords=KEYWORDS):
            if path.startswith(FOR_THE_TEAM):
                continue
            catalogue.add(message, locations=[(f"{place}/{path}", 1)])
    return catalogue


def covered() -> frozenset[str]:
    """Return the sentences of a partial catalogue: those of its templates, and of what Python puts into an issue."""
    environment, named, waiting = Environment(autoescape=True), set[str](), list(SPOKEN_IN_PART)
    while waiting:
        name = waiting.pop()
        if name not in named:
            named.add(name)
            parsed = environment.parse((ROOT / "templates" / name).read_text("utf-8"))
            waiting += [each for each in meta.find_referenced_templates(parsed) if each]
    places = {f"templates/{name}" for name in named} | WITHIN_AN_ISSUE
    return frozenset(
        str(each.id)
        for each in collected()
        if each.id and any(path in places or path.startswith(ISSUES) for path, _ in each.locations)
    )


def languages() -> list[str]:
    """Return the languages there are catalogues for; to add one, make an empty folder with its code."""
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def merged(lang: str, sentences: Catalog) -> Catalog:
    """Return the catalogue of one language with exactly these sentences; a new one has no translation yet."""
    path = source_of(lang)
    known = read_po(BytesIO(path.read_bytes() if path.exists() else b""), locale=lang)
    new = Catalog(locale=lang, project="Fortnightly", charset="utf-8", header_comment="")
    only = covered() if lang in PARTLY else None
    for sentence in sorted(sentences, key=lambda each: str(each.id)):
        if sentence.id and (only is None or sentence.id in only):
            old = known.get(sentence.id)
            new.add(sentence.id, old.string if old else "", locations=sorted(set(sentence.locations)))
    return new


def source_of(lang: str) -> Path:
    """Return where the translations of a language are written by people."""
    return LOCALE / lang / "LC_MESSAGES" / "messages.po"


def compiled_of(lang: str) -> Path:
    """Return where Python reads them."""
    return source_of(lang).with_suffix(".mo")


def written(catalogue: Catalog) -> bytes:
    """Return the catalogue as people edit it."""
    file = BytesIO()
    write_po(file, catalogue, width=WIDTH, omit_header=True, include_lineno=False)
    return HEADER.format(plural_forms=catalogue.plural_forms).encode() + file.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue as Python reads it, the same bytes for the same sentences."""
    final = _Bare(locale=catalogue.locale, charset="utf-8", header_comment="")
    for message in read_po(BytesIO(written(catalogue)), locale=catalogue.locale):
        if message.id:
            final.add(message.id, message.string)
    file = BytesIO()
    write_mo(file, final)
    return file.getvalue()


def untranslated(catalogue: Catalog) -> Iterator[str]:
    """Yield the sentences that lack a translation."""
    for sentence in catalogue:
        texts = sentence.string if isinstance(sentence.string, tuple) else (sentence.string,)
        if sentence.id and not all(texts):
            yield str(sentence.id)


def main() -> int:
    """Bring every language up to date, and list what is left for its translator."""
    sentences, left = collected(), 0
    for lang in languages():
        catalogue = merged(lang, sentences)
        source_of(lang).parent.mkdir(parents=True, exist_ok=True)
        source_of(lang).write_bytes(written(catalogue))
        compiled_of(lang).write_bytes(compiled(catalogue))
        for sentence in untranslated(catalogue):
            left += 1
            print(f"{lang}: {sentence}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())

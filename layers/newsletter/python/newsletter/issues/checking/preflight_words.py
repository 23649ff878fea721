"""Checks of the words: nothing is left over from writing, and the subject says something."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from newsletter.core.language import NAMES, PARTLY, main_code
from newsletter.core.text import LONGEST_NAME
from newsletter.issues.checking.preflight_findings import error, quoted, warning
from newsletter.issues.checking.preflight_specimen import Specimen
from newsletter.issues.domain.issue import OPTIONAL_WORDS, SendPolicy
from newsletter.issues.domain.issue_record import LOCKED
from newsletter.issues.domain.preflight import Finding

PERSONAL = (
    r"(?:first|last|full|user|sur|given|family)?[ _-]?name|e-?mail(?:[ _-]?address)?|recipient|subscriber|company"
)

MERGE_TAGS = re.compile(
    r"\{\{[^{}]*\}\}"  # Mustache, Liquid, Handlebars, and ours when it is spelt wrong
    r"|\{%[^{}]*%\}"
    r"|<%.{0,80}?%>"
    r"|\$\{[^{}]*\}"
    r"|\|[A-Z][A-Z0-9_:]{0,60}\|"  # Mailchimp's *|FNAME|*, whose stars Markdown has made into emphasis
    r"|%%[\w .-]{1,60}%%"  # Salesforce
    rf"|%(?:{PERSONAL})(?:[._-]\w+)*%"
    rf"|\{{\{{?[ \t]*(?:{PERSONAL})\b[^{{}}]{{0,60}}\}}?\}}?"
    rf"|\[\[[ \t]*(?:{PERSONAL})\b[^\[\]]{{0,60}}\]\]",
    re.IGNORECASE,
)
"""Placeholders of the mail systems people come from."""

SQUARE = re.compile(
    rf"(?<!\[)\[(?:(?:your|the|my) )?(?:{PERSONAL}|date|link|url|(?:insert|add) [^\[\]]{{1,60}})(?: here)?\](?![\](])",
    re.IGNORECASE,
)
"""What people type where something is still to come."""

NOTE_VERBS = frozenset(
    (  # noqa: SIM905 - a list of words reads better as words
        "Add Ask Call Change Check Confirm Describe Do Explain Fill Find Finish Fix Get Include Insert Link Make"
        " Mention Move Put Remove Replace Rewrite Say See Shorten Tell Update Verify Write"
    ).split()
)
"""What notes to oneself begin with. Another word with a capital is part of a name: the FIXME Festival."""

LEFT_OVER = re.compile(r"(?<![\w/#@])(?:TODO|FIXME|T[Kk](?:[Tt][Kk])+|TK)(?!\w)|\blorem ipsum\b|\bipsum dolor\b")
"""Certain: nobody publishes these words. TK ("to come") is found by `_is_tk`, because a shop is called TK Maxx."""

OPEN = re.compile(r"(?<![\w/#@-])(?:TBC|TBD|TBA|XXX+)(?![\w-])")
"""Doubtful: “venue TBC” can be meant."""

MEANS_ALL = frozenset({"es", "pt", "gl"})
"""Languages in which TODO is a word."""

SUBJECT_LENGTH = 70
"""Characters that Gmail shows in a window of usual width; a telephone shows about 40."""

LONGEST_SUBJECT = 200
"""Characters. Some servers refuse a line of more than 998 bytes (RFC 5322), and encoded letters take six or more."""

LOUD = 0.6
"""Share of capitals above which a subject shouts; a few abbreviations stay below."""

FEWEST_LETTERS = 10
"""Below that a share means little: “NHS and BBC” is no shout."""

MOST_EMOJI = 2
MANY_EMOJI = 15
"""In the whole text. A screen reader says every one of them by its name."""

FAR = 180
"""Days. Half a year ahead is more often a wrong year than a plan."""


def language(specimen: Specimen) -> Iterator[Finding]:
    """What stands around the text is in its language, or the editors know that it is not."""
    lang = specimen.issue.lang
    if main_code(lang) in PARTLY:
        yield warning(
            "language-partial",
            f"Of the language {quoted(lang)} we have the words around an issue, and those to sign up, confirm and"
            " unsubscribe. Every other page and email is in the newsletter's own.",
            "Nothing is wrong with the issue. Whoever runs the newsletter can add the other words.",
            specimen.issue.lines.get("lang"),
        )
    elif main_code(lang) not in NAMES:
        yield warning(
            "language-unknown",
            f"We have no words in the language {quoted(lang)}: dates, footer and form are in the newsletter's own.",
            "Nothing is wrong with the issue. Whoever runs the newsletter can add these words in another language.",
            specimen.issue.lines.get("lang"),
        )


def placeholders(specimen: Specimen) -> Iterator[Finding]:
    """No placeholder reaches a reader as it was typed."""
    for name in specimen.unknown_variables:
        yield error(
            "variable-unknown",
            f"The mail asks for a value called {quoted(name)} that nobody has.",
            "This comes from the templates of the mail, not from the issue; ask whoever runs the newsletter.",
        )
    remedy = "The one placeholder is {{ name | there }}. What shall arrive as it is belongs into `code`."
    for place, text in _texts(specimen):
        for found in MERGE_TAGS.finditer(text):
            if found[0].startswith("|") and f"*{found[0]}*" not in f"{text}\n{specimen.issue.body}":
                continue  # without the stars, bars are bars: |x| is a size in mathematics
            line = specimen.issue.lines.get(place) or specimen.line_of(found[0])
            yield error("placeholder-foreign", f"{quoted(found[0])} would arrive just so.", remedy, line)
        for found in SQUARE.finditer(text):
            line = specimen.issue.lines.get(place) or specimen.line_of(found[0])
            yield warning(
                "placeholder-open", f"{quoted(found[0])} looks as if something were still to come.", "Put it in.", line
            )


def leftovers(specimen: Specimen) -> Iterator[Finding]:
    """Nothing is left over from writing."""
    spanish = specimen.issue.lang.split("-")[0] in MEANS_ALL
    for place, text in _texts(specimen):
        for found in LEFT_OVER.finditer(text):
            if found[0] in ("TODO", "FIXME") and not _is_note(text, found):
                continue
            line = specimen.issue.lines.get(place) or specimen.line_of_word(found[0])
            what = f"{quoted(_around(text, found))} still has {quoted(found[0])} in it."
            if (found[0] == "TODO" and spanish) or (found[0] == "TK" and _begins_a_name(text, found.end())):
                yield warning("leftover-maybe", what, "If it is not meant so, write what belongs there.", line)
            else:
                yield error("leftover", what, "Write what belongs there, or put it into `code` if it is meant.", line)
        for found in OPEN.finditer(text):
            line = specimen.issue.lines.get(place) or specimen.line_of_word(found[0])
            yield warning(
                "leftover-open",
                f"{quoted(_around(text, found))} leaves something open.",
                "Fill it in if you can.",
                line,
            )


def subject(specimen: Specimen) -> Iterator[Finding]:
    """The subject says something, to everybody, in the space there is."""
    line = specimen.issue.lines.get("subject") or specimen.issue.lines.get("title")
    plain = specimen.subject.strip()
    if not any(unicodedata.category(letter)[0] in "LN" for letter in plain):
        yield error(
            "subject-empty",
            "Without a reader's name nothing is left of the subject.",
            "Give it words of its own.",
            line,
        )
        return
    longest = max(len(plain), len(specimen.subject_for("n" * LONGEST_NAME)))
    if longest > LONGEST_SUBJECT:
        what = f"The subject can have {longest} characters; more than {LONGEST_SUBJECT} may be refused on the way."
        yield error("subject-too-long", what, "Shorten it, and leave the rest to the summary.", line)
    elif len(plain) > SUBJECT_LENGTH:
        what = f"The subject has {len(plain)} characters; an inbox shows about {SUBJECT_LENGTH}, a telephone 40."
        yield warning(
            "subject-long", what, f"Readers see: {quoted(plain[:40])}. Put what matters first, or shorten it.", line
        )
    letters = [letter for letter in plain if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    if len(letters) >= FEWEST_LETTERS and capitals > LOUD * len(letters):
        yield warning(
            "subject-capitals",
            "The subject shouts: most of its letters are capitals.",
            "Write it like a sentence.",
            line,
        )
    if plain.count("!") + plain.count("！") > 1 or "?!" in plain:
        yield warning(
            "subject-exclamation",
            "The subject shouts: it has more than one exclamation mark.",
            "One is enough, none is better.",
            line,
        )
    if emoji(plain) > MOST_EMOJI:
        yield warning(
            "subject-emoji", f"The subject has {emoji(plain)} emoji.", "Filters distrust that; two are plenty.", line
        )
    if emoji(specimen.article.everything) > MANY_EMOJI:
        what = f"The text has {emoji(specimen.article.everything)} emoji; a screen reader says each by its name."
        yield warning("text-emoji", what, "Keep those that say something.")


def dates(specimen: Specimen) -> Iterator[Finding]:
    """The date is one that an issue still to be sent can have."""
    issue = specimen.issue
    line = issue.lines.get("date")
    own = next((other for other in specimen.others if other.slug == issue.slug), None)
    if issue.send in (SendPolicy.NEVER, SendPolicy.AT) or (own is not None and own.status in LOCKED):
        return
    days = (issue.date - specimen.today).days
    if days < 0 and issue.ready:
        what = f"The date, {issue.date.isoformat()}, is past, and the issue is not sent yet."
        yield warning("date-past", what, "Readers see this date. Give the day it goes out, or `send: never`.", line)
    elif days > FAR:
        what = f"The date, {issue.date.isoformat()}, is {days} days ahead; it is not sent before."
        yield warning("date-far", what, "Look whether the year is right.", line)


def duplicates(specimen: Specimen) -> Iterator[Finding]:
    """No other issue says the same."""
    issue, rendered = specimen.issue, specimen.rendered
    for other in specimen.others:
        if other.slug == issue.slug or other.withdrawn:
            continue
        same_subject = _folded(other.subject) == _folded(issue.subject)
        same_title = _folded(other.title) == _folded(issue.title)
        if same_subject and same_title and (other.summary, other.date) == (rendered.summary, rendered.date):
            what = f"This is issue {other.slug} once more: the same title, subject, summary and date."
            yield error(
                "duplicate",
                what,
                f"Remove issues/{other.slug}.md first if this one replaces it.",
                issue.lines.get("title"),
            )
        elif same_subject or same_title:
            which = "subject" if same_subject else "title"
            what = f"Issue {other.slug} of {other.date.isoformat()} has the same {which}."
            line = issue.lines.get(which) or issue.lines.get("title")
            yield warning(
                "duplicate-words", what, "Mail programs put the two into one conversation; say what is new.", line
            )


def emoji(text: str) -> int:
    """Return how many pictures stand among the letters."""
    return sum(unicodedata.category(letter) == "So" and ord(letter) >= 0x2600 for letter in text)


def _texts(specimen: Specimen) -> Iterator[tuple[str, str]]:
    """Yield everything an author wrote, as it will be read, each with the field it stands in."""
    yield "title", specimen.rendered.title
    if specimen.issue.subject != specimen.issue.title:
        yield "subject", specimen.subject
    if "summary" in specimen.issue.lines:
        yield "summary", specimen.rendered.summary
    for name in OPTIONAL_WORDS:
        yield name, getattr(specimen.rendered, name)
    for paragraph in specimen.article.prose:
        yield "", paragraph
    for shown in specimen.article.pictures:
        yield "", shown.alt


def _is_note(text: str, found: re.Match[str]) -> bool:
    """Return whether TODO or FIXME is a note to oneself, and neither a name nor talk about such notes."""
    following = re.match(r"\s+([^\W\d_]+)", text[found.end() :])
    if following and following[1].istitle() and following[1] not in NOTE_VERBS:
        return False
    begins = not re.search(r"[\w,’'”\"]\s*$", text[: found.start()])
    return begins or following is None


def _begins_a_name(text: str, at: int) -> bool:
    return re.match(r" [A-Z][a-z]", text[at : at + 3]) is not None


def _around(text: str, found: re.Match[str]) -> str:
    """Return what was found with a few words to each side."""
    before = text[: found.start()].split()[-4:]
    after = text[found.end() :].split(" ")[:4]
    return " ".join([*before, found[0]]) + " ".join(after)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())

"""Every finding there is, by its code: what editors accept one by, and programs know it by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.issues.domain.preflight import Level


@dataclass(frozen=True, slots=True)
class Code:
    """One line of the table."""

    check: str
    """Which check finds it."""
    level: Level
    what: str
    """What was found, in an editor's words."""
    final: bool = False
    """Whether it would break the send, or the law, and so cannot be accepted."""


def _refused(check: str, what: str) -> Code:
    return Code(check, Level.ERROR, what)


def _final(check: str, what: str) -> Code:
    return Code(check, Level.ERROR, what, final=True)


def _pointed(check: str, what: str) -> Code:
    return Code(check, Level.WARNING, what)


CODES: Mapping[str, Code] = {
    "size-clipped": _final("size", "above 102,000 bytes of HTML, where Gmail cuts an email off"),
    "size-close": _pointed("size", "within 10,000 bytes of that"),
    "text-thin": _refused("text", "the text part has less than half of the words"),
    "text-few-words": _pointed("text", "hardly a word besides pictures"),
    "footer-link": _final("footer", "a part lacks a link to unsubscribe, to the preferences or to the page"),
    "footer-address": _final("footer", "a part lacks the postal address"),
    "variable-unknown": _final("placeholder", "the templates ask for a value that nobody has"),
    "placeholder-foreign": _refused(
        "placeholder", "`{{ first_name }}`, `{name}`, `%recipient%` and the like, outside code"
    ),
    "placeholder-link": _refused(
        "placeholder",
        "one in an address: `*|UNSUB|*`, `%%unsubscribe%%`, `{{ unsubscribe_url }}`, or a tag `<unsubscribe>`",
    ),
    "placeholder-open": _pointed("placeholder", "`[Name]`, `[insert date]`"),
    "leftover": _refused("leftover", "a note to oneself: TODO, FIXME, TK, lorem ipsum"),
    "leftover-maybe": _pointed("leftover", "such a word that may be a name or a word, as in TK Maxx or FIXME Festival"),
    "leftover-open": _pointed("leftover", "TBC, TBD, TBA, XXX"),
    "link-nowhere": _refused("link", "a link whose address is missing or not allowed"),
    "link-unread": _refused("link", "Markdown of a link that was not understood as one"),
    "link-space": _refused("link", "an address with a space in it"),
    "link-broken": _refused("link", "an address that is none"),
    "link-email": _refused("link", "a `mailto:` without an email address"),
    "link-telephone": _refused("link", "a `tel:` without a number"),
    "link-short": _refused("link", "an address that is not a full one"),
    "link-password": _refused("link", "an address with a user name in it"),
    "link-private": _refused("link", "an address that only a private network knows"),
    "link-host": _refused("link", "a host that cannot exist"),
    "link-http": _pointed("link", "`http:`, which whoever is in between can read and change"),
    "link-number": _pointed("link", "a bare IP address"),
    "link-example": _pointed("link", "an address for examples"),
    "link-heading": _pointed("link", "a heading that is not there"),
    "link-wrapped": _pointed("link", "an address that Google Docs or Outlook wrapped into one of their own"),
    "file-missing": _refused("own link", "a link to a file that does not lie beside the issue"),
    "file-refused": _refused(
        "own link", "a file that cannot be published: its kind, its name, its size, or not what its name says"
    ),
    "page-missing": _refused("own link", "a page of our own that is not there"),
    "issue-missing": _refused("own link", "another issue that is not there when this one goes out, or a file of one"),
    "link-wordless": _refused("link words", "a link without words"),
    "link-vague": _pointed("link words", "“click here” and other words that do not say where it leads"),
    "link-elsewhere": _pointed("link words", "words that name one site, and an address of another"),
    "answer-gone-here": _refused("answer", "a page of our own that is not there (404, 410)"),
    "answer-gone": _pointed("answer", "another page that is not there (404, 410)"),
    "answer-broken": _pointed("answer", "a page that says it is broken"),
    "answer-none": _pointed("answer", "a page that does not answer"),
    "answer-private": _pointed("answer", "an address that leads into a private network"),
    "picture-missing": _refused("picture", "a picture that is not there"),
    "picture-refused": _refused("picture", "a picture that cannot be shown"),
    "picture-embedded": _refused("picture", "a picture within the text (`data:`), as Google Docs exports it"),
    "picture-elsewhere": _pointed("picture", "a picture from another site"),
    "picture-heavy": _pointed("weight", "a picture above 300 KB"),
    "pictures-heavy": _pointed("weight", "pictures above 1.5 MB together"),
    "alt-missing": _refused("alt", "a picture without words for those who do not see it"),
    "alt-file-name": _pointed("alt", "words for a picture that are a file name"),
    "alt-long": _pointed("alt", "words for a picture longer than 250 characters"),
    "heading-empty": _pointed("heading", "a heading without words"),
    "heading-skips": _pointed("heading", "a heading that skips a rank"),
    "contrast": _refused(
        "contrast", "text that is hard to read on what is behind it, in light or dark mode (WCAG 2.2 AA)"
    ),
    "subject-empty": _final("subject", "no words without the reader's name"),
    "subject-too-long": _final("subject", "more than 200 characters"),
    "subject-long": _pointed("subject", "above 70 characters"),
    "subject-capitals": _pointed("subject", "mostly capitals"),
    "subject-exclamation": _pointed("subject", "more than one exclamation mark"),
    "subject-emoji": _pointed("subject", "more than 2 emoji"),
    "text-emoji": _pointed("subject", "more than 15 emoji in the text"),
    "date-past": _pointed("date", "past although not sent yet"),
    "date-far": _pointed("date", "more than 180 days ahead"),
    "hour-past": _final("hour", "`send` names an hour that is over"),
    "hour-far": _refused("hour", "`send` names an hour more than two years ahead"),
    "hour-shared": _pointed("hour", "another issue goes out at the same minute"),
    "language-partial": _pointed(
        "language", "one in which we have words for what stands around the text, and not for every page and email"
    ),
    "language-unknown": _pointed(
        "language", "one in which we have no words for the footer, the form and the dates around the text"
    ),
    "duplicate": _refused("duplicate", "title, subject, summary and date of another issue"),
    "duplicate-words": _pointed("duplicate", "the title or the subject of another issue"),
    "audience-unknown-tag": _pointed("audience", "a tag in `audience` that no reader has"),
    "audience-unknown-field": _pointed("audience", "a field in `audience` that `settings/fields.yaml` does not define"),
    "audience-nobody": _pointed("audience", "an `audience` that nobody is in"),
    "audience-everybody": _pointed("audience", "an `audience` that everybody is in"),
    "lost-element": _refused("source", "an `iframe`, `video`, `svg`, `form` or the like, which no email can hold"),
    "lost-tag": _pointed("source", "an HTML tag that is taken out; its words stay"),
    "lost-style": _pointed("source", "styles, which are taken out"),
    "table-lost": _refused("source", "a row of a table with more cells than its head: the last ones are lost"),
    "table-unread": _pointed("source", "a table that was not understood as one"),
    "list-unread": _pointed(
        "source", "a list that was not understood as one: `·` and `•` from a word processor, lines broken by `<br>`"
    ),
    "task-list": _pointed("source", "`[ ]` and `[x]`, which are no boxes in an email"),
    "definition-list": _pointed("source", "a term and `: its definition`"),
    "attribute-list": _pointed("source", "`{.button}` and the like"),
    "block-unknown": _pointed("source", "a block that there is not"),
    "block-nested": _pointed("source", "a block inside another one"),
    "block-button": _pointed("source", "a button that is not one link"),
    "block-video": _pointed("source", "a video without a picture or an address"),
    "block-file": _pointed("source", "a file without a link"),
    "block-more": _pointed("source", "a card without a link"),
    "block-figure": _pointed("source", "a figure without a picture or a table"),
    "block-event": _pointed("source", "an event without a title, or without a day"),
    "document-lost": _pointed(
        "source", "what a document had and the draft made of it has not, until its remark is taken out"
    ),
    "accept-unknown": _pointed("accept", "`accept` names a finding that there is not"),
    "accept-idle": _pointed("accept", "`accept` names a finding that this issue has not"),
    "accept-final": _pointed("accept", "`accept` names a finding that cannot be accepted"),
}
"""In the order in which the findings are told."""

"""Reading an audience expression.

    expression = both { "or" both }
    both       = one { "and" one }
    one        = "not" one | "(" expression ")" | comparison
    comparison = name operator value
    name       = "tag" | "topic" | "language" | "source" | "joined" | "field." key
    operator   = ":" | "=" | "!=" | "<" | "<=" | ">" | ">="
    value      = word | quoted text

It is read from left to right by one function for each line of this grammar, and never evaluated as code. How long, how
deep and how rich it may be is limited, so that reading it takes no time and its question to DynamoDB stays a small one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches

from newsletter.core.audience.expression import (
    FIELD,
    AllOf,
    AudienceExpression,
    Comparison,
    Condition,
    Not,
    OneOf,
    Relation,
)
from newsletter.core.audience.tag import tag_of
from newsletter.core.language import tag as language_tag
from newsletter.errors import InvalidAudienceError

LONGEST = 1000
"""Characters; what people write has a hundred."""

DEEPEST = 20
"""Brackets and `not` within one another."""

MOST_COMPARISONS = 50
"""DynamoDB takes 4,096 bytes of a filter and 300 operators; fifty of the longest kind stay below both.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters"""

NAMES = ("tag", "topic", "language", "source", "joined")

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""Of a field that a publisher defined, as it may be written."""

_TOKENS = re.compile(
    r"""\s*(?:(?P<quoted>["“”„][^"“”„]*["“”„]|'[^']*'|‘[^’]*’)|(?P<operator>!=|<=|>=|[:=<>])|(?P<bracket>[()])"""
    r"""|(?P<word>[^\s()"“”„'‘’:=<>!]+)|(?P<stray>\S))"""
)
_COMPARED = {"<": Relation.BEFORE, "<=": Relation.AT_MOST, ">": Relation.AFTER, ">=": Relation.FROM}

EXAMPLE = "An example: tag:members and not tag:staff."


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int
    """Counted from 1."""

    def says(self, word: str) -> bool:
        return self.kind == "word" and self.text.lower() == word


def parse_audience(text: str) -> AudienceExpression:
    """Return what an expression says.

    Raises:
        InvalidAudienceError: It cannot be read; it says at which character, and what to write instead.
    """
    on_one_line = " ".join(text[: LONGEST + 1].split())
    if len(text) > LONGEST:
        message = f"The audience has {len(text):,} characters, and {LONGEST:,} at most can be read."
        raise InvalidAudienceError(message, "Tag these readers, and name that tag.", position=LONGEST + 1)
    tokens = [
        _Token(str(found.lastgroup), found[str(found.lastgroup)], found.start(str(found.lastgroup)) + 1)
        for found in _TOKENS.finditer(on_one_line)
    ]
    return AudienceExpression(on_one_line, _Parser(tokens, len(on_one_line) + 1).whole())


class _Parser:
    """Reads the tokens from the first to the last."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = tokens
        self._end = _Token("end", "", end)
        self._next = 0
        self._depth = 0
        self._comparisons = 0

    def whole(self) -> Condition:
        if not self._tokens:
            raise InvalidAudienceError("The audience is empty.", f"Leave it out for everybody. {EXAMPLE}", position=1)
        condition = self._either()
        left = self._peek()
        if left.kind == "end":
            return condition
        if left.text == ")":
            raise _wrong(left, "This bracket closes, and none is open.", "Take it out, or open one before it.")
        raise _wrong(left, f"There is nothing between {_shown(left)} and what stands before.", "Write and, or, or not.")

    def _either(self) -> Condition:
        found = [self._both()]
        while self._take("or"):
            found.append(self._both())
        return found[0] if len(found) == 1 else OneOf(tuple(found))

    def _both(self) -> Condition:
        found = [self._one()]
        while self._take("and"):
            found.append(self._one())
        return found[0] if len(found) == 1 else AllOf(tuple(found))

    def _one(self) -> Condition:
        token = self._peek()
        if not (token.says("not") or token.text == "(") or token.kind == "quoted":
            return self._comparison()
        self._next += 1
        self._depth += 1
        if self._depth > DEEPEST:
            raise _wrong(token, "There are too many brackets within one another.", "Say it with fewer.")
        if token.text == "(":
            condition = self._either()
            if self._peek().text != ")":
                raise _wrong(token, "This bracket does not close.", "Write ) where it should.")
            self._next += 1
        else:
            inner = self._one()
            condition = inner.condition if isinstance(inner, Not) else Not(inner)
        self._depth -= 1
        return condition

    def _comparison(self) -> Condition:
        name, operator, value = self._peek(), self._peek(1), self._peek(2)
        if name.kind != "word" or name.text.lower() in ("and", "or"):
            raise _wrong(name, f"{_shown(name)} stands where a comparison should.", EXAMPLE)
        known = name.text.lower()
        if known not in NAMES and not (known.startswith(FIELD) and KEY.fullmatch(known.removeprefix(FIELD))):
            raise _unknown_name(name, operator)
        if operator.kind != "operator":
            raise _wrong(operator, f"`{known}` is compared with nothing.", f"Write it like this: {_example(known)}.")
        if value.kind not in ("word", "quoted"):
            what = f"Nothing stands behind `{name.text}{operator.text}`."
            raise _wrong(value, what, f"Write it like this: {_example(known)}.")
        self._comparisons += 1
        if self._comparisons > MOST_COMPARISONS:
            remedy = "Tag these readers, and name that tag."
            raise _wrong(name, f"There are more than {MOST_COMPARISONS} comparisons.", remedy)
        self._next += 3
        words = value.text[1:-1] if value.kind == "quoted" else value.text
        return self._read(known, operator, value, unicodedata.normalize("NFC", words).strip())

    def _read(self, name: str, operator: _Token, value: _Token, words: str) -> Condition:
        if name == "joined":
            return _joined(operator, value, words)
        if not words:
            raise _wrong(value, f"The text behind `{name}` is empty.", f"Write it like this: {_example(name)}.")
        if operator.text in _COMPARED:
            if not name.startswith(FIELD):
                raise _wrong(operator, f"`{name}` has no order.", f"Write it like this: {_example(name)}.")
            _day(value, words)  # days alone are in the order of their letters
            return Comparison(name, _COMPARED[operator.text], words)
        if name == "tag":
            words = tag_of(words)
            if not words:
                raise _wrong(value, f"{_shown(value)} can be no tag.", f"Write it like this: {_example(name)}.")
        elif name == "language":
            words = language_tag(words.replace("_", "-").lower())
        contains = name == "source" and operator.text == ":"
        found = Comparison(name, Relation.CONTAINS if contains else Relation.IS, words)
        return Not(found) if operator.text == "!=" else found

    def _peek(self, ahead: int = 0) -> _Token:
        at = self._next + ahead
        return self._tokens[at] if at < len(self._tokens) else self._end

    def _take(self, word: str) -> bool:
        taken = self._peek().says(word)
        self._next += taken
        return taken


def _joined(operator: _Token, value: _Token, words: str) -> Condition:
    """Return a day of joining as moments, which is what is known of a reader: each is before or after a midnight."""
    day = _day(value, words)
    try:
        midnight, next_midnight = day.isoformat(), (day + timedelta(days=1)).isoformat()
    except OverflowError:
        raise _wrong(value, f"{_shown(value)} is no day.", "Write a day like 2026-12-31.") from None
    since, before = Comparison("joined", Relation.FROM, midnight), Comparison("joined", Relation.BEFORE, midnight)
    after, by = Comparison("joined", Relation.FROM, next_midnight), Comparison("joined", Relation.BEFORE, next_midnight)
    that_day = AllOf((since, by))
    meant: dict[str, Condition] = {
        "<": before, "<=": by, ">": after, ">=": since, "=": that_day, ":": that_day, "!=": Not(that_day),
    }  # fmt: skip
    return meant[operator.text]


def _day(value: _Token, words: str) -> date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", words):
            return date.fromisoformat(words)
    except ValueError:
        pass  # 2026-02-30
    raise _wrong(value, f"{_shown(value)} is no day.", "Write a day like 2026-12-31.")


def _unknown_name(name: _Token, operator: _Token) -> InvalidAudienceError:
    near = get_close_matches(name.text.lower(), NAMES, n=1)
    if operator.kind != "operator":
        what = f"{_shown(name)} does not say what it is: a tag, a topic, or something else."
        return _wrong(name, what, f"Write tag:{name.text[:40]} if it is a tag.")
    remedy = f"Did you mean {near[0]}?" if near else "There are tag, topic, language, source, joined and field.<key>."
    return _wrong(name, f"Nothing is known of readers that is called {_shown(name)}.", remedy)


def _example(name: str) -> str:
    examples = {"joined": "joined >= 2026-01-01", "topic": 'topic:"social housing"', "language": "language:cy"}
    return examples.get(name, f'{name} = "Wales"' if name.startswith(FIELD) else f"{name}:members")


def _shown(token: _Token) -> str:
    if token.kind == "end":
        return "The end"
    return f"“{token.text if len(token.text) <= 40 else token.text[:39] + '…'}”"  # noqa: PLR2004 - as long as a tag


def _wrong(token: _Token, message: str, remedy: str) -> InvalidAudienceError:
    return InvalidAudienceError(message, remedy, position=token.position)

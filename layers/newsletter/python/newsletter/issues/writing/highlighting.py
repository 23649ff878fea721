"""Code in colours: each run of a fenced block gets one of a handful of classes, whose colours are the brand's."""

from __future__ import annotations

from functools import cache, lru_cache
from html import escape
from itertools import groupby

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, String, _TokenType

COLOURS = ("comment", "keyword", "name", "number", "string")
"""Each is `code_…` in the brand, and the class `code-…` here."""

CLASSES = {
    Comment: "comment",
    Keyword: "keyword",
    Operator.Word: "keyword",
    Name.Tag: "keyword",
    Number: "number",
    Literal: "number",
    Keyword.Constant: "number",
    String: "string",
    Name.Attribute: "name",
    Name.Builtin: "name",
    Name.Class: "name",
    Name.Decorator: "name",
    Name.Function: "name",
}
"""Few colours are easier to tell apart, and each can be made one that everybody can read."""

LANGUAGES = frozenset(
    (  # noqa: SIM905 - a list of words reads better as words
        "bash c console cpp csharp css diff docker go html http ini java javascript js json julia kotlin latex make"
        " matlab md markdown php powershell py python r ruby rust sas sh shell sql stata swift toml ts typescript xml"
        " yaml yml"
    ).split()
)
"""The words after ``` that are understood; any other language stays plain. A list, not all that the library knows:
each of these was tried with code that never ends, and none took more than moments."""

LONGEST = 4_000
"""Characters of one block. Some of the library's patterns take the square of it over a block of blank lines; so a
longer one, which is a file rather than an example, stays plain. No clock decides: the bytes must not depend on one."""


@lru_cache(maxsize=64)
def highlight(code: str, language: str) -> str:
    """Return code as HTML: plain and escaped, or in colours when we know its language."""
    if language.lower() not in LANGUAGES or len(code) > LONGEST:
        return escape(code)
    tokens = [(_class_of(kind), text) for kind, text in _lexer(language.lower()).get_tokens(code)]
    if "".join(text for _, text in tokens) != code:
        return escape(code)  # what is shown must be what was written
    runs = ((name, escape("".join(text for _, text in run))) for name, run in groupby(tokens, lambda token: token[0]))
    return "".join(f'<span class="code-{name}">{text}</span>' if name else text for name, text in runs)


@cache
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


@cache
def _class_of(kind: _TokenType) -> str:
    while kind.parent is not None:
        if kind in CLASSES:
            return CLASSES[kind]
        kind = kind.parent
    return ""

"""The privacy notice as HTML: the file of a publisher, who is trusted with words and not with markup."""

from __future__ import annotations


def as_html(privacy_notice: str) -> str:
    """Return the notice as HTML below the heading of its page: no tag of its own, and no link but to web and mail."""
    from markdown_it import MarkdownIt  # here, because whoever answers a reader must not wait for it

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(privacy_notice)
    for token in tokens:
        if token.tag == "h1":
            token.tag = "h2"
    return str(reader.renderer.render(tokens, reader.options, {}))

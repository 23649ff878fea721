"""Sign-up forms by the words that a reader agrees to: the id of a form is made of them.

A form carries its id in a hidden field, so that a receipt of consent holds the words that the reader saw, in their
language, and never ours for a form that said something else. Whoever has the words can make the id again, also when the
form has long been changed.
"""

from __future__ import annotations

import hashlib

UNKNOWN_FORM = "unknown"
"""What a receipt says of a form that carried no id of ours: which words were agreed to, we cannot say."""


def form_id(words: str, lang: str) -> str:
    """Return the id of a form. Shape: language, a hyphen, the first twelve hexadecimal digits of the words' SHA-256."""
    return f"{lang}-{hashlib.sha256(words.encode()).hexdigest()[:12]}"

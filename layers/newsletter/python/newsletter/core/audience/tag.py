"""How a tag is written, wherever it comes from."""

from __future__ import annotations

import re
import unicodedata

LONGEST_TAG = 40
"""Characters; a longer one is a remark about somebody, and not a part of the list."""


def tag_of(text: str) -> str:
    """Return a tag as it is kept and compared: small letters and digits of any script, in words joined by hyphens.

    `VIP Members` is `vip-members`. Empty where no letter or digit is left; cut off behind forty characters.
    """
    small = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).lower())
    plain = "".join(each if unicodedata.category(each)[0] in "LMN" else "-" for each in small)
    return re.sub("-+", "-", plain)[: LONGEST_TAG + 1].strip("-")[:LONGEST_TAG].rstrip("-")

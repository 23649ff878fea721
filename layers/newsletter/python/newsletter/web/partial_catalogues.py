"""What is said in the languages of which we have only a few words: what stands around an issue, and the way in and out.

A page or an email is in one language as a whole. So one that is not named here is in the newsletter's own language for
readers of these, and is not English between Arabic.
"""

from __future__ import annotations

SPOKEN_IN_PART = frozenset(
    {
        "email/confirmation.html",
        "email/confirmation.subject.txt",
        "email/confirmation.txt",
        "email/issue.html",
        "email/issue.txt",
        "email/renewal_words.txt",  # receipts keep them as the button of page/confirm.html shows them
        "email/welcome.html",
        "email/welcome.subject.txt",
        "email/welcome.txt",
        "page/confirm.html",
        "page/confirmed.html",
        "page/unsubscribe.html",
        "page/unsubscribed.html",
        "site/feed.atom",
        "site/feed.rss",
        "site/issue.html",
        "site/subscribe.html",
        "site/thanks.html",
    }
)
"""Templates; with what they include and import, they are what a partial catalogue must cover."""

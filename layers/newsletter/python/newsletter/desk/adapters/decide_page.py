"""What the page behind an editors' link shows: words, and the addresses that its buttons post to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from newsletter.core.team import Editor
from newsletter.desk.adapters.decide_links import TEST
from newsletter.desk.domain.decision import Decided, Decision
from newsletter.desk.domain.decision_words import MEANINGS, button_words, headline
from newsletter.desk.domain.issue_description import IssueDescription


def decide_page(
    decision: Decision,
    decided: Decided | None,
    described: IssueDescription,
    query: Mapping[str, str],
    team: Iterable[Editor],
) -> dict[str, Any]:
    """Return the context of the page, before a button was pressed (None was decided) and after.

    The token of a link speaks for no verb: each button posts to the same address, with another verb.
    """
    return {
        "title": described.record.title if described.record else decision.slug,
        "described": described,
        "buttons": [
            (f"/decide?{urlencode({**query, 'do': str(verb)})}", *button_words(verb, described.stage))
            for verb in described.verbs
        ],
        "test_url": f"/decide?{urlencode({**query, 'do': TEST})}",
        "team": team,
        "outcome": decided.outcome if decided else "",
        "headline": headline(decided, decision) if decided else "",
        "meaning": MEANINGS[decided.outcome] if decided else "",
    }

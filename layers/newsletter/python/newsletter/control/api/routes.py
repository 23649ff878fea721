"""Every address of the function `api_issues`, with the act that it takes; those about readers are of two others."""

from __future__ import annotations

from newsletter.control.api import calendar, drafts, issues, results, sends, this_key

ROUTES = (
    *this_key.ROUTES,
    *issues.ROUTES,
    *drafts.ROUTES,
    *sends.ROUTES,
    *calendar.ROUTES,
    *results.ROUTES,
)

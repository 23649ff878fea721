"""The last issue against those before it, in the words of somebody who looks at both."""

from __future__ import annotations

from collections.abc import Sequence

from newsletter.reports.domain.issue_result import IssueResult

BEFORE = 3
"""Issues that the last one is compared with."""

ALIKE = 0.002
"""Shares of a send that differ by less are called the same: two readers in a thousand."""

FEW = 2
"""Readers: a difference of no more is no difference."""


def compared(issue_results: Sequence[IssueResult]) -> list[str]:
    """Return sentences about the newest of these results.

    Args:
        issue_results: The newest first; more than three before it are not looked at.
    """
    if not issue_results:
        return []
    last, before = issue_results[0], issue_results[1 : BEFORE + 1]
    found = [_delivered(last, before), _many("left after it", last, before, "left")]
    found.append(_many("bounced", last, before, "bounced"))
    return [sentence for sentence in found if sentence]


def _delivered(last: IssueResult, before: Sequence[IssueResult]) -> str:
    if last.delivered is None or not last.sent:
        return f"It was sent to {last.sent:,} of {last.audience:,}." if last.audience else ""
    share, usual = last.delivered / last.sent, _mean([_share(each) for each in before])
    said = f"It reached {last.delivered:,} of the {last.sent:,} it was sent to"
    if usual is None:
        return f"{said}."
    if abs(share - usual) < ALIKE:
        return f"{said}, as usual."
    return f"{said}: {'more' if share > usual else 'fewer'} than the usual {100 * usual:.1f} %."


def _many(what: str, last: IssueResult, before: Sequence[IssueResult], name: str) -> str:
    number: int | None = getattr(last, name)
    if number is None:
        return ""
    usual = _mean([getattr(each, name) for each in before])
    said = f"{'Nobody' if name == 'left' else 'None'}" if not number else f"{number:,}"
    if usual is None:
        return f"{said} {what}."
    if abs(number - usual) <= FEW:
        return f"{said} {what}, as usual."
    return f"{said} {what}: {'more' if number > usual else 'fewer'} than the usual {round(usual):,}."


def _share(result: IssueResult) -> float | None:
    return result.delivered / result.sent if result.delivered is not None and result.sent else None


def _mean(figures: Sequence[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) / len(known) if known else None

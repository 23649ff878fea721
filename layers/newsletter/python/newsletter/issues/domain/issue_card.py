"""What is drawn on the picture that stands for an issue where somebody shares a link to it."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 1200, 630
"""Pixels: what the networks show without cutting. Source: https://developers.facebook.com/docs/sharing/webmasters/images"""


@dataclass(frozen=True, slots=True)
class IssueCard:
    """The words of one card and its colours, as `#rrggbb`."""

    title: str
    day: str
    newsletter_name: str
    paper: str
    text: str
    muted: str
    accent: str

"""Keeping a file of `settings/` that was edited at the desk: if it is good, over the version that was shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from newsletter.desk.settings.setting import Setting
from newsletter.desk.settings_ports import EditSettingsPorts
from newsletter.errors import InvalidNoticeError, InvalidSettingsError, ProblemLike
from newsletter.issues.domain.issue import Problem
from newsletter.issues.domain.privacy_notice import read_notice
from newsletter.issues.domain.settings_file import BRAND, FEEDS, FIELDS, NOTICE, WORDS
from newsletter.issues.domain.upload import largest


class KeepResult(StrEnum):
    """What became of it."""

    KEPT = "kept"
    UNCHANGED = "unchanged"
    """It says what stood there already."""
    REFUSED = "refused"
    """It cannot be used as it is; nothing was written."""
    OVERTAKEN = "overtaken"
    """Somebody else saved since it was shown; nothing was written."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of it, and what stands there now."""

    result: KeepResult
    stands: Setting | None
    problems: Sequence[ProblemLike] = ()


def keep_setting(key: str, typed: str, shown_version: str, *, saved_by: str, ports: EditSettingsPorts) -> Kept:
    """Write a file over the version that its page was made from.

    Args:
        key: Which file.
        typed: The whole file.
        shown_version: What stood there when the page was made; empty if nothing did.
        saved_by: Whose change it is.
        ports: What it touches.
    """
    stands = ports.shelf.newest(key)
    if (stands.version if stands else "") != shown_version:
        return Kept(KeepResult.OVERTAKEN, stands)
    if stands is not None and stands.text == typed:
        return Kept(KeepResult.UNCHANGED, stands)
    if problems := problems_of(key, typed, ports):
        return Kept(KeepResult.REFUSED, stands, problems)
    written = ports.shelf.write(key, typed, over_setting=stands, saved_by=saved_by)
    if written is None:
        return Kept(KeepResult.OVERTAKEN, ports.shelf.newest(key))
    return Kept(KeepResult.KEPT, written)


def problems_of(key: str, typed: str, ports: EditSettingsPorts) -> Sequence[ProblemLike]:
    """Return what is wrong with a file, by the checks that every upload of it meets."""
    # Not above: pages that only look should not wait for it.
    from newsletter.issues.jobs.take_settings import fitted_logo

    source = typed.encode()
    if len(source) > largest(key):
        return (Problem(None, f"The text has more than {largest(key):,} bytes.", "Shorten it."),)
    try:
        if key == BRAND:
            _, logo = ports.reader().brand(source)
            if logo:
                fitted_logo(logo, lambda name: ports.pictures.put("", name), ports.newsletter_name)
        elif key == FIELDS:
            ports.reader().fields(source)
        elif key == FEEDS:
            ports.reader().feeds(source)
        elif key in WORDS:
            ports.reader().words(key, source)
        elif key == NOTICE:
            read_notice(source)
        elif not typed.strip():
            return (Problem(None, "The text is empty.", "Write it, or use ours again."),)
    except InvalidSettingsError as refusal:
        return tuple(Problem(each.line, each.message, each.remedy) for each in refusal.problems)
    except InvalidNoticeError as refusal:
        return (Problem(None, str(refusal), ""),)
    return ()

"""Two pairs of eyes: whether somebody may approve what somebody uploaded."""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.core.team import Approval, Editor, known_as


def may_approve(editor: Editor | None, uploaded_by: str, *, approval: Approval, team: Iterable[Editor]) -> bool:
    """Return whether this editor's approval counts for what was uploaded.

    Args:
        editor: Whoever approves; None if the link does not say.
        uploaded_by: Whoever uploaded last, as AWS says it; empty if it does not. What nobody knows hinders nobody.
        approval: Whose approval is needed.
        team: Among whom the person is looked for.
    """
    if approval is not Approval.ANOTHER or not uploaded_by:
        return True
    if editor is None:
        return False
    uploader = known_as(uploaded_by, team)
    return uploader.email != editor.email if uploader else not editor.is_known_as(uploaded_by)

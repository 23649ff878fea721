"""Counting the answer to "Was this useful?": once for each link, and without a word about whose it is."""

from __future__ import annotations

from newsletter.feedback.domain.response import Vote, VoteLink, VoteResult
from newsletter.feedback.response_ports import ResponseStore


def count_vote(vote_link: VoteLink, vote: Vote, *, in_trap: bool, responses: ResponseStore) -> VoteResult:
    """Count a vote; the first one of a link stands.

    Args:
        vote_link: As its signature was checked.
        vote: What was pressed.
        in_trap: Whether a field was filled in that people do not see.
        responses: Where votes are counted.

    Raises:
        StoreBusyError: Nothing was counted; the reader may try again.
    """
    if in_trap:
        return VoteResult.ROBOT
    if not vote_link.mark:
        return VoteResult.OF_A_TEST
    return VoteResult.COUNTED if responses.vote(vote_link, vote) else VoteResult.ALREADY

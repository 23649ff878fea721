"""Two texts that were made of one, brought together line by line; a paragraph of Markdown is one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

LONG = 2_000
"""Lines. In a longer text, lines that are there again and again are no landmarks: comparing them all takes minutes."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """Lines on which there is nothing to decide."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """Lines that two people changed in different ways; a person decides."""

    before: tuple[str, ...]
    theirs: tuple[str, ...]
    mine: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """What came of two texts, from top to bottom."""

    parts: tuple[Agreed | Clash, ...]

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """What somebody has to decide; nothing if the texts could be brought together."""
        return tuple(part for part in self.parts if isinstance(part, Clash))

    @property
    def text(self) -> str:
        """All of it; of a clash what the other wrote, then what the writer wrote."""
        lines: list[str] = []
        for part in self.parts:
            lines += part.lines if isinstance(part, Agreed) else (*part.theirs, *part.mine)
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Edit:
    """Lines `begin` to `end` of the text before, replaced."""

    begin: int
    end: int
    lines: tuple[str, ...]
    is_mine: bool

    @property
    def inserts(self) -> bool:
        return self.begin == self.end

    def meets(self, begin: int, end: int) -> bool:
        """Return whether this touches what others did to these lines; what only stands beside it does not."""
        if self.inserts and begin == end:
            return self.begin == begin
        return self.begin < end and begin < self.end


def merge(original_text: str | None, theirs: str, mine: str) -> Merge:
    """Return what two people made of one text, with all that both of them wrote.

    What both inserted at one place stays, theirs first, and what both wrote alike stays once. What both changed in
    different ways is a clash.

    Args:
        original_text: What both began with; None if nobody has it any more: then what differs is a clash.
        theirs: What stands there now.
        mine: What the writer made of it.
    """
    if theirs == mine:
        return Merge((Agreed(tuple(mine.split("\n"))),))
    if original_text is None:
        return _without_origin(theirs.split("\n"), mine.split("\n"))
    old = original_text.split("\n")
    edits = [*_edits(old, theirs.split("\n"), is_mine=False), *_edits(old, mine.split("\n"), is_mine=True)]
    edits.sort(key=lambda edit: (edit.begin, edit.end, edit.is_mine))
    parts: list[Agreed | Clash] = []
    at = 0
    for begin, end, group in _groups(edits):
        parts += [Agreed(tuple(old[at:begin])), _decided(old, begin, end, group)]
        at = end
    return Merge(tuple(_joined([*parts, Agreed(tuple(old[at:]))])))


def _edits(old: Sequence[str], new: Sequence[str], *, is_mine: bool) -> list[_Edit]:
    codes = [code for code in _matched(old, new) if code[0] != "equal"]
    edits: list[_Edit] = []
    for number, (_, begin, end, start, stop) in enumerate(codes):
        limit = codes[number + 1][1] if number + 1 < len(codes) else len(old)
        edits.append(_slid(old, _Edit(begin, end, tuple(new[start:stop]), is_mine), limit))
    return edits


def _slid(old: Sequence[str], edit: _Edit, limit: int) -> _Edit:
    """Return an edit as far down as it means the same: of two that mean the same, both stand at one place then.

    A paragraph comes with an empty line, of which a comparison may take the one above or the one below.
    """
    begin, end, lines = edit.begin, edit.end, edit.lines
    if lines and begin == end:
        while begin < limit and old[begin] == lines[0]:
            lines = (*lines[1:], lines[0])
            begin = end = begin + 1
    elif not lines:
        while end < limit and old[begin] == old[end]:
            begin, end = begin + 1, end + 1
    return _Edit(begin, end, lines, edit.is_mine)


def _matched(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield what of two texts is equal, and what is not, in pieces as small as they can be told apart."""
    shorter = min(len(old), len(new))
    head = next((number for number in range(shorter) if old[number] != new[number]), shorter)
    tail = next((number for number in range(shorter - head) if old[-1 - number] != new[-1 - number]), shorter - head)
    end, stop = len(old) - tail, len(new) - tail
    if head:
        yield "equal", 0, head, 0, head
    # Empty lines are all alike: they are no landmarks in the whole text, but they are within a piece of it.
    for kind, *places in _opcodes(old, new, (head, end, head, stop), _is_empty):
        if kind == "replace":
            yield from _one_by_one(_opcodes(old, new, (places[0], places[1], places[2], places[3]), None))
        else:
            yield kind, places[0], places[1], places[2], places[3]
    if tail:
        yield "equal", end, len(old), stop, len(new)


def _opcodes(
    old: Sequence[str], new: Sequence[str], within: tuple[int, int, int, int], is_junk: Callable[[str], bool] | None
) -> Iterator[tuple[str, int, int, int, int]]:
    begin, end, start, stop = within
    matcher = SequenceMatcher(is_junk, old[begin:end], new[start:stop], autojunk=stop - start > LONG)
    for kind, first, last, low, high in matcher.get_opcodes():
        yield kind, begin + first, begin + last, start + low, start + high


def _one_by_one(
    codes: Iterable[tuple[str, int, int, int, int]],
) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield what replaces as many lines as it has as changes of one line each."""
    for kind, begin, end, start, stop in codes:
        if kind == "replace" and end - begin == stop - start:
            for number in range(end - begin):
                yield kind, begin + number, begin + number + 1, start + number, start + number + 1
        else:
            yield kind, begin, end, start, stop


def _is_empty(line: str) -> bool:
    return not line.strip()


def _groups(edits: Sequence[_Edit]) -> Iterator[tuple[int, int, list[_Edit]]]:
    """Yield edits that touch each other, with the lines that they are about."""
    group: list[_Edit] = []
    begin = end = 0
    for edit in edits:
        if group and edit.meets(begin, end):
            group.append(edit)
            end = max(end, edit.end)
            continue
        if group:
            yield begin, end, group
        group, begin, end = [edit], edit.begin, edit.end
    if group:
        yield begin, end, group


def _decided(old: Sequence[str], begin: int, end: int, group: Sequence[_Edit]) -> Agreed | Clash:
    theirs, mine = (_applied(old, begin, end, [edit for edit in group if edit.is_mine is own]) for own in (False, True))
    before = tuple(old[begin:end])
    if theirs == mine or mine == before:
        return Agreed(theirs)
    if theirs == before:
        return Agreed(mine)
    return Clash(before, theirs, mine) if before else Agreed(_both(theirs, mine))


def _applied(old: Sequence[str], begin: int, end: int, edits: Sequence[_Edit]) -> tuple[str, ...]:
    lines: list[str] = []
    for edit in edits:
        lines += [*old[begin : edit.begin], *edit.lines]
        begin = edit.end
    return (*lines, *old[begin:end])


def _both(theirs: Sequence[str], mine: Sequence[str]) -> tuple[str, ...]:
    """Return the lines of both in their order; what both have stands once, whoever of the two is the writer.

    A line is compared with the empty lines below it: two paragraphs that share nothing but those stay two.
    """
    one, other = sorted((_with_gaps(theirs), _with_gaps(mine)))
    theirs_first = one == _with_gaps(theirs)
    matcher = SequenceMatcher(None, [line for line, _ in one], [line for line, _ in other], autojunk=len(other) > LONG)
    lines: list[str] = []
    for kind, begin, end, start, stop in matcher.get_opcodes():
        if kind == "equal":
            both = zip(one[begin:end], other[start:stop], strict=True)
            pieces = [(line, max(gap, wider)) for (line, gap), (_, wider) in both]
        else:
            pieces = [*one[begin:end], *other[start:stop]] if theirs_first else [*other[start:stop], *one[begin:end]]
        for line, gap in pieces:
            lines += [*line, *[""] * gap]
    return tuple(lines)


def _with_gaps(lines: Sequence[str]) -> list[tuple[tuple[str, ...], int]]:
    """Return lines with how many empty ones follow; empty ones at the beginning follow nothing."""
    result: list[tuple[tuple[str, ...], int]] = []
    for line in lines:
        if line or not result:
            result.append(((line,), 0) if line else ((), 1))
        else:
            result[-1] = (result[-1][0], result[-1][1] + 1)
    return result


def _without_origin(theirs: Sequence[str], mine: Sequence[str]) -> Merge:
    parts: list[Agreed | Clash] = []
    for kind, begin, end, start, stop in _matched(theirs, mine):
        lines, others = tuple(theirs[begin:end]), tuple(mine[start:stop])
        parts.append(Clash((), lines, others) if kind == "replace" else Agreed(lines or others))
    return Merge(tuple(_joined(parts)))


def _joined(parts: Sequence[Agreed | Clash]) -> Iterator[Agreed | Clash]:
    lines: tuple[str, ...] = ()
    for part in parts:
        if isinstance(part, Agreed):
            lines += part.lines
            continue
        if lines:
            yield Agreed(lines)
        lines = ()
        yield part
    if lines:
        yield Agreed(lines)

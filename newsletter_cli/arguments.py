"""Where the name of the stack may stand."""

from __future__ import annotations

from collections.abc import Sequence


def stack_first(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with `--local` and `--stack NAME` in front: people write them behind the verb as well."""
    rest, front = list(arguments), []
    end = rest.index("--") if "--" in rest else len(rest)
    words, behind = rest[:end], rest[end:]
    others: list[str] = []
    while words:
        word = words.pop(0)
        if word == "--local" or word.startswith("--stack="):
            front.append(word)
        elif word == "--stack":
            front += [word, *words[:1]]
            del words[:1]
        else:
            others.append(word)
    return [*front, *others, *behind]

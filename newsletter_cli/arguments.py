"""Where the name of the stack may stand."""

from __future__ import annotations

from collections.abc import Sequence

WITH_VALUES = ("--stack", "--api", "--api-key-file")


def stack_first(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with those in front that name a stack or an API: some write them behind the verb."""
    rest, front = list(arguments), []
    end = rest.index("--") if "--" in rest else len(rest)
    words, behind = rest[:end], rest[end:]
    others: list[str] = []
    while words:
        word = words.pop(0)
        if word == "--local" or word.startswith(tuple(f"{each}=" for each in WITH_VALUES)):
            front.append(word)
        elif word in WITH_VALUES:
            front += [word, *words[:1]]
            del words[:1]
        else:
            others.append(word)
    return [*front, *others, *behind]

"""Names mean one thing, and modules stay small enough to be read at once."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/newsletter/python/newsletter"
TREES = (ROOT / "layers", ROOT / "functions", ROOT / "newsletter_cli", ROOT / "local")

GENERIC = {
    "attempt": "a function passed to be tried; its result is the caller's",
    "client": "of the AWS service that its module is about",
    "event": "what a function or a reader is given; its module says by whom",
    "item": "an item of the table that its module is about",
    "ports": "the bundle of ports of one job",
    "request": "what somebody asks for: an operator of `control`, an editor of the desk",
}
"""Names that are as general as the word, with the reason; whatever else is annotated has one type."""

BANNED = {"who", "told", "wish", "wishes", "happening", "happenings", "outlook", "tether", "standing"}
"""Words of a dialect that the glossary has replaced. They stay in the names of items, fields and JSON keys."""
BANNED_NAMES = {"vital_signs"}

MANY = "Collection"
SPELLING = dict.fromkeys(("Iterable", "Iterator", "Sequence", "list", "set", "frozenset"), MANY) | {"dict": "Mapping"}

MODULE, PORTS, HANDLER, FOLDER = 400, 250, 60, 20
"""The most lines of a module, of ports and wiring, of a handler; the most modules of a folder."""


def files(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def public_functions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and (node.name == "__init__" or node.name[0] != "_"):
            if isinstance(node, ast.FunctionDef):
                yield node
            else:
                yield from public_functions(node.body)


class OneSpelling(ast.NodeTransformer):
    """Spells kinds of collections, and of mappings, alike: whoever reads a name does not care which of them it is."""

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(SPELLING.get(node.id, node.id))

    def visit_Attribute(self, node: ast.Attribute) -> ast.Name:
        return self.visit_Name(ast.Name(node.attr))

    def visit_Subscript(self, node: ast.Subscript) -> ast.Subscript:
        if ast.unparse(node.value) == "tuple" and ast.unparse(node).endswith(", ...]"):
            kind = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
            node = ast.Subscript(ast.Name(MANY), kind)
        self.generic_visit(node)
        return node


def parameters(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each parameter of the public functions and its type, if it has one; with None or without is the same."""
    for function in public_functions(tree.body):
        given = function.args
        for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs):
            if argument.annotation is not None and ast.unparse(argument.annotation) != "Any":
                kind = OneSpelling().visit(ast.parse(ast.unparse(argument.annotation), mode="eval"))
                yield argument.arg, ast.unparse(kind).removesuffix(" | None")


def identifiers(tree: ast.Module) -> Iterator[str]:
    """Yield every name that a module gives or uses; strings, comments and docstrings are free."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.keyword(arg=str(name)):
                yield name
            case ast.alias(name=name, asname=other):
                yield from (other or name).split(".")
            case ast.ImportFrom(module=str(name)):
                yield from name.split(".")


def words(name: str) -> set[str]:
    """Return the words of a name, whether they are joined by lines or by capitals."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def test_a_name_is_taken_apart_into_its_words() -> None:
    assert words("_last_told_AtHTTPServer") == {"last", "told", "at", "http", "server"}


def test_no_parameter_has_two_types() -> None:
    types: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in files(PACKAGE):
        for name, kind in parameters(parsed(path)):
            if name not in GENERIC:
                types[name][kind].add(shown(path))

    assert {name: dict(kinds) for name, kinds in types.items() if len(kinds) > 1} == {}


@pytest.mark.parametrize("name", GENERIC)
def test_a_general_name_is_in_use_with_several_types(name: str) -> None:
    kinds = {kind for path in files(PACKAGE) for argument, kind in parameters(parsed(path)) if argument == name}
    assert len(kinds) > 1, "it means one thing by now; take it off the list"


def test_no_two_public_classes_share_a_name() -> None:
    """A port and what stands behind it may: the ports of a wing name it in the wing's own words."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in files(PACKAGE):
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                is_port = path.name.endswith("ports.py") and any("Protocol" in ast.unparse(base) for base in node.bases)
                if not is_port:
                    places[node.name].append(shown(path))

    assert {name: where for name, where in places.items() if len(where) > 1} == {}


@pytest.mark.parametrize(
    ("most", "paths"),
    [
        pytest.param(MODULE, files(PACKAGE), id="modules"),
        pytest.param(
            PORTS,
            [path for path in files(PACKAGE) if path.name.endswith("ports.py") or "wiring" in path.parts],
            id="ports",
        ),
        pytest.param(HANDLER, files(ROOT / "functions"), id="handlers"),
    ],
)
def test_no_module_is_longer_than_it_can_be_read(most: int, paths: list[Path]) -> None:
    assert paths
    assert {shown(path): lines(path) for path in paths if lines(path) > most} == {}


def test_no_folder_of_the_package_has_more_modules_than_can_be_surveyed() -> None:
    folders = {path.parent for path in files(PACKAGE)}
    modules = {shown(folder): len([*folder.glob("*.py")]) - 1 for folder in folders}  # less its __init__.py

    assert {folder: number for folder, number in modules.items() if number > FOLDER} == {}


def test_nothing_is_named_in_a_dialect() -> None:
    used: dict[str, set[str]] = defaultdict(set)
    for path in files(*TREES):
        names = {*identifiers(parsed(path)), *path.stem.split(".")}
        if dialect := {name for name in names if words(name) & BANNED or name in BANNED_NAMES}:
            used[shown(path)] = dialect

    assert dict(used) == {}

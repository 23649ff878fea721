"""Which calls of AWS the functions make, read off their code, and which of them a version of botocore knows.

`python -m tests.layers.sdk_calls VERSION …` records versions anew, from their wheels; look at the difference.
"""

from __future__ import annotations

import ast
import gzip
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.loaders import JSONFileLoader, Loader

ROOT = Path(__file__).parents[2]
RECORDED = Path(__file__).with_name("sdk_models.json")
CODE = (ROOT / "layers/newsletter/python/newsletter", ROOT / "functions")
CLIENT_MAKERS = {"_client", "make_client"}
PAGING = "PaginationConfig"
"""Which botocore's paginators take for themselves."""

Tree = Mapping[str, Any]
"""Members of an input by name, each with its own members."""


@cache
def _modules() -> list[list[ast.AST]]:
    files = sorted(path for folder in CODE for path in folder.rglob("*.py"))
    return [list(ast.walk(ast.parse(path.read_text(encoding="utf-8")))) for path in files]


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def services() -> set[str]:
    """Return the services that the functions make clients of."""
    made = [
        node for module in _modules() for node in module if isinstance(node, ast.Call) and _name(node) in CLIENT_MAKERS
    ]
    return {
        argument.value
        for call in made
        for argument in call.args[:1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def calls() -> Iterator[tuple[str, Tree]]:
    """Yield each call of a client by its Python name, with what its parameters are written to hold."""
    known = {xform_name(operation) for service in services() for operation in installed(service)["operations"]}
    for module in _modules():
        for node in module:
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            name = node.func.attr
            if name == "paginate" and isinstance(node.func.value, ast.Call):
                name = str(getattr(node.func.value.args[0], "value", ""))
            if name in known and not node.args and (node.keywords or "client" in ast.dump(node.func.value)):
                named = _parameters(node, module)
                if all(each[0].isupper() for each in named):
                    yield name, named


def mentioned() -> set[str]:
    """Return every attribute and every text of the functions' code, whatever it is for."""
    nodes = [node for module in _modules() for node in module]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return texts | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def _parameters(call: ast.Call, module: list[ast.AST]) -> Tree:
    """Return what is named in a call, and what a variable that it spreads out (`**these`) is given in its module."""
    named = {each.arg: _members(each.value) for each in call.keywords if each.arg and each.arg != PAGING}
    for spread in (each.value for each in call.keywords if each.arg is None and isinstance(each.value, ast.Name)):
        for node in module:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(target, ast.Name) and target.id == spread.id for target in targets):
                    named |= _members(node.value)
    return named


def _members(node: ast.AST) -> Tree:
    """Return what a literal holds; a list is as its elements, and a variable holds nothing that is known."""
    if isinstance(node, ast.Dict):
        keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        return {
            key: _members(value)
            for key, value in zip(keys, node.values, strict=True)
            if isinstance(key, str) and key[:1].isupper()
        }
    within: list[ast.expr] = []
    if isinstance(node, ast.List):
        within = node.elts
    elif isinstance(node, ast.ListComp):
        within = [node.elt]
    elif isinstance(node, ast.IfExp):
        within = [node.body, node.orelse]
    return {name: below for each in within for name, below in _members(each).items()}


def unknown(tree: Tree, model: Tree, path: str = "") -> list[str]:
    """Return what of a call's parameters a model does not have. Where a model has no members, anything may stand."""
    found = []
    for name, below in tree.items():
        if model and name not in model:
            found.append(f"{path}{name}")
        elif model:
            found += unknown(below, model[name], f"{path}{name}.")
    return found


class Unshared(JSONFileLoader):
    """Reads each file anew: what tests share is changed by the clients that are made of it."""

    def load_file(self, file_path: str) -> Any:
        for ending, opened in ((".json", Path.open), (".json.gz", gzip.open)):
            file = Path(f"{file_path}{ending}")
            if file.is_file():
                with opened(file, "rb") as content:
                    return json.loads(content.read())
        return None


@cache
def installed(service: str) -> dict[str, Any]:
    """Return the model of a service of the botocore that is installed here."""
    model: dict[str, Any] = Loader(file_loader=Unshared()).load_service_model(service, "service-2")
    return model


def inputs(model: Mapping[str, Any], names: set[str]) -> dict[str, Tree]:
    """Return the inputs of operations of a service, by the Python name of the operation."""
    shapes = model["shapes"]

    def members(name: str, above: tuple[str, ...]) -> Tree:
        shape = shapes[name]
        if name in above or name == "AttributeValue":  # DynamoDB's own kinds of values, which nest for ever
            return {}
        for inner in ("member", "value"):
            if inner in shape:
                return members(shape[inner]["shape"], (*above, name))
        return {key: members(each["shape"], (*above, name)) for key, each in shape.get("members", {}).items()}

    return {
        xform_name(operation): members(each["input"]["shape"], ()) if "input" in each else {}
        for operation, each in model["operations"].items()
        if xform_name(operation) in names
    }


def recorded() -> dict[str, dict[str, dict[str, Tree]]]:
    """Return what was recorded: by version, service and operation."""
    found: dict[str, dict[str, dict[str, Tree]]] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return found


def of_wheel(version: str) -> dict[str, dict[str, Tree]]:
    """Return the inputs of all that the functions call, as a version of botocore has them. Asks the package index."""
    names = {name for name, _ in calls()}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        subprocess.run([*command, f"botocore=={version}"], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            found = {}
            for service in sorted(services()):
                start = f"botocore/data/{service}/"
                file = max(each for each in wheel.namelist() if each.startswith(start) and "/service-2.json" in each)
                content = wheel.read(file)
                model = json.loads(gzip.decompress(content) if file.endswith(".gz") else content)
                found[service] = inputs(model, names)
    return found


if __name__ == "__main__":
    versions = {version: of_wheel(version) for version in sys.argv[1:]}
    RECORDED.write_text(json.dumps(versions, sort_keys=True, separators=(",", ":")) + "\n", encoding="utf-8")

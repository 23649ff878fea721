"""Zip functions and layers the way `sam build` lays them out, and name the zips in the template."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast where PyYAML was built with libyaml; every start of a stack reads the template twice."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""One date for every entry, so that the same sources make the same zip."""


class _TemplateLoader(SafeLoader):  # type: ignore[valid-type,misc]  # which of the two is known at run time
    """YAML with CloudFormation's short forms: `!Ref x` becomes {"Ref": x}."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]  # the only kind left
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_TemplateLoader.add_multi_constructor("!", _short_form)


def read_template(path: Path) -> dict[str, Any]:
    """Return the template with the short forms written out."""
    template: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_TemplateLoader)  # noqa: S506
    return template


AWS_ALONE = ("AWS::SES::ReceiptRuleSet", "AWS::SES::ReceiptRule")
"""What the emulator does not know. Our own simulator receives mail in its place."""


def without_what_is_aws_alone(template: dict[str, Any]) -> dict[str, Any]:
    """Return the template with a condition, never true, on what only AWS can make, and on the outputs that name it."""
    resources, outputs = template["Resources"], template.get("Outputs", {})
    alone = [name for name, each in resources.items() if each["Type"] in AWS_ALONE]
    naming = [name for name, each in outputs.items() if each["Value"] in [{"Ref": other} for other in alone]]
    never = {"Condition": "OnlyInAws"}
    return template | {
        "Conditions": template.get("Conditions", {}) | {"OnlyInAws": {"Fn::Equals": ["aws", "laptop"]}},
        "Resources": resources | {name: resources[name] | never for name in alone},
        "Outputs": outputs | {name: outputs[name] | never for name in naming},
    }


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            yield path


def zip_folder(folder: Path, prefix: str = "") -> bytes:
    """Return `folder` as a zip whose names start with `prefix`."""
    return _zip((prefix + path.relative_to(folder).as_posix(), path.read_bytes()) for path in _files(folder))


def _zip(entries: Iterable[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def artifacts(template: Mapping[str, Any], root: Path) -> dict[str, bytes]:
    """Return one zip per function and layer of the template, by logical name.

    A layer with a BuildMethod holds Python: `sam build` puts it under `python/` together with its
    dependencies. Here the dependencies are left out, because the emulator runs functions with the
    interpreter of this very environment, which has them at the locked versions.
    """
    zips = {}
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            zips[name] = zip_folder(root / properties["CodeUri"])
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            prefix = "python/" if "BuildMethod" in resource.get("Metadata", {}) else ""
            zips[name] = zip_folder(root / properties["ContentUri"], prefix)
    return zips


def with_artifacts(template: Mapping[str, Any], locations: Mapping[str, str]) -> dict[str, Any]:
    """Return the template with each CodeUri or ContentUri replaced by an address, as `sam package` does."""
    resources = dict(template["Resources"])
    for name, location in locations.items():
        properties = dict(resources[name]["Properties"])
        properties["CodeUri" if "CodeUri" in properties else "ContentUri"] = location
        # With the artifact in place there is nothing left to build, and Metadata would only confuse.
        resources[name] = {
            **{key: value for key, value in resources[name].items() if key != "Metadata"},
            "Properties": properties,
        }
    return {**template, "Resources": resources}


def with_numbers(template: Mapping[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the template with references to Number parameters replaced by the numbers.

    CloudFormation hands resources a number; MiniStack hands them the text "5", and compares it with numbers.
    Environment variables are text in any case and keep their references.
    """
    numbers = {
        name: int(parameters.get(name, parameter.get("Default", 0)))
        for name, parameter in template.get("Parameters", {}).items()
        if parameter["Type"] == "Number"
    }

    def written_out(node: Any) -> Any:
        if isinstance(node, dict):
            if set(node) == {"Ref"} and node["Ref"] in numbers:
                return numbers[node["Ref"]]
            return {key: value if key == "Environment" else written_out(value) for key, value in node.items()}
        if isinstance(node, list):
            return [written_out(value) for value in node]
        return node

    return {**template, "Resources": written_out(template["Resources"])}

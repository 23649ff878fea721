import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from local.package import artifacts, read_template, with_artifacts, with_numbers, zip_folder

ROOT = Path(__file__).resolve().parents[2]
FUNCTION: dict[str, Any] = {
    "Type": "AWS::Serverless::Function",
    "Properties": {"CodeUri": "functions/send/", "Timeout": 3},
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in (
        "functions/send/handler.py",
        "layer/python/newsletter/errors.py",
        "templates/page/confirm.html",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text(name)
    (tmp_path / "functions/send/__pycache__").mkdir()
    (tmp_path / "functions/send/__pycache__/handler.cpython-313.pyc").write_bytes(b"")
    return tmp_path


def names(content: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref Table", {"Ref": "Table"}),
        ("!GetAtt Table.Arn", {"Fn::GetAtt": ["Table", "Arn"]}),
        ("!Sub ${Table}-x", {"Fn::Sub": "${Table}-x"}),
        ("!Condition WithDomain", {"Condition": "WithDomain"}),
        ("!If [A, !Ref B, !Ref C]", {"Fn::If": ["A", {"Ref": "B"}, {"Ref": "C"}]}),
    ],
)
def test_short_forms_are_written_out(tmp_path: Path, short: str, long: dict[str, Any]) -> None:
    (tmp_path / "t.yaml").write_text(f"Value: {short}\n")

    assert read_template(tmp_path / "t.yaml") == {"Value": long}


def test_a_function_is_zipped_as_it_lies_without_bytecode(checkout: Path) -> None:
    zips = artifacts({"Resources": {"Send": FUNCTION}}, checkout)

    assert names(zips["Send"]) == ["handler.py"]


def test_a_built_layer_goes_under_python_and_a_content_layer_stays_as_it_is(checkout: Path) -> None:
    layer = "AWS::Serverless::LayerVersion"
    resources = {
        "Code": {
            "Type": layer,
            "Metadata": {"BuildMethod": "python3.13"},
            "Properties": {"ContentUri": "layer/python/"},
        },
        "Templates": {"Type": layer, "Properties": {"ContentUri": "templates/"}},
    }

    zips = artifacts({"Resources": resources}, checkout)

    assert names(zips["Code"]) == ["python/newsletter/errors.py"]
    assert names(zips["Templates"]) == ["page/confirm.html"]


def test_the_same_sources_make_the_same_zip(checkout: Path) -> None:
    assert zip_folder(checkout / "templates") == zip_folder(checkout / "templates")


def test_artifacts_replace_sources_and_nothing_else() -> None:
    template = {"Resources": {"Send": FUNCTION}}

    packaged = with_artifacts(template, {"Send": "s3://bucket/Send.zip"})

    assert packaged["Resources"]["Send"]["Properties"] == {"CodeUri": "s3://bucket/Send.zip", "Timeout": 3}
    assert template["Resources"]["Send"]["Properties"]["CodeUri"] == "functions/send/"


def test_number_parameters_become_numbers_except_in_environments() -> None:
    properties = {
        "Most": {"Ref": "Workers"},
        "Name": {"Ref": "Name"},
        "Environment": {"MOST": {"Ref": "Workers"}},
    }
    template = {
        "Parameters": {"Workers": {"Type": "Number", "Default": 5}, "Name": {"Type": "String"}},
        "Resources": {"Send": {"Properties": properties}},
    }

    written = with_numbers(template, {"Workers": "7"})["Resources"]["Send"]["Properties"]

    assert written == properties | {"Most": 7}


def test_every_function_and_layer_of_the_real_template_can_be_packaged() -> None:
    template = read_template(ROOT / "template.yaml")

    zips = artifacts(template, ROOT)

    assert {"handler.py"} <= set(names(zips["Send"]))
    assert len(zips) == sum(
        resource["Type"].startswith("AWS::Serverless::") for resource in template["Resources"].values()
    )

"""The botocore of the layer: pinned, pruned to what is read, and every version we name knows all that we ask."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore
import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError
from botocore.session import Session, get_session
from botocore.stub import Stubber

from newsletter.errors import OutdatedSdkError
from newsletter.issues.domain.personal import variables
from newsletter.sending.adapters.ses_bulk import SesBulk
from newsletter.sending.adapters.ses_single import SesSingle
from newsletter.sending.domain.send import Recipient
from newsletter.wiring.sdk import OLDEST, require
from tests.factories import NEWSLETTER, SLUG, an_id, rendered
from tests.layers.sdk_calls import (
    ROOT,
    Tree,
    Unshared,
    calls,
    inputs,
    installed,
    mentioned,
    recorded,
    services,
    unknown,
)

DATA = Path(botocore.__file__).parent / "data"
FLOOR = ".".join(map(str, OLDEST))
BEFORE = "1.35.52"
"""One that is older, which shows that the check finds something."""


BY_ITSELF = {"head_bucket"}
"""What botocore asks without being told to."""
NAMES_OF_OTHERS = {"list_imports", "list_tags", "rotate_secret"}
"""Methods of our own that bear the name of an operation that nobody asks."""


@cache
def pruning() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prune", ROOT / "layers/newsletter/python/prune.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def known() -> dict[str, dict[str, dict[str, Tree]]]:
    names = {name for name, _ in calls()}
    here = {service: inputs(installed(service), names) for service in services()}
    return recorded() | {botocore.__version__: here}


def lacking(version: str) -> set[str]:
    """What of the calls a version does not know; a name that several services have may be of any."""
    found = set()
    for name, parameters in calls():
        models = [each[name] for each in known()[version].values() if name in each]
        missing = [unknown(parameters, model) for model in models]
        if not missing:
            found.add(name)
        elif all(missing):
            found |= {f"{name} {path}" for path in min(missing, key=len)}
    return found


def test_the_layer_keeps_the_data_of_the_services_that_the_functions_make_clients_of() -> None:
    assert pruning().OPERATIONS.keys() == services()


def test_what_the_tests_run_with_is_what_is_deployed() -> None:
    assert f"botocore=={botocore.__version__} " in (ROOT / "requirements/runtime.txt").read_text()


def test_the_calls_are_really_read_off_the_code() -> None:
    found = dict(calls())

    assert {"send_bulk_email", "get_account", "transact_write_items", "invoke", "list_object_versions"} <= found.keys()
    assert len(found) > 30


@pytest.mark.parametrize("version", [FLOOR, botocore.__version__, "1.44.8"])
def test_every_call_is_known_to_this_version_with_its_parameters(version: str) -> None:
    """A call that is new here is recorded by `python -m tests.layers.sdk_calls`, with the versions of this list."""
    assert lacking(version) == set()


def test_a_version_before_the_floor_could_neither_send_an_issue_nor_save_a_draft() -> None:
    assert lacking(BEFORE) == {
        "send_bulk_email DefaultContent.Template.TemplateContent", "put_object IfMatch", "get_email_address_insights",
    }  # fmt: skip


def made_of(value: Any) -> Tree:
    if isinstance(value, dict):
        return {name: made_of(each) for name, each in value.items()}
    return {name: below for each in value for name, below in made_of(each).items()} if isinstance(value, list) else {}


@pytest.mark.parametrize("version", [FLOOR, "1.44.8"])
def test_what_goes_to_ses_in_the_end_is_known_to_this_version(version: str) -> None:
    sent: dict[str, Tree] = {}
    ses = client(get_session(), "sesv2", "eu-west-1")

    def answer(params: dict[str, Any], model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        return type("Answered", (), {"status_code": 200}), {"MessageId": "m", "BulkEmailEntryResults": [{}]}

    ses.meta.events.register(
        "provide-client-params.sesv2.*", lambda params, model, **_: sent.update({model.name: made_of(params)})
    )
    ses.meta.events.register("before-call.sesv2.*", answer)
    page = "https://briefing.example.org/p"
    words = variables(rendered(), name="Ada", unsubscribe_url=page, preferences_url=page)
    recipient = Recipient(
        subscriber_id=an_id(1), email="ada@example.org", variables=words, headers=(("X-A", "b"),),
        tags={"issue": SLUG},
    )  # fmt: skip

    for transport in (SesBulk(ses, NEWSLETTER, "issues"), SesSingle(ses, NEWSLETTER, "issues")):
        transport.send(rendered(), [recipient])

    assert sent.keys() == {"SendBulkEmail", "SendEmail"}
    model = known()[version]["sesv2"]
    assert unknown(sent["SendBulkEmail"], model["send_bulk_email"]) == []
    assert unknown(sent["SendEmail"], model["send_email"]) == []


@pytest.mark.parametrize("version", [FLOOR, "1.43.0", "1.43.106", "2.0.0"])
def test_the_floor_and_what_is_newer_will_do(version: str) -> None:
    require(version)


@pytest.mark.parametrize("version", ["1.42.12", "1.35.52", "1.9.242", "0.99.0"])
def test_an_older_one_is_refused_with_what_to_do(version: str) -> None:
    with pytest.raises(OutdatedSdkError, match=re.escape(f"botocore {version} was found")) as refused:
        require(version)

    assert FLOOR in str(refused.value)
    assert "make deploy" in str(refused.value)


def test_no_function_starts_with_an_older_one() -> None:
    start = "import botocore; botocore.__version__ = '1.35.52'; import functions.send.handler"

    done = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, cwd=ROOT)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("newsletter.errors.OutdatedSdkError: botocore 1.35.52 was found")


@pytest.fixture(scope="module")
def pruned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a botocore after pruning: what is used, what is not, and an older model of what is used."""
    data = tmp_path_factory.mktemp("site") / "botocore/data"
    data.mkdir(parents=True)
    for file in DATA.glob("*.json*"):
        shutil.copy(file, data)
    for service in (*services(), "ec2"):
        shutil.copytree(DATA / service, data / service)
    pruning().prune(data.parents[1])
    return data


def with_data(folder: Path) -> Session:
    session = Session()
    session.register_component("data_loader", Loader([str(folder)], include_default_search_paths=False))
    return session


def client(session: Session, service: str, region: str) -> Any:
    return session.create_client(
        service,
        region_name=region,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


@pytest.mark.parametrize("service", sorted(services()))
def test_a_pruned_model_says_the_same_without_its_prose(pruned: Path, service: str) -> None:
    whole = Loader(file_loader=Unshared())
    rest = Loader([str(pruned)], include_default_search_paths=False, file_loader=Unshared())

    model = rest.load_service_model(service, "service-2")

    assert set(model["operations"]) == set(pruning().OPERATIONS[service])
    for name, shape in model["shapes"].items():
        assert without_prose(installed(service)["shapes"][name]) == shape
    rules = "endpoint-rule-set-1"
    assert rest.load_service_model(service, rules)["rules"] == whole.load_service_model(service, rules)["rules"]
    assert '"documentation":"<' not in "".join(file.read_text() for file in (pruned / service).rglob("*.json"))


def without_prose(shape: dict[str, Any]) -> dict[str, Any]:
    """A shape, of which only itself and its members have sentences."""
    kept = {key: value for key, value in shape.items() if key != "documentation"}
    for key in ("member", "key", "value"):
        if key in kept:
            kept[key] = {name: value for name, value in kept[key].items() if name != "documentation"}
    if "members" in kept:
        kept["members"] = {
            name: {each: value for each, value in member.items() if each != "documentation"}
            for name, member in kept["members"].items()
        }
    return kept


@pytest.mark.parametrize("service", sorted(services()))
def test_of_each_service_the_operations_are_kept_that_are_called(service: str) -> None:
    called = {name for name, _ in calls() if name in inputs(installed(service), {name})}
    kept = {xform_name(operation) for operation in pruning().OPERATIONS[service]}
    assert kept - BY_ITSELF == called
    # Also what is not called by name, but stands somewhere: handed over as a function, or asked for by its name.
    assert {name for name in inputs(installed(service), mentioned())} - kept <= NAMES_OF_OTHERS


def test_an_answer_is_read_by_a_model_with_few_operations(pruned: Path) -> None:
    ssm = client(with_data(pruned), "ssm", "eu-west-1")
    answer = {"Parameter": {"Name": "/a", "Value": "b", "LastModifiedDate": 1_700_000_000.0}}
    with Stubber(ssm) as stub:
        stub.add_response("get_parameter", answer, {"Name": "/a", "WithDecryption": True})
        assert ssm.get_parameter(Name="/a", WithDecryption=True)["Parameter"]["Value"] == "b"


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1", "eu-isoe-west-1"])
def test_every_region_is_found_at_the_same_address(pruned: Path, region: str) -> None:
    ours, whole = with_data(pruned), get_session()

    for service in services():
        assert client(ours, service, region).meta.endpoint_url == client(whole, service, region).meta.endpoint_url


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "cloudfront": (
        "create_invalidation",
        {"DistributionId": "E1", "InvalidationBatch": {"Paths": {"Quantity": 0}, "CallerReference": "1"}},
    ),
    "cloudwatch": ("describe_alarms", {}),
    "dynamodb": ("scan", {"TableName": "subscribers"}),
    "lambda": ("invoke", {"FunctionName": "pictures"}),
    "s3": ("head_bucket", {"Bucket": "content"}),
    "secretsmanager": ("get_secret_value", {"SecretId": "keys"}),
    "sesv2": ("get_account", {}),
    "sqs": ("list_queues", {}),
    "ssm": ("get_parameter", {"Name": "/fortnightly/prod/SigningKeys", "WithDecryption": True}),
}


@pytest.mark.parametrize("service", sorted(services()))
def test_a_call_finds_its_way_to_aws_with_pruned_data(pruned: Path, service: str) -> None:
    """To make a client reads only a part of the data; the address of a call is worked out with the first call."""
    found = client(with_data(pruned), service, "eu-west-1")
    sent: list[Any] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        sent.append(request)
        return AWSResponse(request.url, 200, HTTPHeaders(), Unread())

    found.meta.events.register_first("before-send", answer)
    operation, parameters = CALLS[service]
    with suppress(ResponseParserError):  # an empty body is none that some of them would give
        getattr(found, operation)(**parameters)

    assert len(sent) == 1


class Unread:
    """The body of an answer that says nothing."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        return iter(())


def test_nothing_else_is_carried(pruned: Path) -> None:
    assert {path.name for path in pruned.iterdir() if path.is_dir()} == services()
    assert all(len(list((pruned / service).iterdir())) == 1 for service in services())
    assert sum(file.stat().st_size for file in pruned.rglob("*.json")) < 4_000_000


def test_a_botocore_that_keeps_its_data_elsewhere_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "botocore/data").mkdir(parents=True)

    with pytest.raises(FileNotFoundError, match=r"change prune\.py"):
        pruning().prune(tmp_path)

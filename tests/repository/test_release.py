"""A release in a test repository with the actions of this one: checked, pointed at an image, and tagged."""

import difflib
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.releases import CHANGELOG, IMAGE, PROJECT, Checkout, new_checkout
from tools.emulator.job import ROOT
from tools.release import Refused
from tools.release.changelog import notes
from tools.release.image import FILES, digest_in, point
from tools.release.version import check

NOTES = """\
### Added

* A first thing.
* A second one, with `## code`.
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return new_checkout(tmp_path)


def test_release_is_a_tagged_commit_off_the_branch(checkout: Checkout) -> None:
    """Its parent is the commit that was built, it changes only the actions, and main stays where it was."""
    main = checkout.git("rev-parse", "main")

    for step in (["check", "1.2.3"], ["point", IMAGE], ["tag", "1.2.3"]):
        process = checkout.release(*step)
        assert process.returncode == 0, process.stderr

    refs = dict(line.split()[::-1] for line in checkout.git("ls-remote", "--heads", "--tags", "origin").splitlines())
    assert set(refs) == {"refs/heads/main", "refs/tags/v1.2.3"}
    assert refs["refs/heads/main"] == checkout.git("rev-parse", "main") == main
    assert checkout.git("rev-parse", f"{refs['refs/tags/v1.2.3']}^") == main
    assert checkout.git("diff", "--name-only", main, "v1.2.3").splitlines() == sorted(FILES)
    assert checkout.git("show", "--no-patch", "--format=%s %an", "v1.2.3") == "Release 1.2.3 github-actions[bot]"


def test_released_actions_differ_only_in_their_image(checkout: Checkout) -> None:
    """Each names the image where it named the Dockerfile; no other line changes, not even a comment."""
    assert checkout.release("point", IMAGE).returncode == 0

    for name in FILES:
        before, after = ((folder / name).read_text(encoding="utf-8") for folder in (ROOT, checkout.folder))
        changes = [
            line
            for line in difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
            if not line.startswith(("---", "+++", "@@"))
        ]
        assert len(changes) == 2
        assert changes[0].startswith("-  image: ")
        assert "Dockerfile" in changes[0]
        assert changes[1] == f"+  image: docker://{IMAGE}"
        content = yaml.safe_load(after)
        assert content.pop("runs") == {**yaml.safe_load(before)["runs"], "image": f"docker://{IMAGE}"}


def test_released_actions_pass_the_linters(checkout: Checkout) -> None:
    """They match the schema of actions, and the audit finds nothing, even without the comments with its exceptions."""
    assert checkout.release("point", IMAGE).returncode == 0

    tools = Path(sys.executable).parent
    for command in (
        ["check-jsonschema", "--builtin-schema", "vendor.github-actions"],
        ["zizmor", "--offline", "--pedantic"],
    ):
        process = subprocess.run(
            [tools / command[0], *command[1:], *FILES],
            cwd=checkout.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stdout + process.stderr


def test_images_of_all_releases_are_listed(checkout: Checkout) -> None:
    """In the order of the version numbers, not of the names or the dates of the tags; other tags are ignored."""
    images = {version: re.sub("0", str(n), IMAGE) for n, version in enumerate(("1.10.0", "1.2.3", "0.9.0"))}
    for version, image in images.items():
        checkout.git("checkout", "-q", "main")
        assert checkout.release("point", image).returncode == 0
        assert checkout.release("tag", version).returncode == 0
    for tag in ("1.0.0", "v1", "v1.2.3-rc.1", "v01.2.3"):
        checkout.git("tag", tag, "main")

    listed = checkout.release("images")

    assert listed.stdout.splitlines() == [images[version] for version in ("0.9.0", "1.2.3", "1.10.0")]


def test_release_without_an_image_is_found(checkout: Checkout) -> None:
    """A tag that someone set by hand is not a release."""
    checkout.git("tag", "v1.0.0")

    listed = checkout.release("images")

    assert listed.returncode == 1
    assert "does not name an image by its digest" in listed.stderr


def test_version_is_released_once(checkout: Checkout) -> None:
    """The second attempt ends before anything is built."""
    checkout.git("tag", "v1.2.3")

    refused = checkout.release("check", "1.2.3")

    assert refused.returncode == 1
    assert refused.stderr == "::error::1.2.3 is not higher than 1.2.3, which is released.\n"


def test_release_commits_nothing_but_the_actions(checkout: Checkout) -> None:
    """Anything else that changed in the checkout was not built."""
    assert checkout.release("point", IMAGE).returncode == 0
    (checkout.folder / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")

    refused = checkout.release("tag", "1.2.3")

    assert refused.returncode == 1
    assert "changes the four actions" in refused.stderr
    assert checkout.git("tag") == ""


def test_release_tags_nothing_before_the_actions_are_pointed(checkout: Checkout) -> None:
    """A tag on the branch itself would make users build the image."""
    refused = checkout.release("tag", "1.2.3")

    assert "not nothing" in refused.stderr
    assert checkout.git("tag") == ""


def test_tag_that_cannot_be_pushed_fails(checkout: Checkout) -> None:
    """The error is git's own."""
    checkout.git("remote", "set-url", "origin", str(checkout.folder / "missing"))
    assert checkout.release("point", IMAGE).returncode == 0

    refused = checkout.release("tag", "1.2.3")

    assert refused.returncode == 1
    assert refused.stderr.startswith("::error::git push: ")


def test_all_actions_are_pointed_or_none(checkout: Checkout) -> None:
    """If one can't be, the others stay as they are."""
    (checkout.folder / FILES[-1]).write_text("name: x\n", encoding="utf-8")

    assert checkout.release("point", IMAGE).returncode == 1
    assert checkout.git("diff", "--name-only") == FILES[-1]


@pytest.mark.parametrize(
    "image",
    [
        "",
        "ghcr.io/octo-org/cognito-test-user",
        "ghcr.io/octo-org/cognito-test-user:1.2.3",
        IMAGE[:-1],
        f"{IMAGE}0",
        f"{IMAGE}\n",
        IMAGE.replace("octo-org", "Octo-Org"),
        IMAGE.replace("a", "A"),
        IMAGE.replace("sha256", "sha512"),
        f"docker://{IMAGE}",
        IMAGE.replace("octo-org", "octo org"),
    ],
)
def test_image_is_named_by_its_digest(image: str) -> None:
    """A tag may move, and an invalid name would only fail when users run it."""
    with pytest.raises(Refused, match="does not name an image by its digest"):
        point((ROOT / "action.yml").read_text(encoding="utf-8"), image)


@pytest.mark.parametrize("answer", ["{}", '{"digest": null}', '{"digest": "latest"}', '{"digest": "sha256:1"}'])
def test_docker_has_to_report_a_digest(answer: str) -> None:
    """Its output is not trusted."""
    with pytest.raises(Refused, match="did not report a digest"):
        digest_in(answer, "digest")


@pytest.mark.parametrize(
    "action",
    [
        "",
        "runs:\n  image: Dockerfile\n  image: Dockerfile\n",
        "runs:\n  image: Dockerfile\nx:\n    image: Dockerfile\n",
    ],
)
def test_action_has_one_image(action: str) -> None:
    """If there are several lines or none, the right one is not known."""
    with pytest.raises(Refused, match="exactly one `image:` line"):
        point(action, IMAGE)


@pytest.mark.parametrize("value", [f"docker://{IMAGE}", "docker://alpine", "Containerfile", ""])
def test_action_builds_its_image_before_the_release(value: str) -> None:
    """Only the commit's Dockerfile is what was built."""
    with pytest.raises(Refused, match="does not build its image"):
        point(f"runs:\n  image: {value}\n", IMAGE)


@pytest.mark.parametrize(
    "version",
    [
        "",
        "1",
        "1.2",
        "v1.2.3",
        "1.2.3.4",
        "1.2.3-rc.1",
        "1.2.3+1",
        "01.2.3",
        "1.2.03",
        " 1.2.3",
        "1.2.3\n",
        "1.2.x",
        "\u0661.2.3",
    ],
)
def test_version_is_three_numbers(version: str) -> None:
    """The strict form of semantic versions, without pre-releases."""
    with pytest.raises(Refused, match="not a version of the form"):
        check(version, PROJECT, [])


@pytest.mark.parametrize("tags", [["v1.2.3"], ["v1.10.0", "v1.2.0"], ["v2.0.0"], ["v0.1.0", "v1.3.0"]])
def test_version_is_higher_than_any_before(tags: list[str]) -> None:
    """Numbers are compared, not strings."""
    with pytest.raises(Refused, match="not higher"):
        check("1.2.3", PROJECT, tags)


@pytest.mark.parametrize("tags", [[], ["v1.2.2"], ["v0.10.0", "v1.1.11"], ["v9", "2.0.0", "vain"]])
def test_next_version_is_accepted(tags: list[str]) -> None:
    """Tags that are not versions do not count."""
    check("1.2.3", PROJECT, tags)


def test_version_is_the_projects() -> None:
    """The version in pyproject.toml is the one that is released."""
    with pytest.raises(Refused, match=r"pyproject.toml says 1\.2\.3, not 1\.2\.4"):
        check("1.2.4", PROJECT, [])


def test_notes_are_the_section_of_the_version() -> None:
    """Without its heading, and without the sections that follow."""
    assert notes(CHANGELOG, "1.2.3") == NOTES
    assert notes(CHANGELOG, "1.2.2") == "* Older.\n"


@pytest.mark.parametrize(
    ("changelog", "words"),
    [
        ("", "no section `## 1.2.3 - YYYY-MM-DD`"),
        ("## Unreleased\n\n* Everything.\n", "no section"),
        ("## 1.2.30 - 2026-12-01\n\n* Another.\n", "no section"),
        ("### 1.2.3 - 2026-12-01\n\n* Too deep.\n", "no section"),
        ("## 1.2.3\n\n* Undated.\n", "but has none"),
        ("## 1.2.3 - soon\n\n* Undated.\n", "but has soon"),
        ("## 1.2.3 - 2026-02-30\n\n* No such day.\n", "but has 2026-02-30"),
        ("## 1.2.3 - 20261201\n\n* Another form.\n", "but has 20261201"),
        ("## 1.2.3 - 2026-12-01\n\n## 1.2.2 - 2026-11-30\n\n* Older.\n", "says nothing"),
        ("## 1.2.3 - 2026-12-01\n\n### Added\n\n### Fixed\n", "says nothing"),
        ("## 1.2.3 - 2026-12-01", "says nothing"),
    ],
)
def test_changelog_has_to_describe_the_version(changelog: str, words: str) -> None:
    """Without a section that has a date and some content, nothing is released."""
    with pytest.raises(Refused, match=words):
        notes(changelog, "1.2.3")


def test_notes_go_to_the_release(checkout: Checkout) -> None:
    """What the step prints is the text of the release."""
    assert checkout.release("notes", "1.2.3").stdout == NOTES

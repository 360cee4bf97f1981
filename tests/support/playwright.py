"""Recipes in a browser, run by Playwright's own test runner."""

import base64
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.support.node import FOLDER, find_browser, node_environ, require_packages


@dataclass(frozen=True)
class BrowserRecipe:
    """A recipe for one app.

    Args:
        name: what it is called among others in the same run.
        files: its code, by file names.
        environ: the variables of its step. What several recipes in one run have must be the same in all.
        app: the settings of the app of `tests/javascript`.
        options: Playwright's options that replace those of the recipe's configuration.
    """

    name: str
    files: Mapping[str, str]
    environ: Mapping[str, str]
    app: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


def named(blocks: Sequence[str], origin: str) -> dict[str, str]:
    """The code blocks by the file names in their first lines, for an app at `origin`."""
    files = {}
    for block in blocks:
        name = re.match(r"// ([\w./-]+)\n", block)
        assert name, block
        files[name[1]] = block.replace("http://localhost:3000", origin)
    assert len(files) == len(blocks)
    return files


def run_playwright(folder: Path, *recipes: BrowserRecipe, arguments: Sequence[str] = ()) -> dict[str, str]:
    """Run the specs of all recipes, and return what became of each: `passed`, or what went wrong.

    Args:
        folder: an empty folder, where the results and the report will be.
        recipes: what to run.
        arguments: what `playwright test` is given, to run some of it only.
    """
    require_packages()
    browser = find_browser()
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    config = folder / "playwright.config.js"
    config.write_bytes((FOLDER / config.name).read_bytes())
    for recipe in recipes:
        for name, content in recipe.files.items():
            path = folder / recipe.name / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
    launch = {
        "executablePath": browser.executable,
        "env": {**node_environ(), **browser.environ},
        "args": ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"],
    }
    process = subprocess.run(
        ["node", FOLDER / "node_modules/@playwright/test/cli.js", "test", *arguments],
        cwd=folder,
        env={
            **node_environ(),
            "NO_COLOR": "1",
            "RECIPES": json.dumps([asdict(recipe) for recipe in recipes]),
            "LAUNCH": json.dumps(launch),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert process.stdout, process.stderr
    report = json.loads(process.stdout)
    assert report["errors"] == []
    return dict(result for suite in report["suites"] for result in _results(suite))


def _results(suite: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for spec in suite["specs"]:
        for test in spec["tests"]:
            errors = [error["message"] for result in test["results"] for error in result["errors"]]
            statuses = [result["status"] for result in test["results"]]
            yield f"{test['projectName']}: {spec['title']}", "\n".join(errors or statuses or ["not run"])
    for inner in suite.get("suites", []):
        yield from _results(inner)


def report_of(folder: Path) -> str:
    """What Playwright's report on a run in `folder` says: it is a page with an archive in it."""
    page = (folder / "playwright-report/index.html").read_text(encoding="utf-8")
    [content] = re.findall(r"data:application/zip;base64,([\w+/=]+)", page)
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(content))) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())

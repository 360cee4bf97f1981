"""The code that CONTRIBUTING.md names under "Where things are" exists."""

import re
from pathlib import Path

import pytest

from tools.emulator.job import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

ROWS = re.findall(
    r"^\| (.*?\?) \| (.*) \|$", PAGE.partition("\n## Where things are\n")[2].partition("\n## ")[0], re.MULTILINE
)


def resolved(name: str) -> Path | None:
    """A file or folder by its path from the repository or from the package."""
    found = [base / name for base in (ROOT, ROOT / "cognito_action") if (base / name).exists()]
    return found[0] if found else None


def code_of(path: Path) -> str:
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_common_questions_are_there() -> None:
    """The first things to know for anyone who changes the code."""
    questions = " ".join(question for question, _ in ROWS)

    for subject in ("masked before", "words", "phone number", "deadline", "left behind"):
        assert subject in questions


@pytest.mark.parametrize(("question", "answer"), ROWS)
def test_answer_names_existing_code(question: str, answer: str) -> None:
    """Each file exists, and each name is defined in a file of the same row."""
    words = [word for word in re.findall(r"`([^`]+)`", answer) if not word.startswith("make ")]
    paths = [word for word in words if "/" in word or word.endswith(".py")]
    code = "\n".join(code_of(path) for word in paths if (path := resolved(word)))

    assert question
    assert paths
    assert [word for word in paths if not resolved(word)] == []
    for name in set(words) - set(paths):
        definition = name.rpartition(".")[2]
        assert re.search(rf"^ *(def|class) {definition}\b|^{definition}\b.* = ", code, re.MULTILINE), name

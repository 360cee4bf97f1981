"""The git repository, as far as a release needs it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.release import Refused
from tools.release.image import FILES

# The account that GitHub shows as the author of its workflows' commits.
AUTHOR = ("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")


@dataclass(frozen=True)
class Repository:
    """A checkout in a folder."""

    folder: Path

    def tags(self) -> list[str]:
        """The names of all fetched tags."""
        return self._git("tag", "--list").splitlines()

    def file(self, revision: str, path: str) -> str:
        """The text of a file in a revision."""
        return self._git("show", f"{revision}:{path}")

    def tag(self, version: str) -> None:
        """Commit the changed actions off the branch, tag the commit, and push only the tag."""
        changed = self._git("diff", "--name-only", "HEAD").splitlines()
        if sorted(changed) != sorted(FILES):
            raise Refused(f"A release changes the four actions, not {', '.join(changed) or 'nothing'}.")
        name, address = AUTHOR
        author = ("-c", f"user.name={name}", "-c", f"user.email={address}")
        self._git("checkout", "--quiet", "--detach")
        self._git(*author, "commit", "--quiet", "--all", "--message", f"Release {version}")
        self._git("tag", f"v{version}")
        self._git("push", "--quiet", "origin", f"refs/tags/v{version}")

    def _git(self, *arguments: str) -> str:
        process = subprocess.run(["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        if process.returncode != 0:
            raise Refused(f"git {arguments[0]}: {process.stderr.strip()}")
        return process.stdout

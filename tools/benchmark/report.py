"""The results, as text, tables and bars."""

import os
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles

from tools.benchmark.comparison import MEASURES, Comparison, Run
from tools.benchmark.container import Layer, Starts
from tools.benchmark.crowd import LATENCY, USERS, Crowd

LIMITS: Mapping[str, Mapping[str, float]] = {
    "Node.js": {"wall": 1.0, "processor": 1.0, "peak memory": 1.0},
    "shell": {"wall": 0.25, "processor": 0.25},
}
"""The most that the action may cost, as a multiple of a peer's cost."""

MEGABYTE = 1_000_000
IMAGE_LIMIT = 22 * MEGABYTE
"""Bytes that the image may add to its base."""
CROWD_LIMIT = 1.3
"""As a multiple of what the rate limit and the latency alone would take."""
START_LIMIT = 1.05
"""As a multiple of the base's start: equal, within the variation between starts of one image."""

BAR = 50
"""Length of the longest bar, in characters."""

_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->\n"


class Report:
    """Collects the text of the report, and the targets that are missed."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self.missed: list[str] = []

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"

    def text(self, *lines: str) -> None:
        """Add a paragraph."""
        self._lines += [*lines, ""]

    def target(self, what: str, ratio: float, limit: float, unit: str = "") -> str:
        """Return the text for a target, and record the target if it is missed."""
        if ratio <= limit:
            return f"at most {limit:g}{unit}"
        self.missed.append(f"{what}: {ratio:.2f}{unit}, but the target is at most {limit:g}{unit}")
        return f"at most {limit:g}{unit}, **missed**"

    def comparison(self, comparison: Comparison, names: Sequence[str]) -> None:
        """Add the cost of main and post for each contender, and the ratios."""
        self.text(f"Main and post as whole processes, medians of {len(comparison.rounds)} rounds:")
        self._lines += ["| | main | post | both | processor | peak memory |", "| --- | --: | --: | --: | --: | --: |"]
        for name in names:
            main, post, both, cpu, memory = (
                comparison.median(name, figure)
                for figure in (
                    lambda run: run.main.wall,
                    lambda run: run.post.wall,
                    lambda run: run.both.wall,
                    lambda run: run.both.cpu,
                    lambda run: run.both.memory,
                )
            )
            self._lines.append(
                f"| {name} | {main:.2f} s | {post:.2f} s | {both:.2f} s | {cpu:.2f} s | {memory / MEGABYTE:.0f} MB |"
            )
        self.text("")
        for title, figure, unit in _PLOTS:
            self._bars(title, {name: comparison.median(name, figure) for name in names}, unit)
        self.text("The action's cost as a multiple of each peer's, round by round:")
        self._lines += [
            "| | compared with | median | interquartile range | target |",
            "| --- | --- | --: | --: | --- |",
        ]
        for peer in names[1:]:
            for measure, value in MEASURES.items():
                ratios = comparison.ratios(peer, value)
                low, _, high = quantiles(ratios, n=4)
                limit = LIMITS.get(peer, {}).get(measure)
                target = self.target(f"{measure} of {peer}", median(ratios), limit) if limit else ""
                self._lines.append(
                    f"| {measure} | {peer} | {median(ratios):.2f} | {low:.2f} to {high:.2f} | {target} |"
                )
        self.text("")

    def container(self, layers: Sequence[Layer], starts: Starts) -> None:
        """Add the size of the image, and how long its containers take."""
        added = sum(layer.size for layer in layers)
        words = self.target("MB that the image adds", added / MEGABYTE, IMAGE_LIMIT / MEGABYTE)
        self.text(f"The image adds {added / MEGABYTE:.1f} MB to its base (target: {words}):")
        self._lines += ["| layer | MB |", "| --- | --: |"]
        self._lines += [f"| `{layer.made_by}` | {layer.size / MEGABYTE:.1f} |" for layer in layers]
        self.text("")
        self.text(f"Containers, timed from `docker run`, medians of {len(starts.base)} rounds:")
        self._lines += ["| | |", "| --- | --: |"]
        rows = {
            "the base has run Python": starts.base,
            "the image has run Python": starts.image,
            "main has written its first line": starts.first_line,
            "main has ended, with all outputs written": starts.main,
            "post has ended": starts.post,
        }
        self._lines += [f"| {what} | {median(seconds):.2f} s |" for what, seconds in rows.items()]
        words = self.target("start of the image", starts.ratio, START_LIMIT)
        self.text("", f"The image takes {starts.ratio:.2f} times as long to start as its base (target: {words}).")

    def crowd(self, crowd: Crowd) -> None:
        """Add how long many users take."""
        ratio = crowd.wall / crowd.minimum
        words = self.target(f"wall of {USERS} users", ratio, CROWD_LIMIT)
        self.text(
            f"{USERS} users in one step, with an AWS that answers after {1000 * LATENCY:.0f} ms: {crowd.wall:.2f} s. "
            f"The rate limit and the latency alone would take {crowd.minimum:.2f} s; main takes {ratio:.2f} times that "
            f"(target: {words})."
        )

    def _bars(self, title: str, values: Mapping[str, float], unit: str) -> None:
        longest, width = max(values.values()), max(map(len, values))
        bars = {name: "█" * max(round(BAR * value / longest), 1) for name, value in values.items()}
        lines = [f"{name:<{width}}  {bar} {_shown(values[name], unit)}" for name, bar in bars.items()]
        self.text("```text", title, *lines, "```")


_PLOTS: Sequence[tuple[str, Callable[[Run], float], str]] = (
    ("wall time of main and post", lambda run: run.both.wall, "s"),
    ("processor time of main and post", lambda run: run.both.cpu, "s"),
    ("peak memory of the larger process", lambda run: run.both.memory, "MB"),
)


def _shown(value: float, unit: str) -> str:
    return f"{value / MEGABYTE:.0f} MB" if unit == "MB" else f"{value:.2f} {unit}"


def machine(python: Path) -> str:
    """The machine that the figures were measured on."""
    version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    cores = os.cpu_count()
    return f"{version} on {platform.system()}, {platform.machine()}, {cores} processors."


def write_into(page: Path, figures: str) -> None:
    """Write the figures to their place on a page."""
    before, rest = page.read_text(encoding="utf-8").split(_BEGIN)
    page.write_text(f"{before}{_BEGIN}\n{figures}\n{_END}{rest.split(_END)[1]}", encoding="utf-8")

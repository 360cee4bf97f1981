"""The results, as text, tables and bars."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles

from tools.benchmark.comparison import MEASURES, Comparison, Run
from tools.benchmark.containers import ROUND_TRIP, TOKEN_SECONDS, Round
from tools.benchmark.crowd import LATENCY, USERS, Crowd
from tools.benchmark.image import Contents
from tools.emulator.container import docker

LIMITS: Mapping[str, Mapping[str, float]] = {
    "Node.js": {"wall": 1.0, "processor": 1.0, "peak memory": 1.0},
    "Node.js, bundled": {"processor": 1.1, "peak memory": 1.0},
    "shell": {"wall": 0.25, "processor": 0.25},
}
"""The most that the action's processes may cost, as a multiple of a peer's."""

MEGABYTE = 1_000_000
PULL_LIMIT = 16.5 * MEGABYTE
"""Bytes of all layers, compressed."""
CONTAINERS_LIMIT = 0.8
"""Main and post in containers, as a multiple of the bundled action for Node.js with the start of two containers."""
CROWD_LIMIT = 1.04
"""As a multiple of what the rate limit and the latency alone would take."""

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

    def comparison(self, comparison: Comparison) -> None:
        """Add the cost of main and post for the action and each contender, and the ratios."""
        names = comparison.names
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

    def image(self, contents: Contents) -> None:
        """Add what a fresh runner has to pull."""
        megabytes = contents.compressed / MEGABYTE
        words = self.target("MB to pull", megabytes, PULL_LIMIT / MEGABYTE, " MB")
        self.text(
            f"The image, its base included: **{megabytes:.1f} MB to pull** (compressed with gzip; target: {words}), "
            f"{contents.uncompressed / MEGABYTE:.1f} MB in {contents.files} files on the disk."
        )

    def containers(self, rounds: Sequence[Round]) -> None:
        """Add how long main and post take in containers, and how that compares with the peer."""
        self.text(
            f"Main and post in containers, over TLS, with round trips of {1000 * ROUND_TRIP:.0f} ms and a token service "
            f"that takes {1000 * TOKEN_SECONDS:.0f} ms, medians of {len(rounds)} rounds:"
        )
        rows = {
            "a container that does nothing": [each.bare for each in rounds],
            "main": [each.main for each in rounds],
            "post": [each.post for each in rounds],
            "both": [each.both for each in rounds],
        }
        with_peer = all(each.peer for each in rounds)
        if with_peer:
            rows["Node.js, bundled: its two processes"] = [each.peer for each in rounds]
            rows["the same, and the start of two containers"] = [each.peer + 2 * each.bare for each in rounds]
        self._lines += ["| | |", "| --- | --: |"]
        self._lines += [f"| {what} | {median(seconds):.2f} s |" for what, seconds in rows.items()]
        self.text("")
        if with_peer:
            ratio = median(each.ratio for each in rounds)
            words = self.target("containers", ratio, CONTAINERS_LIMIT)
            processes = median(each.both / each.peer for each in rounds)
            self.text(
                f"Round by round, both take **{ratio:.2f}** times as long as the peer's processes with the start of two "
                f"containers (target: {words}), and {processes:.2f} times as long as these processes alone."
            )

    def cold(self, pulls: Mapping[float, float], rounds: Sequence[Round], *, measured: bool) -> None:
        """Add what a job on a fresh runner waits for in all: the pull and both containers."""
        how = "from a registry on this machine, through a line of that rate" if measured else "computed from the size"
        self.text(f"On a fresh runner, with the pull {how}:")
        self._lines += ["| | pull | main and post | in all |", "| --- | --: | --: | --: |"]
        both = median(each.both for each in rounds)
        self._lines += [
            f"| {rate / 1e6:.0f} Mbit/s | {seconds:.2f} s | {both:.2f} s | {seconds + both:.2f} s |"
            for rate, seconds in pulls.items()
        ]
        self.text("")

    def crowd(self, crowd: Crowd) -> None:
        """Add how long many users take."""
        ratio = crowd.wall / crowd.minimum
        words = self.target(f"wall of {USERS} users", ratio, CROWD_LIMIT)
        self.text(
            f"{USERS} users in one step, with an AWS that answers after {1000 * LATENCY:.0f} ms: {crowd.wall:.2f} s. "
            f"The rate limit and the latency alone would take {crowd.minimum:.2f} s; main takes {ratio:.2f} times that "
            f"(target: {words}). One user takes {crowd.one:.2f} s, and the others add {crowd.added:.2f} times what the "
            "rate limit alone makes them wait."
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


def machine(image: str) -> str:
    """The machine that the figures were measured on, and the Python of the image."""
    version = docker("run", "--rm", "--entrypoint", "/venv/bin/python", image, "--version").strip()
    cores = os.cpu_count()
    return f"{version} on {platform.system()}, {platform.machine()}, {cores} processors."


def write_into(page: Path, figures: str) -> None:
    """Write the figures to their place on a page."""
    before, rest = page.read_text(encoding="utf-8").split(_BEGIN)
    page.write_text(f"{before}{_BEGIN}\n{figures}\n{_END}{rest.split(_END)[1]}", encoding="utf-8")

"""The benchmark: what it says about targets and missing tools, and where its figures go."""

import re
import sys
import time
from pathlib import Path

import pytest
import urllib3

from tools.benchmark.comparison import Run, compare
from tools.benchmark.containers import BASE
from tools.benchmark.contenders import ACTION, PEERS, Contender
from tools.benchmark.measured import Cost, MeasuredJob
from tools.benchmark.relay import Line, relay
from tools.benchmark.report import LIMITS, Report, write_into
from tools.emulator.http import Answer, serving
from tools.emulator.job import ROOT


def test_process_costs_what_it_and_its_children_cost(tmp_path: Path) -> None:
    """Wall and processor time, and the memory of the largest process, parent or child."""
    child = "text = 'x' * 80_000_000; sum(range(2_000_000))"
    parent = f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {child!r}]); time.sleep(0.2)"
    commands = {"main": [sys.executable, "-c", parent], "post": [sys.executable, "-c", "pass"]}
    job = MeasuredJob(tmp_path, {}, Contender("any", commands, []))

    assert [job.main({}).exit_code, job.post().exit_code] == [0, 0]
    main, post = job.cost("main"), job.cost("post")
    assert main.wall > 0.2
    assert main.cpu > post.cpu > 0
    assert main.memory > 80_000_000 > post.memory > 1_000_000
    assert main + post == Cost(main.wall + post.wall, main.cpu + post.cpu, main.memory)


def test_ratios_are_those_of_each_round() -> None:
    """A machine that slows down affects everyone alike. The first round is a warm-up and does not count."""
    speed = iter((9.0, 9.0, 1.0, 1.0, 2.0, 2.0))

    def run(name: str) -> Run:
        seconds = next(speed) * {"action": 1.0, "peer": 4.0}[name]
        return Run(Cost(seconds, seconds, 1.0), Cost(seconds, seconds, 1.0))

    comparison = compare(["action", "peer"], run, 2)

    assert comparison.ratios("peer", lambda cost: cost.wall) == [0.25, 0.25]
    assert comparison.median("peer", lambda run: run.both.wall) == 12.0


@pytest.mark.parametrize(("ratio", "words"), [(1.0, "at most 1"), (1.01, "at most 1, **missed**")])
def test_missed_target_is_reported(ratio: float, words: str) -> None:
    """In its place, and again at the end."""
    report = Report()

    assert report.target("wall", ratio, 1.0) == words
    assert bool(report.missed) == (ratio > 1)


def test_missing_needs_are_named() -> None:
    """By the command or file that is missing."""
    contender = Contender("any", {}, ["sh", "no-such-command", str(ROOT / "README.md"), "/no/such/file"])

    assert contender.missing == ["no-such-command", "/no/such/file"]


def test_figures_in_the_docs_are_complete(tmp_path: Path) -> None:
    """They are from a machine with all tools, have their place, and a target that is missed is explained beside them."""
    docs = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(docs)

    write_into(page, "figures\n")

    assert "<!-- figures -->\n\nfigures\n\n<!-- end of figures -->\n" in page.read_text()
    rows = re.findall(r"^\| ([\w., ]+) \| [0-9.]+ s \| [0-9.]+ s \|", docs.partition("## Where")[0], re.MULTILINE)
    assert rows == [ACTION, *(peer.name for peer in PEERS)]
    assert set(LIMITS) <= set(rows)
    missed = [line for line in docs.splitlines() if "**missed**" in line]
    assert all(line.startswith("50 users in one step") for line in missed)  # the one that is known, and explained:
    assert bool(missed) == ("Main of many users **misses its target**" in docs)
    assert re.search(r"\*\*[0-9.]+ MB to pull\*\*", docs)
    assert re.search(r"both take \*\*[0-9.]+\*\* times as long", docs)
    assert f"FROM {BASE} AS build" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_line_takes_its_time() -> None:
    """A round trip for the handshake and one for the answer, and no more bits in a second than it has."""
    large = b"x" * 100_000
    with serving(lambda _: Answer(200, large)) as url:
        upstream = ("127.0.0.1", int(url.rpartition(":")[2]))
        with relay(("127.0.0.1", 0), upstream, Line(round_trip=0.2)) as (host, port):
            assert 0.4 <= _seconds(f"http://{host}:{port}") < 0.8
        with relay(("127.0.0.1", 0), upstream, Line(bits_per_second=2e6)) as (host, port):
            assert 0.4 <= _seconds(f"http://{host}:{port}") < 0.8


def _seconds(url: str) -> float:
    started = time.monotonic()
    assert len(urllib3.request("GET", url).data) == 100_000
    return time.monotonic() - started

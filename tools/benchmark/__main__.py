"""What the action costs a job, compared with its peers: `make bench`."""

import sys
import tempfile
from pathlib import Path

from tools.benchmark.comparison import Comparison, Run, compare
from tools.benchmark.containers import measure_containers
from tools.benchmark.contenders import ACTION, BUNDLED, PEERS
from tools.benchmark.crowd import measure_crowd
from tools.benchmark.image import contents
from tools.benchmark.measured import MeasuredDockerJob, MeasuredJob
from tools.benchmark.pull import has_registry, measure_pull
from tools.benchmark.report import Report, machine, write_into
from tools.emulator.account import Account
from tools.emulator.aws import ministack
from tools.emulator.container import built_image, engine_answers
from tools.emulator.github import TokenService, token_service
from tools.emulator.job import ROOT

ROUNDS = 15

RATES = (200e6, 1e9)
"""Bits per second that a runner may have for the pull."""


def main() -> int:
    if not engine_answers():
        _say("The benchmark needs a Docker engine: what it measures is the image.")
        return 1
    report = Report()
    with (
        tempfile.TemporaryDirectory() as name,
        ministack() as endpoint,
        token_service() as github,
        built_image() as image,
    ):
        folder = Path(name)
        account = Account(endpoint)
        account.create_provider()
        report.text(machine(image))
        report.comparison(_comparison(account, github, folder, image))
        _say("Containers ...")
        _measure_image(report, image, account, github, folder)
        _say("Many users ...")
        report.crowd(measure_crowd(account, github, folder, image))

    print(f"\n{report}")
    write_into(ROOT / "docs/benchmarks.md", str(report))
    for missed in report.missed:
        _say(f"MISSED: {missed}.")
    return 1 if report.missed else 0


def _comparison(account: Account, github: TokenService, folder: Path, image: str) -> Comparison:
    peers = {peer.name: peer for peer in PEERS if not peer.missing}
    for peer in PEERS:
        if peer.missing:
            _say(f"{peer.name} is not measured. Missing: {', '.join(peer.missing)}.")
    pool = account.create_pool(UsernameAttributes=["email"])
    role = account.create_role("bench", pool)

    def run(name: str) -> Run:
        with tempfile.TemporaryDirectory(dir=folder) as own:
            environ = {
                **github.environ,
                "AWS_ENDPOINT_URL": account.endpoint,
                "AWS_DEFAULT_REGION": pool.partition("_")[0],
            }
            if name == ACTION:
                return _run(MeasuredDockerJob(Path(own), environ, image), account, pool, role)
            return _run(MeasuredJob(Path(own), environ, peers[name]), account, pool, role)

    _say(f"{ROUNDS} rounds of {', '.join([ACTION, *peers])} ...")
    return compare([ACTION, *peers], run, ROUNDS)


def _run(job: MeasuredJob | MeasuredDockerJob, account: Account, pool: str, role: str) -> Run:
    stage = job.main({"user-pool-id": pool, "role-to-assume": role}, POOL=pool, ROLE=role)
    assert stage.exit_code == 0, (stage.log, stage.stderr)
    assert stage.outputs["password"]
    assert len(account.users(pool)) == 1
    stage = job.post()
    assert stage.exit_code == 0, (stage.log, stage.stderr)
    assert not account.users(pool)
    return Run(job.cost("main"), job.cost("post"))


def _measure_image(report: Report, image: str, account: Account, github: TokenService, folder: Path) -> None:
    of_image = contents(image)
    report.image(of_image)
    rounds = measure_containers(account, github, folder, image, with_peer=not BUNDLED.missing)
    report.containers(rounds)
    registry = has_registry()
    if not registry:
        _say("The pull is computed: there is no docker-registry here.")
    pulls = measure_pull(image, RATES) if registry else {rate: 8 * of_image.compressed / rate for rate in RATES}
    report.cold(pulls, rounds, measured=registry)


def _say(text: str) -> None:
    print(text, flush=True)


sys.exit(main())

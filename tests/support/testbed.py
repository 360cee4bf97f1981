"""An account and GitHub behind servers that can be tampered with, and the action's steps that call them."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import SystemRandom

from cognito_action.retry import Limits, Retry
from cognito_action.steps import adopt, delete, main, post, sweep
from cognito_action.steps.run import Step, exit_status_of
from tests.support.fake_time import FakeTime, SkippedTime, at_once
from tests.support.inputs import input_variables
from tests.support.recorder import Recorder
from tests.support.whole_step import end_of_process
from tests.support.world import World
from tools.emulator.github import REPOSITORY_ID, RUN_ID
from tools.emulator.http import Answer, Request, serving
from tools.emulator.job import Stage
from tools.emulator.proxy import Call, Rule, operation_of

TOKEN = "GetIDToken"

RUN = {"GITHUB_REPOSITORY_ID": REPOSITORY_ID, "GITHUB_RUN_ID": RUN_ID, "GITHUB_RUN_ATTEMPT": "1"}


@dataclass
class Server:
    """A server that can be closed; after that, connections to it are refused."""

    respond: Callable[[Request], Answer | None]
    url: str = ""
    _serving: AbstractContextManager[str] | None = None

    def open(self) -> None:
        if not self._serving:
            self._serving = serving(self.respond, int(self.url.rpartition(":")[2] or 0))
            self.url = self._serving.__enter__()

    def close(self) -> None:
        if self._serving:
            self._serving.__exit__(None, None, None)
            self._serving = None


@dataclass
class Fault:
    """What happens instead to the first `times` calls of one operation."""

    operation: str
    rule: Rule
    times: float = 1


@dataclass
class FaultTestbed:
    """All that an action talks to, with a record of its calls. Steps run in this process and skip their pauses."""

    world: World
    calls: list[str] = field(default_factory=list)
    fault: Fault | None = None
    close_after: int | None = None
    """This many calls come through; then the servers are closed until the action reports that it tries again."""
    attempt: float | None = None
    """Seconds of one attempt, if they differ from the step's own."""
    time: FakeTime | None = None
    """A clock that only pauses advance, each by as much as can be drawn; without it, pauses are skipped."""

    def __post_init__(self) -> None:
        self.aws = Server(lambda request: self._handle(*operation_of(request), request, self.world.aws.handle))
        self.github = Server(lambda request: self._handle(TOKEN, {}, request, self.world.github.grant))

    def main(self, inputs: Mapping[str, str]) -> Stage:
        return self._perform(partial(main.main, random=SystemRandom()), main.LIMITS, input_variables(**inputs))

    def post(self, state: Mapping[str, str]) -> Stage:
        environ = {f"STATE_{key}": value for key, value in state.items()}
        return self._perform(post.post, post.LIMITS, environ)

    def adopt(self, inputs: Mapping[str, str]) -> Stage:
        return self._perform(partial(adopt.adopt, random=SystemRandom()), adopt.LIMITS, input_variables(**inputs))

    def delete(self, inputs: Mapping[str, str]) -> Stage:
        return self._perform(delete.delete, delete.LIMITS, input_variables(**inputs))

    def sweep(self, inputs: Mapping[str, str]) -> Stage:
        """Run it as if it were tomorrow."""
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        return self._perform(partial(sweep.sweep, now=lambda: tomorrow), sweep.LIMITS, input_variables(**inputs))

    def _perform(self, step: Step, limits: Limits, environ: Mapping[str, str]) -> Stage:
        with tempfile.TemporaryDirectory() as folder:
            recorder = Recorder(Path(folder))

            def report(text: str) -> None:
                recorder.runner.log(text)
                self.aws.open()
                self.github.open()

            retry = self._retry(limits, report, recorder)
            given = {
                **RUN,
                **self.world.github.environ,
                "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.github.url}/?",
                **environ,
            }
            exit_code = exit_status_of(lambda: step(given, recorder.runner, retry), recorder.runner)
            end_of_process()
            stage = recorder.stage
        stage.exit_code = exit_code
        return stage

    def _retry(self, limits: Limits, report: Callable[[str], None], recorder: Recorder) -> Retry:
        redact = recorder.runner.redactor
        if self.time:
            return Retry(limits, report, self.time.clock, self.time.sleep, self.time.uniform, at_once, redact)
        skipped = SkippedTime()
        limits = replace(limits, attempt_seconds=self.attempt or limits.attempt_seconds)
        return Retry(limits, report, skipped.clock, skipped.sleep, lambda low, _: low, redact=redact)

    def _handle(
        self,
        operation: str,
        parameters: Mapping[str, object],
        request: Request,
        respond: Callable[[Request], Answer | None],
    ) -> Answer | None:
        self.calls.append(operation)

        def forward() -> Answer:
            answer = respond(request)
            assert answer
            return answer

        fault = self.fault
        if fault and fault.operation == operation and fault.times > 0:
            fault.times -= 1
            return fault.rule(Call(operation, parameters, request, forward))
        answer = respond(request)
        if answer and self.close_after == len(self.calls):
            self.close()
            return replace(answer, headers={**answer.headers, "Connection": "close"})
        return answer

    def close(self) -> None:
        self.aws.close()
        self.github.close()


@contextmanager
def open_testbed(world: World) -> Iterator[FaultTestbed]:
    """Open both servers, and close them at the end."""
    bed = FaultTestbed(world)
    bed.aws.open()
    bed.github.open()
    try:
        yield bed
    finally:
        bed.close()

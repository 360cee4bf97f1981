"""Every step of a run that is visible from outside, and a way to stop at any of them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
from time import sleep
from typing import Literal

from tools.emulator.http import Answer, Request

Respond = Callable[[Request], Answer | None]


@dataclass(frozen=True)
class Point:
    """Before or after one step: the first, second … call of an operation, or write to one of the runner's files."""

    moment: Literal["before", "after"]
    step: str
    number: int

    def __str__(self) -> str:
        return f"{self.moment} {self.step} {self.number}"


@dataclass
class Checkpoints:
    """Watches a run, and holds it at `stop`.

    A request that is held before its server gets it is lost once `go_on` is set, or arrives `late` seconds later.
    """

    stop: Point | None = None
    late: float | None = None
    passed: list[Point] = field(default_factory=list)
    reached: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def around(self, respond: Respond, name: Callable[[Request], str]) -> Respond:
        """Put a point before and after each answer of a server."""

        def answer(request: Request) -> Answer | None:
            step, number = self._next(name(request))
            if self._held_up(Point("before", step, number)):
                if self.late is None:
                    return None
                sleep(self.late)
            answer = respond(request)
            self._held_up(Point("after", step, number))
            return answer

        return answer

    def write(self, request: Request) -> Answer | None:
        """Handle a notification of a write, as `stepwise_main.py` sends it."""
        _, moment, step = request.path.split("/", 2)
        if moment == "before":
            step, number = self._next(step)
            stopped = self._held_up(Point("before", step, number))
        else:
            step, _, text = step.partition("-")
            number, stopped = int(text), self._held_up(Point("after", step, int(text)))
        return None if stopped else Answer(200, f"{step}-{number}".encode())

    def _next(self, step: str) -> tuple[str, int]:
        with self._lock:
            self._counts[step] += 1
            return step, self._counts[step]

    def _held_up(self, point: Point) -> bool:
        with self._lock:
            self.passed.append(point)
        if point != self.stop:
            return False
        self.reached.set()
        self.go_on.wait(60)
        return True

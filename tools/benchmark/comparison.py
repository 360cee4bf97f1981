"""Run the action and its peers in turn, and compute the ratios of each round."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tools.benchmark.contenders import ACTION
from tools.benchmark.measured import Cost

MEASURES: Mapping[str, Callable[[Cost], float]] = {
    "wall": lambda cost: cost.wall,
    "processor": lambda cost: cost.cpu,
    "peak memory": lambda cost: cost.memory,
}


@dataclass(frozen=True)
class Run:
    """The cost of main and post of one contender in one round."""

    main: Cost
    post: Cost

    @property
    def both(self) -> Cost:
        """What the job pays in total."""
        return self.main + self.post


@dataclass(frozen=True)
class Comparison:
    """All rounds. Each has one run of every contender."""

    rounds: Sequence[Mapping[str, Run]]

    @property
    def names(self) -> Sequence[str]:
        """The action, and what it is compared with, in the order of the report."""
        return [ACTION, *(name for name in self.rounds[0] if name != ACTION)]

    def median(self, name: str, figure: Callable[[Run], float]) -> float:
        """The median of a contender's figure."""
        return median(figure(each[name]) for each in self.rounds)

    def ratios(self, peer: str, measure: Callable[[Cost], float]) -> list[float]:
        """The action's figure as a multiple of the peer's in each round: both ran within seconds of each other."""
        return [measure(each[ACTION].both) / measure(each[peer].both) for each in self.rounds]


def compare(names: Sequence[str], run: Callable[[str], Run], rounds: int) -> Comparison:
    """Run each contender `rounds` times, each round in a different order, after one round that does not count."""
    results = []
    for number in range(rounds + 1):
        shift = number % len(names)
        results.append({name: run(name) for name in [*names[shift:], *names[:shift]]})
    return Comparison(results[1:])

"""The action and its peers in turn, round by round, and the ratios of each round."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tools.benchmark.measured import Cost

MEASURES: Mapping[str, Callable[[Cost], float]] = {
    "wall": lambda cost: cost.wall,
    "processor": lambda cost: cost.cpu,
    "peak memory": lambda cost: cost.memory,
}


@dataclass(frozen=True)
class Run:
    """Main and post of one contender in one round."""

    main: Cost
    post: Cost

    @property
    def both(self) -> Cost:
        """What the job pays."""
        return self.main + self.post


@dataclass(frozen=True)
class Comparison:
    """All rounds; each has one run of every contender."""

    rounds: Sequence[Mapping[str, Run]]

    def median(self, name: str, figure: Callable[[Run], float]) -> float:
        """The median of a contender's figure."""
        return median(figure(each[name]) for each in self.rounds)

    def ratios(self, peer: str, measure: Callable[[Cost], float]) -> list[float]:
        """The action's figure in multiples of the peer's, in each round: both ran within seconds of each other."""
        return [measure(each["action"].both) / measure(each[peer].both) for each in self.rounds]


def compare(names: Sequence[str], run: Callable[[str], Run], rounds: int) -> Comparison:
    """Run everyone `rounds` times, each round in another order, after one round that does not count."""
    found = []
    for number in range(rounds + 1):
        shift = number % len(names)
        found.append({name: run(name) for name in [*names[shift:], *names[:shift]]})
    return Comparison(found[1:])

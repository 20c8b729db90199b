"""What can go wrong at a bank, by name; names joined by "+" add up."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Scenario:
    """How the bank behaves; the defaults are a bank without trouble."""

    latency: float = 0.0  # seconds before every answer
    hang_one_in: int = 0  # of the instructions, how many are taken and never answered
    cut_one_in: int = 0  # of the instructions, how many are cut off before they are taken
    first_only: bool = False  # hanging and cutting strike each reference once
    deduplicates: bool = True
    answers_twice: bool = False  # the result comes a second time, in another order
    later_days: int = 0  # lines said to be delivered come back after so many days
    returned_one_in: int = 0  # of the lines, how many come back
    first_part: int = 100  # per cent of the lines that the first result speaks of
    ready_days: int = 0  # the first result comes after so many days
    slips_one_in: int = 0  # of the accounts, how many belong to another name
    noise: bool = False  # fees and lines of others in the statement
    rejects: bool = False  # refuses every file and transfer
    down: bool = False  # answers 503


NORMAL = Scenario()
SCENARIOS: dict[str, Scenario] = {
    "normal": NORMAL,
    "slow": Scenario(latency=1.5),
    "timeout_after_accept": Scenario(hang_one_in=1),
    "timeout_after_accept_once": Scenario(hang_one_in=1, first_only=True),
    "timeout_before_accept": Scenario(cut_one_in=1),
    "timeout_before_accept_once": Scenario(cut_one_in=1, first_only=True),
    "some_timeouts": Scenario(hang_one_in=5, first_only=True),
    "some_cuts": Scenario(cut_one_in=5, first_only=True),
    "no_dedupe": Scenario(deduplicates=False),
    "answers_twice": Scenario(answers_twice=True),
    "troubled": Scenario(returned_one_in=10),
    "few_returns": Scenario(returned_one_in=50),
    "late_returns": Scenario(returned_one_in=10, later_days=3),
    "partial": Scenario(first_part=60),
    "next_day": Scenario(ready_days=1),
    "names_differ": Scenario(slips_one_in=4),
    "statement_noise": Scenario(noise=True),
    "rejects": Scenario(rejects=True),
    "down": Scenario(down=True),
}


def scenario_of(names: str) -> Scenario:
    """The scenario of "a+b": b's settings over a's. Raises KeyError with the unknown name."""
    found = NORMAL
    for name in names.split("+"):
        wanted = SCENARIOS[name.strip()]
        changes = {
            field.name: getattr(wanted, field.name)
            for field in fields(Scenario)
            if getattr(wanted, field.name) != field.default
        }
        found = replace(found, **changes)
    return found

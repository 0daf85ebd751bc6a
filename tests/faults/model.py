"""Row 17 of the fault matrix, its other half: clients do whatever they may, in any order, at a live server, and a model
says what must come of it.

The model knows of each person which names and which role they have, and who is banned or muted; of each room who its
members are, how far they have read it, what its log says, in order, and who may speak. Whatever is asked, the answer
must be the model's, and everybody must hear exactly what concerns them; each request may be asked again with its id at
any time, before and after the server was killed, and must have the same answer as the first time.

There are two such servers. A process is killed by kill -9 in between. A hub in this process has a clock that the model
sets, so that bans and mutes end; and after each step its state is held against a fresh one from the disk.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.model_acts import Acts
from tests.faults.model_stages import HubStage, ProcessStage, Stage
from tests.faults.outcome import Outcome


class Machine(Acts):
    """With a folder that is gone afterwards."""

    def __init__(self, make_stage: Callable[[Path], Stage]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="qtchat-model-")
        super().__init__(make_stage(Path(self._folder.name)))

    def teardown(self) -> None:
        self.stage.close()
        self._folder.cleanup()


class WithProcess(Machine):
    def __init__(self) -> None:
        super().__init__(ProcessStage)


class WithHub(Machine):
    def __init__(self) -> None:
        super().__init__(HubStage)


def clients_against_model(_folder: Path, *, examples: int = 5, steps: int = 30) -> Outcome:
    """Row 17: `examples` servers that are killed, each for up to `steps` steps."""
    return _run(WithProcess, examples, steps)


def hub_against_model(_folder: Path, *, examples: int = 60, steps: int = 100) -> Outcome:
    """Row 17: `examples` hubs with a clock of their own, each for up to `steps` steps."""
    return _run(WithHub, examples, steps)


def _run(machine: type[Machine], examples: int, steps: int) -> Outcome:
    outcome = Outcome()
    rules = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # to look for the shortest way to a fault takes minutes
    )
    try:
        run_state_machine_as_test(machine, settings=rules)
    except AssertionError as error:
        outcome.faults.append(f"{error!r} {' '.join(getattr(error, '__notes__', ()))}")
    outcome.count("servers", examples)
    return outcome

"""Row 17 of the fault matrix, led by coverage: atheris looks for bytes at which frames, messages or sessions fail."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.faults.outcome import CannotRunError, Outcome

CORPUS: Final = Path(__file__).parent / "corpus"
"""Inputs that each reach something of their own; kept, so that every run begins where the last one ended."""


def fuzz(folder: Path, *, runs: int) -> Outcome:
    """`runs` inputs. New ones that reach something new are put into the corpus of this run, in `folder`."""
    if importlib.util.find_spec("atheris") is None:
        raise CannotRunError("atheris is not installed (pip install atheris; there are no wheels for every Python)")
    outcome = Outcome()
    found = folder / "corpus"
    shutil.copytree(CORPUS, found)
    options = [f"-runs={runs}", "-max_len=4096", "-timeout=10", "-rss_limit_mb=1024", f"-artifact_prefix={folder}/"]
    command = [sys.executable, "-m", "tests.faults.fuzz_target", str(found), *options]
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        cwd=Path(__file__).parents[2],
    )
    said = ended.stderr.splitlines()
    outcome.expect(ended.returncode == 0, f"atheris ended with {ended.returncode}: {said[-20:]}")
    outcome.count("inputs", runs)
    outcome.count("new", len(list(found.iterdir())) - len(list(CORPUS.iterdir())))
    return outcome

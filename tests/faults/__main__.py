"""`python tests/faults`: the program of run.py, from any folder."""

import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
runpy.run_module("tests.faults.run", run_name="__main__")

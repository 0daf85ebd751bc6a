"""Row 17 of the fault matrix in small."""

from tests.faults import fuzz, fuzz_atheris, hostile, model
from tests.faults.conftest import TryRow


def test_malformed_frames(try_row: TryRow) -> None:
    try_row(fuzz.fuzz, examples=20)


def test_inputs_that_atheris_finds(try_row: TryRow) -> None:
    try_row(fuzz_atheris.fuzz, runs=2000)


def test_clients_against_a_model(try_row: TryRow) -> None:
    try_row(model.clients_against_model, examples=1, steps=30)


def test_moderation_against_a_model(try_row: TryRow) -> None:
    try_row(model.hub_against_model, examples=10, steps=40)


def test_a_server_that_lies(try_row: TryRow) -> None:
    try_row(hostile.hostile_server, examples=5)

"""Row 23 of the fault matrix: certificates, keys and old TLS."""

from tests.faults import trust
from tests.faults.conftest import TryRow


def test_renewed_certificate(try_row: TryRow) -> None:
    try_row(trust.renewed_certificate)


def test_another_key(try_row: TryRow) -> None:
    try_row(trust.another_key)


def test_old_tls(try_row: TryRow) -> None:
    try_row(trust.old_tls)


def test_client_meets_old_tls(try_row: TryRow) -> None:
    try_row(trust.client_meets_old_tls)


def test_captured(try_row: TryRow) -> None:
    try_row(trust.captured)


def test_relayed_login(try_row: TryRow) -> None:
    try_row(trust.relayed_login)

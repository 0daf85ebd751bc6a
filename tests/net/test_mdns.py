"""Whatever is announced, reading it raises nothing."""

from typing import Any

import pytest
from zeroconf import BadTypeInNameException

from qtchat.net.announcement import SERVICE, Announcement, to_txt
from qtchat.net.mdns import MAX_ADDRESSES, Service, read_service

KITCHEN = Announcement(bytes(16), "Kitchen", "ABCDE", 3, "1.0", 47_311)
NAME = f"Kitchen ABCDE.{SERVICE}"


class FakeInfo:
    """A service of this name, as zeroconf tells of it."""

    def __init__(self, changed: dict[str, str], addresses: list[str]) -> None:
        self.properties = {key.encode(): value.encode() for key, value in (to_txt(KITCHEN) | changed).items()}
        self.port = KITCHEN.port
        self._addresses = addresses

    def parsed_scoped_addresses(self) -> list[str]:
        return self._addresses


class FakeZeroconf:
    def __init__(self, info: FakeInfo | Exception | None) -> None:
        self._info = info

    def get_service_info(self, _service_type: str, _name: str, _timeout: float) -> FakeInfo | None:
        if isinstance(self._info, Exception):
            raise self._info
        return self._info


def read(info: FakeInfo | Exception | None) -> Service | None:
    zeroconf: Any = FakeZeroconf(info)
    return read_service(zeroconf, SERVICE, NAME)


def test_a_server_comes_with_its_addresses_but_not_with_any_number_of_them() -> None:
    assert read(FakeInfo({}, ["192.168.1.5", "fe80::1%2"])) == Service(KITCHEN, ("192.168.1.5", "fe80::1%2"))
    many = read(FakeInfo({}, [f"10.0.0.{number}" for number in range(100)]))
    assert many is not None
    assert len(many.addresses) == MAX_ADDRESSES


@pytest.mark.parametrize(
    "info",
    [
        None,
        FakeInfo({"people": "9" * 30}, ["10.0.0.1"]),
        FakeInfo({"id": "?"}, ["10.0.0.1"]),
        BadTypeInNameException("a name of another kind of service"),
        OverflowError("a number beyond all bounds"),
    ],
)
def test_what_is_no_server_of_ours_is_none(info: FakeInfo | Exception | None) -> None:
    assert read(info) is None

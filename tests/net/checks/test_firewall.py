"""Firewalls of each system, by what their files and tools say."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from qtchat.net.checks.findings import Outcome
from qtchat.net.checks.firewall import Firewall, check_firewall, find_firewalls

RULES = """
-A ufw-user-input -p tcp --dport 47300 -j ACCEPT
-A ufw-user-input -p udp --dport 47300 -j ACCEPT
"""


def tools(answers: Mapping[str, str]) -> Callable[[Sequence[str]], str | None]:
    """A system whose tools answer by the first word of `answers` that stands in the command; others are missing."""
    return lambda command: next((said for word, said in answers.items() if word in " ".join(command)), None)


def ufw(folder: Path, enabled: str, rules: str | None) -> list[Firewall]:
    (folder / "ufw.conf").write_text(f"# settings\nENABLED={enabled}\nLOGLEVEL=low\n")
    if rules is not None:
        (folder / "user.rules").write_text(rules)
    return find_firewalls(47300, platform="linux", run=tools({}), ufw=folder)


def test_ufw_that_is_switched_off_or_missing_is_none(tmp_path: Path) -> None:
    assert ufw(tmp_path, "no", RULES) == []
    assert find_firewalls(47300, platform="linux", run=tools({}), ufw=tmp_path / "none") == []


@pytest.mark.parametrize(("rules", "opens"), [(RULES, True), ("", False), (None, None)])
def test_ufw_and_its_rules(tmp_path: Path, rules: str | None, opens: bool | None) -> None:
    (firewall,) = ufw(tmp_path, "yes", rules)
    assert firewall.opens is opens
    assert firewall.command == "sudo ufw allow 47300/tcp && sudo ufw allow 47300/udp && sudo ufw allow 5353/udp"


@pytest.mark.parametrize(
    ("rule", "opens"),
    [
        ("-A ufw-user-input -s 192.168.1.0/24 -j ACCEPT", True),  # all ports, for that network
        ("-A ufw-user-input -p tcp -m multiport --dports 80,47000:47400 -j ACCEPT", False),
        ("-A ufw-user-input -p udp -m multiport --dports 80,47000:47400 -j ACCEPT", False),
        ("-A ufw-user-input -m multiport --dports 80,47000:47400 -j ACCEPT", True),
        ("-A ufw-user-input -m multiport --dports 80,47400:47500 -j ACCEPT", False),
        ("-A ufw-user-input -m multiport --dports 47300 -j ACCEPT -m comment --comment 'dapp_qtchat'", True),
        ("-A ufw-user-input -j ufw-user-limit-accept", True),
        ("-A ufw-user-input -j DROP", False),
        ("-A ufw-user-output -j ACCEPT", False),
    ],
)
def test_rules_of_ufw_for_several_ports(tmp_path: Path, rule: str, opens: bool) -> None:
    (firewall,) = ufw(tmp_path, "yes", f"*filter\n### RULES ###\n{rule}\nCOMMIT\n")
    assert firewall.opens is opens


ZONE = """public (active)
  target: {target}
  interfaces: eth0
  services: dhcpv6-client mdns ssh
  ports: {ports}
  protocols:
"""


@pytest.mark.parametrize(
    ("zone", "opens"),
    [
        (ZONE.format(target="default", ports="47311/tcp 47300/udp"), True),
        (ZONE.format(target="default", ports="1025-65535/udp 1025-65535/tcp"), True),
        (ZONE.format(target="default", ports="47311/tcp"), False),
        (ZONE.format(target="default", ports=""), False),
        (ZONE.format(target="ACCEPT", ports=""), True),
        (None, None),  # it is for an administrator to know
    ],
)
def test_firewalld_is_asked(tmp_path: Path, zone: str | None, opens: bool | None) -> None:
    answers = {"--state": "running\n"} | ({"--list-all": zone} if zone else {})
    (firewall,) = find_firewalls(47311, platform="linux", run=tools(answers), ufw=tmp_path)
    assert (firewall.name, firewall.opens) == ("firewalld", opens)
    assert "--add-port=47311/tcp --add-port=47300/udp --add-service=mdns" in firewall.command


def test_windows_is_read_from_the_registry() -> None:
    off = tools({"reg query": "    EnableFirewall    REG_DWORD    0x0\n"})
    assert find_firewalls(47300, platform="win32", run=off) == []
    on = {"PublicProfile": "    EnableFirewall    REG_DWORD    0x1\n"}
    (firewall,) = find_firewalls(47300, platform="win32", run=tools(on))
    assert firewall.opens is None
    assert 'netsh advfirewall firewall add rule dir=in action=allow name="qtchat TCP"' in firewall.command
    assert "protocol=UDP localport=47300,5353" in firewall.command
    (firewall,) = find_firewalls(47300, platform="win32", run=tools({**on, "show rule": "Rule Name: qtchat"}))
    assert firewall.opens
    (firewall,) = find_firewalls(47300, platform="win32", run=tools({}))
    assert firewall.opens is None


def test_macos_tells_its_state() -> None:
    assert find_firewalls(1, platform="darwin", run=tools({"global": "Firewall is disabled. (State = 0)"})) == []
    (firewall,) = find_firewalls(1, platform="darwin", run=tools({"global": "Firewall is enabled. (State = 1)"}))
    assert firewall.opens is None
    assert "System Settings" in firewall.fix
    (firewall,) = find_firewalls(1, platform="darwin", run=tools({"global": "Firewall is blocking all. (State = 2)"}))
    assert firewall.opens is False


def test_what_is_said_of_them() -> None:
    shut = check_firewall([Firewall("ufw", False, "Type:", "open it")])
    assert (shut.outcome, shut.told().fix, shut.command) == (Outcome.WARNING, "Type:", "open it")
    assert "(ufw) and keeps others out" in shut.told().sentence
    assert "cannot be read from here" in check_firewall([Firewall("ufw", None, "Type:", "open it")]).sentence
    assert check_firewall([Firewall("ufw", True, "Type:", "open it")]).outcome is Outcome.OK
    assert "cannot be seen" in check_firewall([], platform="linux").sentence
    assert check_firewall([], platform="win32").outcome is Outcome.OK
    assert check_firewall([], platform="plan9").outcome is Outcome.SKIPPED

"""Findings as they are printed and passed on."""

from qtchat import __version__
from qtchat.net.checks.findings import failed, ok, report, skipped, warning


def test_a_finding_is_a_line_and_the_fix_stands_below() -> None:
    assert str(ok("Port", "It is open.")) == "[  ok   ] Port: It is open."
    said = str(failed("Port", "It is shut.", "Open it:\nopen 47300"))
    assert said.splitlines() == ["[failed ] Port: It is shut.", "          Open it:", "          open 47300"]


def test_a_report_begins_with_program_and_system() -> None:
    text = report([warning("VPN", "Yes."), skipped("Clock", "None.")], "Linux 6")
    assert text.splitlines() == [
        f"qtchat {__version__} on Linux 6",
        "[warning] VPN: Yes.",
        "[skipped] Clock: None.",
    ]

"""Findings as they are printed, passed on and translated."""

from qtchat import __version__
from qtchat.net.checks.findings import QT_TRANSLATE_NOOP, Finding, Outcome, failed, ok, report, skipped, warning


def test_a_finding_is_a_line_and_the_fix_stands_below() -> None:
    assert str(ok("Port", "It is open.")) == "[  ok   ] Port: It is open."
    said = str(failed("Port", "It is shut.", "Open it:", "open {port}\nshut {port}", port=47300))
    assert said.splitlines() == [
        "[failed ] Port: It is shut.",
        "          Open it:",
        "          open {port}",  # a command is no template
        "          shut {port}",
    ]


def test_values_are_filled_in() -> None:
    told = failed("Port", "{host} is shut at {port}.", "Ask {who} about {port}.", host="box", port=80).told()
    assert (told.step, told.sentence, told.fix) == ("Port", "box is shut at 80.", "Ask {who} about 80.")
    assert ok("Port", "{name}", name="{port}", port=80).told().sentence == "{port}"


def test_a_translation_gets_the_values_too() -> None:
    german = {"Port": "Anschluss", "{host} is shut.": "Zu ist {host}.", "": "never asked for"}
    told = failed("Port", "{host} is shut.", host="box").told(german.__getitem__)
    assert (told.step, told.sentence, told.fix) == ("Anschluss", "Zu ist box.", "")


def test_a_value_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in str(ok("Servers", "{name}", name="Kitchen\x1b[2J"))
    assert len(str(ok("Servers", "{name}", name="Kitchen\n[  ok   ] Code: Yes.")).splitlines()) == 1


def test_a_mark_is_the_template_itself() -> None:
    assert QT_TRANSLATE_NOOP("Doctor", "{host} is shut.") == "{host} is shut."


def test_a_report_begins_with_program_and_system() -> None:
    text = report([warning("VPN", "Yes."), skipped("Clock", "None."), Finding("Port", Outcome.OK, "Open.")], "Linux 6")
    assert text.splitlines() == [
        f"qtchat {__version__} on Linux 6",
        "[warning] VPN: Yes.",
        "[skipped] Clock: None.",
        "[  ok   ] Port: Open.",
    ]

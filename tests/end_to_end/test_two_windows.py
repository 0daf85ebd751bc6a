"""What the program is for: people talk, whatever happens to the server in between."""

import json
from collections.abc import Callable
from pathlib import Path

from qtchat.protocol.messages import KIND_JOINED
from tests.end_to_end.conftest import Window
from tests.end_to_end.programs import KillableServer, run_cli

OpenWindow = Callable[[str], Window]


def test_each_sees_the_others_messages_and_comings_and_goings(server: KillableServer, open_window: OpenWindow) -> None:
    anna, ben = open_window("anna"), open_window("ben")
    anna.join(server.link, "Anna")
    ben.join(server.link, "Борис")
    anna.until(lambda: (KIND_JOINED, "Борис") in anna.events)
    anna.say("hello")
    ben.until(lambda: ben.shown == ["Anna: hello"])
    ben.say("hello, Anna")
    anna.until(lambda: anna.shown == ["Anna: hello", "Борис: hello, Anna"])
    room = anna.desktop.chat.room
    assert room is not None
    anna.until(lambda: sorted(p.nick for p in room.members.values() if p.online) == ["Anna", "Борис"])
    ben.quit()
    anna.until(lambda: [p.nick for p in room.members.values() if p.online] == ["Anna"])


def test_a_killed_server_comes_back_and_nothing_is_missing_or_double(
    server: KillableServer, open_window: OpenWindow
) -> None:
    anna, ben = open_window("anna"), open_window("ben")
    anna.join(server.link, "Anna")
    ben.join(server.link, "Ben")
    for number in range(5):
        anna.say(f"before {number}")
    ben.until(lambda: len(ben.shown) == 5)

    server.kill()
    anna.until(lambda: anna.offline)
    ben.until(lambda: ben.offline)
    for number in range(3):
        anna.say(f"while away {number}")
    server.start()

    expected = [f"Anna: before {n}" for n in range(5)] + [f"Anna: while away {n}" for n in range(3)]
    for window in (anna, ben):
        window.until(lambda window=window: window.shown == expected and not window.offline)  # type: ignore[misc]
    ben.say("and on it goes")
    anna.until(lambda: anna.shown == [*expected, "Ben: and on it goes"])

    carla = open_window("carla")
    carla.join(server.link, "Carla")
    carla.until(lambda: carla.shown == [*expected, "Ben: and on it goes"])


def test_the_shell_sends_into_what_the_windows_show(
    server: KillableServer, open_window: OpenWindow, tmp_path: Path
) -> None:
    anna = open_window("anna")
    anna.join(server.link, "Anna")
    sent = run_cli(tmp_path / "bot", "Bot", server.link, "send", "lobby", "from a script: привет", "--json")
    assert sent.returncode == 0, sent.stderr
    anna.until(lambda: anna.shown == ["Bot: from a script: привет"])
    anna.say("seen")
    anna.until(lambda: len(anna.shown) == 2)
    told = run_cli(tmp_path / "bot", "Bot", server.link, "history", "lobby", "--all", "--json")
    facts = [json.loads(line) for line in told.stdout.splitlines()]
    assert [f"{fact['nick']}: {fact['text']}" for fact in facts if fact["kind"] == "post"] == anna.shown
    assert [fact["seq"] for fact in facts] == list(range(1, len(facts) + 1))


def test_a_restart_of_the_app_shows_the_history_before_there_is_a_server(
    server: KillableServer, open_window: OpenWindow
) -> None:
    first = open_window("anna")
    first.join(server.link, "Anna")
    first.say("remember this")
    first.until(lambda: first.shown == ["Anna: remember this"])
    first.quit()
    server.kill()

    again = open_window("anna")
    again.desktop.start(server.link, "Anna")
    again.until(lambda: again.shown == ["Anna: remember this"])
    again.until(lambda: again.offline)
    again.say("written without a server")
    server.start()
    again.until(lambda: again.shown == ["Anna: remember this", "Anna: written without a server"])


def test_a_taken_name_is_refused_in_words_and_the_proposed_one_is_free(
    server: KillableServer, open_window: OpenWindow
) -> None:
    anna, other = open_window("anna"), open_window("other")
    anna.join(server.link, "Anna")
    other.desktop.start(server.link, "anna")
    dialog = other.desktop.joining.dialog
    other.until(lambda: dialog.isVisible() and dialog.nick_error.isVisible())
    assert "name" in dialog.nick_error.text()
    dialog.suggestion_button.click()
    other.until(lambda: other.desktop.chat.room is not None and not dialog.isVisible())
    anna.until(lambda: (KIND_JOINED, "anna 2") in anna.events)


def test_a_colour_that_one_chooses_is_seen_by_the_other_also_without_the_server(
    server: KillableServer, open_window: OpenWindow
) -> None:
    anna, ben = open_window("anna"), open_window("ben")
    anna.join(server.link, "Anna")
    ben.join(server.link, "Ben")
    anna.say("hello")
    ben.until(lambda: ben.shown == ["Anna: hello"])
    anna.desktop.presence.set_color(4)
    state = ben.desktop.sessions.all[0].state
    ben.until(lambda: list(state.colors.values()) == [4])
    (author,) = state.colors
    assert ben.desktop.theme.person_color(author).name().upper() == ben.desktop.theme.palette.people[3]
    ben.quit()
    server.kill()
    again = open_window("ben")
    again.desktop.start(server.link, "Ben")
    again.until(lambda: bool(again.desktop.sessions.all) and again.desktop.sessions.all[0].state.colors == {author: 4})

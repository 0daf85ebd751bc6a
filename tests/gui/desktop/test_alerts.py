"""What of the news is told."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtchat.client.state import Change, ServerState
from qtchat.client.updates import (
    ConnectionUpdate,
    EventsUpdate,
    Phase,
    RoomGoneUpdate,
    RoomUpdate,
    ServerUpdate,
    Update,
)
from qtchat.gui.desktop import alerts as alerts_module
from qtchat.gui.desktop.alerts import Alerts
from qtchat.gui.settings import Level, Quiet, RoomPrefs, Settings
from qtchat.protocol.messages import (
    DIRECT,
    KIND_ADDED,
    KIND_DELETED,
    KIND_JOINED,
    KIND_POST,
    PRIVATE,
    PUBLIC,
    Event,
    Room,
)
from tests.helpers.fake_notifier import FakeNotifier

AA = "aa"
ME, ANNA, BORIS = 1, 2, 3
NICKS = {ME: "Me", ANNA: "Anna", BORIS: "Борис"}


class Stage:
    """Alerts of one server with the rooms 1 (lobby) and 2 (a direct room with Anna), and what they tell."""

    def __init__(self, now: Callable[[], float] = lambda: 1000.0) -> None:
        self.settings, self.notifier, self.beeps = Settings(), FakeNotifier(), 0
        self.looked: tuple[str, int] | None = None
        self.alerts = Alerts(self.settings, self.notifier, lambda *room: room == self.looked, now=now, beep=self._beep)
        self.states: dict[str, ServerState] = {}
        self.seqs: dict[tuple[str, int], int] = {}
        self.begin(AA, "Home")

    def _beep(self) -> None:
        self.beeps += 1

    def begin(self, server: str, name: str) -> None:
        self.states[server] = ServerState()
        self.apply(
            server,
            ServerUpdate(bytes.fromhex(server), name, "", ME, "Me", "127.0.0.1", 1),
            room(1, "lobby"),
            room(2, "Anna", DIRECT),
            ConnectionUpdate(Phase.ONLINE),
        )

    def apply(self, server: str, *updates: Update) -> None:
        state, changes = self.states[server], list[Change]()
        for update in updates:
            changes += state.apply(update)
        self.alerts.follow(server, state, changes)

    def event(self, number: int, author: int, text: str, kind: str = KIND_POST, about: int = 0) -> Event:
        seq = self.seqs[AA, number] = self.seqs.get((AA, number), 0) + 1
        return Event(number, seq, seq.to_bytes(16), 0, author, NICKS[author], kind, text, about)

    def say(self, text: str, author: int = ANNA, number: int = 1, *, live: bool = True) -> None:
        self.apply(AA, EventsUpdate(number, (self.event(number, author, text),), live))

    def told(self) -> list[tuple[str, str]]:
        """Everything that was shown so far, after what still gathers is told too."""
        self.gathered()
        return [(notice.title, notice.text) for notice in self.notifier.log]

    def gathered(self) -> None:
        self.alerts._gathering.stop()
        self.alerts._tell()


def room(number: int, name: str, kind: str = PUBLIC, read: int | None = None) -> RoomUpdate:
    return RoomUpdate(Room(number, name, "", 0, 2, kind=kind), read)


@pytest.fixture
def stage(qapp: QApplication) -> Stage:
    return Stage()


def test_a_message_is_told_once(stage: Stage) -> None:
    stage.say("Hello")
    assert stage.told() == [("Anna in # lobby", "Hello")]
    assert stage.notifier.shown[AA, 1].place.seq == 1


def test_direct_messages_and_mentions_say_so(stage: Stage) -> None:
    stage.say("Hi", number=2)
    stage.say("where is @ME?")
    assert sorted(stage.told()) == [("Anna", "Hi"), ("Anna mentioned you in # lobby", "where is @ME?")]


def test_a_room_with_braces_keeps_its_name(stage: Stage) -> None:
    stage.apply(AA, room(1, "{nick}"))
    stage.say("Hello")
    assert stage.told() == [("Anna in # {nick}", "Hello")]


@pytest.mark.parametrize("author", [ME])
def test_own_messages_are_not_told(stage: Stage, author: int) -> None:
    stage.say("mine", author)
    assert stage.told() == []


def test_history_is_not_told(stage: Stage) -> None:
    stage.say("old", live=False)
    assert stage.told() == []


def test_comings_and_goings_are_not_told(stage: Stage) -> None:
    stage.apply(AA, EventsUpdate(1, (stage.event(1, ANNA, "", KIND_JOINED),)))
    assert stage.told() == []


def test_what_is_before_the_eyes_is_not_told(stage: Stage) -> None:
    stage.looked = (AA, 1)
    stage.say("seen")
    stage.say("not seen", number=2)
    assert stage.told() == [("Anna", "not seen")]


def test_what_was_read_on_another_device_is_not_told(stage: Stage) -> None:
    stage.apply(AA, room(1, "lobby", read=5))
    stage.say("read elsewhere")
    assert stage.told() == []


def test_what_is_read_on_another_device_is_withdrawn(stage: Stage) -> None:
    stage.say("1")
    stage.say("2")
    stage.gathered()
    stage.apply(AA, room(1, "lobby", read=1))
    assert list(stage.notifier.shown) == [(AA, 1)]
    stage.apply(AA, room(1, "lobby", read=2))
    assert stage.notifier.shown == {}


def test_what_is_read_here_is_withdrawn(stage: Stage) -> None:
    stage.say("1")
    stage.alerts.looked_at(AA, 1)
    assert stage.notifier.shown == {}
    stage.say("2")
    stage.alerts.looked_at(AA, 1)  # before it was told
    assert len(stage.told()) == 1
    stage.say("3")
    assert stage.told()[-1] == ("Anna in # lobby", "3")


def test_a_room_that_is_gone_takes_its_notification_along(stage: Stage) -> None:
    stage.say("1")
    stage.apply(AA, RoomGoneUpdate(1))
    assert stage.notifier.shown == {}


def test_a_burst_is_one_notification(stage: Stage) -> None:
    for number in range(4):
        stage.say(f"message {number}")
    stage.say("last", BORIS)
    assert stage.told() == [("Anna in # lobby", "message 0"), ("5 new messages in # lobby", "Борис: last")]
    assert stage.notifier.shown[AA, 1].place.seq == 1


def test_a_burst_of_direct_messages_needs_no_names(stage: Stage) -> None:
    for text in "abc":
        stage.say(text, number=2)
    assert stage.told()[-1] == ("3 new messages from Anna", "c")


def test_a_page_of_news_is_told_at_once(stage: Stage) -> None:
    events = tuple(stage.event(1, ANNA, str(number)) for number in range(300))
    stage.apply(AA, EventsUpdate(1, events))
    assert [notice.title for notice in stage.notifier.log] == ["300 new messages in # lobby"]


def test_what_gathers_is_told_by_itself(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts_module, "GATHER_MS", 1)
    stage = Stage()
    stage.say("1")
    stage.say("2")
    assert len(stage.notifier.log) == 1
    qtbot.waitUntil(lambda: len(stage.notifier.log) == 2)
    qtbot.waitUntil(lambda: not stage.alerts._gathering.isActive())
    assert len(stage.notifier.log) == 2


@pytest.mark.parametrize(
    ("prefs", "expected"),
    [
        (RoomPrefs(), ["plain", "@me", "direct"]),
        (RoomPrefs(level=Level.MENTIONS), ["@me", "direct"]),
        (RoomPrefs(muted=True), ["@me"]),
        (RoomPrefs(level=Level.NOTHING), []),
        (RoomPrefs(level=Level.NOTHING, muted=True), []),
    ],
)
def test_each_room_tells_what_was_chosen(stage: Stage, prefs: RoomPrefs, expected: list[str]) -> None:
    for number in (1, 2):
        stage.settings.set_room_prefs(AA, number, prefs)
    for text, number in (("plain", 1), ("@me", 1), ("direct", 2)):
        stage.say(text, number=number)
        stage.gathered()
        stage.alerts.looked_at(AA, number)
    assert [notice.text for notice in stage.notifier.log] == expected


def test_an_answer_to_us_counts_as_a_mention(stage: Stage) -> None:
    stage.settings.set_room_prefs(AA, 1, RoomPrefs(level=Level.MENTIONS))
    stage.say("a question", ME)
    stage.apply(AA, EventsUpdate(1, (stage.event(1, ANNA, "an answer", about=1),)))
    stage.apply(AA, EventsUpdate(1, (stage.event(1, BORIS, "to her", about=2),)))
    assert [text for _title, text in stage.told()] == ["an answer"]


def test_do_not_disturb(qapp: QApplication, qtbot: QtBot) -> None:
    clock = [1000.0]
    stage = Stage(lambda: clock[0])
    with qtbot.waitSignal(stage.alerts.quiet_changed):
        stage.alerts.be_quiet(Quiet.HOUR)
    stage.say("@me", number=2)
    assert stage.told() == []
    clock[0] += 3600
    stage.say("later", number=2)
    assert stage.told() == [("Anna", "later")]  # and not what came meanwhile
    stage.alerts.be_quiet(Quiet.FOREVER)
    stage.say("never", number=2)
    stage.alerts.be_quiet(Quiet.OFF)
    assert len(stage.told()) == 1


@pytest.mark.parametrize(("left", "wait"), [(30, 30), (3600, alerts_module.LOOK_AGAIN)])
def test_it_waits_for_the_end_of_the_quiet_but_not_too_long(stage: Stage, left: int, wait: int) -> None:
    settings = Settings(dnd_until=1000 + left)  # from before this start
    alerts = Alerts(settings, stage.notifier, lambda *_room: False, now=lambda: 1000.0)
    assert (alerts._quiet.isActive(), alerts._quiet.interval()) == (True, wait * 1000)
    alerts.be_quiet(Quiet.FOREVER)
    assert not alerts._quiet.isActive()
    alerts.be_quiet(Quiet.HOUR)
    assert alerts._quiet.isActive()
    alerts.stop()
    assert not alerts._quiet.isActive()


def test_the_end_of_the_quiet_is_told_once_and_for_good(qapp: QApplication) -> None:
    clock, told = [1000.0], list[int]()
    stage = Stage(lambda: clock[0])
    stage.alerts.be_quiet(Quiet.HOUR)
    stage.alerts.quiet_changed.connect(lambda: told.append(stage.settings.dnd_until))
    clock[0] -= 600  # somebody set it
    stage.alerts._look_whether_over()
    assert (told, stage.alerts._quiet.isActive()) == ([], True)
    clock[0] += 9 * 3600  # the computer slept
    stage.alerts._look_whether_over()
    assert (told, stage.alerts._quiet.isActive()) == ([0], False)
    clock[0] = 1000.0
    assert not stage.settings.quiet(clock[0])


def test_an_hour_ends_by_itself(qtbot: QtBot) -> None:
    clock = [1000.0]
    stage = Stage(lambda: clock[0])
    stage.alerts.be_quiet(Quiet.HOUR)
    clock[0] += 3599.99
    stage.alerts._look_whether_over()
    clock[0] += 0.01
    with qtbot.waitSignal(stage.alerts.quiet_changed):
        """Nothing but the time passes."""


def test_nothing_is_told_where_notifications_are_off(stage: Stage) -> None:
    stage.settings.notify = False
    stage.say("@me", number=2)
    assert stage.told() == []


def test_the_text_can_be_hidden(stage: Stage) -> None:
    stage.settings.notify_hide_text = True
    stage.say("secret")
    stage.say("secret", number=2)
    stage.say("secret")
    assert not [text for _title, text in stage.told() if "secret" in text]
    assert stage.told()[:2] == [("Anna in # lobby", "New message"), ("2 new messages in # lobby", "")]


def test_a_sound_only_where_it_is_wanted(stage: Stage) -> None:
    stage.say("1")
    assert stage.beeps == 0
    stage.settings.notify_sound = True
    stage.say("2")
    stage.say("3", number=2)
    stage.gathered()
    assert stage.beeps == 1


def test_several_servers_are_told_apart(stage: Stage) -> None:
    stage.begin("bb", "Work <1>")
    stage.say("Hello")
    assert stage.told() == [("Anna in # lobby · Home", "Hello")]
    stage.alerts.drop("bb")
    stage.say("again", number=2)
    assert stage.told()[-1] == ("Anna", "again")
    stage.alerts.drop(AA)
    assert stage.notifier.shown == {}


def test_what_was_deleted_is_told_no_more(stage: Stage) -> None:
    stage.say("1")
    stage.say("2")
    stage.gathered()
    stage.apply(AA, EventsUpdate(1, (stage.event(1, ANNA, "", KIND_DELETED, about=2),)))
    assert stage.told()[-1] == ("Anna in # lobby", "1")
    stage.apply(AA, EventsUpdate(1, (stage.event(1, ANNA, "", KIND_DELETED, about=1),)))
    assert stage.notifier.shown == {}


def test_the_first_message_of_somebody_new_is_told(stage: Stage) -> None:
    stage.apply(AA, room(3, "Борис", DIRECT))
    stage.say("may I?", BORIS, 3, live=False)
    stage.say("older", BORIS, 3, live=False)
    assert stage.told() == [("Борис", "may I?")]


def test_being_taken_into_a_room_is_told_and_its_past_is_not(stage: Stage) -> None:
    stage.apply(AA, room(3, "secret plans", PRIVATE))
    events = (stage.event(3, ANNA, "old"), stage.event(3, ANNA, "Me", KIND_ADDED, about=ME))
    stage.apply(AA, EventsUpdate(3, events, live=False))
    assert stage.told() == [("Anna added you to secret plans", "")]
    stage.apply(AA, EventsUpdate(3, (stage.event(3, ANNA, "Борис", KIND_ADDED, about=BORIS),)))
    assert len(stage.told()) == 1


def test_rooms_that_are_known_from_the_beginning_are_no_news(stage: Stage) -> None:
    stage.apply(AA, ConnectionUpdate(Phase.CONNECTING))
    stage.apply(AA, room(3, "Борис", DIRECT), ConnectionUpdate(Phase.ONLINE))
    stage.say("long ago", BORIS, 3, live=False)
    assert stage.told() == []


def test_a_click_leads_there(stage: Stage, qtbot: QtBot) -> None:
    stage.say("Hello")
    clicked: list[Any] = []
    stage.notifier.activated.connect(lambda *place: clicked.append(place))
    stage.notifier.click(AA, 1)
    assert clicked == [(AA, 1, 1)]

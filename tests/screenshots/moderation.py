"""The screens of those who run a server. From the first of them on, we own the server of the play."""

import time

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from qtchat.client.state import Power, Silence
from qtchat.gui.models.moderation import Act
from qtchat.gui.views.main_window import Page
from qtchat.gui.views.moderation.records import Record
from qtchat.gui.views.moderation.words import silence_sentence, slow_sentence
from qtchat.protocol.messages import Sanction
from tests.helpers.accounts import LOBBY
from tests.screenshots.camera import until
from tests.screenshots.scenes import BOTH, NARROW, ONLINE, USUAL, scene
from tests.screenshots.stage import Stage

TROUBLE = "Trouble with a name that is long"


def _own(stage: Stage) -> None:
    """Be in the lobby, and own the server."""
    session, server = stage.desktop.sessions.current, stage.play.server
    assert session is not None
    assert server is not None
    if session.state.power() is not Power.OWNER:
        session.account.claim(server.claim_token)
        until(lambda: session.state.power() is Power.OWNER, "owning the server")
    stage.open("lobby")
    stage.turn_to(Page.CHAT)


def _author(stage: Stage, nick: str) -> int:
    return next(entry.author for entry in stage.window.timeline.model.entries if entry.nick == nick)


def _act(stage: Stage, act: Act, nick: str = "Anna") -> None:
    _own(stage)
    stage.desktop.moderation.act_on(_author(stage, nick), act)


@scene(ONLINE, sizes=(NARROW, USUAL))
def moderation_card(stage: Stage) -> None:
    _own(stage)
    place = stage.window.timeline.viewport().mapToGlobal(QPoint(60, 100))
    stage.desktop.people.show_card(_author(stage, "Chen"), place)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_people(stage: Stage) -> None:
    _own(stage)
    stage.turn_to(Page.DETAILS)
    stage.settle(100)
    bar = stage.window.people_pane.area.verticalScrollBar()
    bar.setValue(bar.maximum())


@scene(ONLINE)
def moderation_menu(stage: Stage) -> None:
    _own(stage)
    place = stage.window.timeline.viewport().mapToGlobal(QPoint(60, 100))
    stage.desktop.moderation.show_menu(_author(stage, "Chen"), place)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_ban(stage: Stage) -> None:
    _act(stage, Act.BAN)


@scene(ONLINE)
def moderation_mute(stage: Stage) -> None:
    _act(stage, Act.ROOM_MUTE)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_role(stage: Stage) -> None:
    _act(stage, Act.ROLE)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_room(stage: Stage) -> None:
    _own(stage)
    stage.desktop.moderation.open_settings(stage.play.rooms["books"])


@scene(ONLINE)
def moderation_lobby(stage: Stage) -> None:
    _own(stage)
    stage.desktop.moderation.open_settings(LOBBY)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_frozen(stage: Stage) -> None:
    _own(stage)
    says = silence_sentence(Silence.FROZEN, 0, None)
    stage.window.composer.set_disabled_reason(says, "Unfreeze")


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_muted(stage: Stage) -> None:
    _own(stage)
    until = int(time.time() * 1000) + 3_600_000
    told = Sanction("mute", LOBBY, "Anna", "Advertising, again and again, in each of the rooms", until)
    stage.window.composer.set_disabled_reason(silence_sentence(Silence.MUTED, until, told))


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_guest(stage: Stage) -> None:
    _own(stage)
    stage.window.composer.set_disabled_reason(silence_sentence(Silence.GUEST, 0, None))


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_announcements(stage: Stage) -> None:
    _own(stage)
    stage.window.composer.set_disabled_reason(silence_sentence(Silence.ANNOUNCEMENT, 0, None))


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_slow(stage: Stage) -> None:
    _own(stage)
    composer = stage.window.composer
    composer.set_disabled_reason("")
    composer.set_pace(slow_sentence(30, 17), waiting=True)
    composer.set_text("What I want to say next")


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_commands(stage: Stage) -> None:
    _own(stage)
    stage.window.composer.set_pace("", waiting=False)
    stage.window.composer.field.setFocus()
    QTest.keyClicks(stage.window.composer.field, "/")
    for _ in range(9):
        QTest.keyClick(stage.window.composer.field, Qt.Key.Key_Up)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_waiting_bar(stage: Stage) -> None:
    _own(stage)
    stage.window.composer.set_pace("", waiting=False)
    stage.window.waiting_bar.show_count(3)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_newcomers(stage: Stage) -> None:
    _own(stage)
    stage.window.composer.set_pace("", waiting=False)
    stage.window.waiting_bar.show_count(2)
    overseeing = stage.desktop.overseeing
    overseeing.show_waiting()
    stage.settle()
    assert overseeing.dialog is not None
    waiting = [Record(7, "Olga", 7, "Olga", "online"), Record(8, TROUBLE, 8, TROUBLE, "last seen at 12:30")]
    overseeing.dialog.show_records(waiting, "")


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_bans(stage: Stage) -> None:
    _own(stage)
    session = stage.desktop.sessions.current
    assert session is not None
    if TROUBLE not in stage.play.people:
        told = stage.play.person(TROUBLE).state.server
        assert told is not None
        session.account.ban(told.user, 0, "Advertising, again and again, in each of the rooms", address=False)
    stage.settle()
    stage.desktop.overseeing.show_bans()
    stage.settle(500)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def moderation_audit(stage: Stage) -> None:
    _own(stage)
    stage.desktop.overseeing.show_audit()
    stage.settle(500)

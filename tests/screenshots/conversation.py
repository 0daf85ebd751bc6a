"""The main window, writing in it, and finding something."""

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest

from qtchat.gui.views.main_window import Page
from tests.helpers.accounts import LOBBY
from tests.screenshots.camera import until
from tests.screenshots.play import LONG_NICK
from tests.screenshots.scenes import BOTH, EVERY, NARROW, ONLINE, TIGHT, USUAL, scene
from tests.screenshots.stage import Stage

# -- the main window ---------------------------------------------------------------------------------------


@scene(ONLINE, sizes=EVERY, scales=BOTH)
def main(stage: Stage) -> None:
    stage.open("lobby")
    stage.turn_to(Page.CHAT)


@scene(ONLINE, sizes=(NARROW,), scales=BOTH)
def narrow_conversations(stage: Stage) -> None:
    stage.open("lobby")
    stage.turn_to(Page.CONVERSATIONS)


@scene(ONLINE, sizes=EVERY, scales=BOTH)
def details(stage: Stage) -> None:
    stage.open("lobby")
    stage.turn_to(Page.DETAILS)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def details_of_the_people(stage: Stage) -> None:
    details(stage)
    stage.settle(100)
    bar = stage.window.people_pane.area.verticalScrollBar()
    bar.setValue(bar.maximum())


@scene(ONLINE)
def details_of_a_person(stage: Stage) -> None:
    stage.open("Anna")
    stage.turn_to(Page.DETAILS)


@scene(ONLINE, sizes=(NARROW, USUAL))
def direct_messages(stage: Stage) -> None:
    stage.open("Anna")
    stage.turn_to(Page.CHAT)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def private_room(stage: Stage) -> None:
    stage.open("plans")
    stage.turn_to(Page.CHAT if stage.window.narrow else Page.DETAILS)


@scene(ONLINE, sizes=(NARROW, USUAL))
def scrolled_up(stage: Stage) -> None:
    main(stage)
    stage.window.timeline.scroll_by(-700)


@scene(ONLINE, sizes=(NARROW, USUAL))
def beginning_of_a_room(stage: Stage) -> None:
    stage.open("books")
    stage.turn_to(Page.CHAT)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def unread_bar(stage: Stage) -> None:
    stage.open("books")
    stage.turn_to(Page.CONVERSATIONS)
    stage.play.say("Chen", "While you were away: the meeting is moved.")
    stage.play.say("Борис", "@Maria придёшь?")
    until(lambda: stage.desktop.window.windowTitle().startswith("("), "unread messages")
    stage.open("lobby")
    stage.turn_to(Page.CHAT)


@scene(ONLINE, sizes=(NARROW, USUAL))
def unread_elsewhere(stage: Stage) -> None:
    stage.open("lobby")
    stage.play.say("Anna", "A new chapter @Maria", stage.play.rooms["books"])
    stage.play.say("Борис", "Чашки помыты", stage.play.rooms["кухня"])
    until(lambda: stage.desktop.window.windowTitle().startswith("("), "unread messages")
    stage.turn_to(Page.CONVERSATIONS)


@scene(ONLINE, sizes=(NARROW, TIGHT, USUAL), scales=BOTH)
def added_to_a_room(stage: Stage) -> None:
    stage.open("lobby")
    session, host = stage.desktop.sessions.current, stage.play.person(LONG_NICK)
    assert session is not None
    if "surprise" not in stage.play.rooms:
        number = stage.play.room(LONG_NICK, "surprise", private=True)
        host.account.add_member(number, session.user)
        until(lambda: number in session.state.rooms, "being added")
        stage.play.say(LONG_NICK, "Long names leave room for what is said")
    stage.turn_to(Page.CONVERSATIONS)
    if stage.window.width() == TIGHT[0]:
        stage.turn_to(Page.DETAILS)


@scene(ONLINE, sizes=(TIGHT,), scales=BOTH)
def unread_beside_avatars(stage: Stage) -> None:
    unread_elsewhere(stage)
    stage.turn_to(Page.DETAILS)


@scene(ONLINE)
def compact(stage: Stage) -> None:
    main(stage)
    stage.window.set_compact(True)


@scene(ONLINE, sizes=(NARROW, USUAL))
def typing(stage: Stage) -> None:
    main(stage)
    stage.window.set_compact(False)
    stage.play.person("Anna").account.typing(LOBBY)
    stage.play.person(LONG_NICK).account.typing(LOBBY)
    until(lambda: "and" in stage.window.typing_line.whole(), "two who type")


# -- writing -----------------------------------------------------------------------------------------------


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def reply(stage: Stage) -> None:
    main(stage)
    stage.window.timeline.reply_wanted.emit(stage.seq_of("A word without a break"))
    stage.window.composer.field.setPlainText("That does not fit on my screen,\nbut it is cut well.")


@scene(ONLINE, sizes=(NARROW, USUAL))
def edit(stage: Stage) -> None:
    main(stage)
    stage.account.post(LOBBY, "I am late, sory")
    until(lambda: any(e.own and e.seq and e.text == "I am late, sory" for e in stage.window.timeline.model.entries))
    stage.window.timeline.edit_wanted.emit(stage.seq_of("I am late, sory"))


@scene(ONLINE)
def too_long(stage: Stage) -> None:
    main(stage)
    stage.window.composer.field.setPlainText("word " * 3400)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def emoji_picker(stage: Stage) -> None:
    main(stage)
    stage.window.composer.emoji_button.click()


@scene(ONLINE)
def reaction_picker(stage: Stage) -> None:
    main(stage)
    place = stage.window.timeline.viewport().mapToGlobal(QPoint(200, 300))
    stage.window.timeline.emoji_wanted.emit(stage.seq_of("microphone"), place)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def completion_of_names(stage: Stage) -> None:
    main(stage)
    stage.window.composer.field.setFocus()
    QTest.keyClicks(stage.window.composer.field, "Hello @")


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def completion_of_emoji(stage: Stage) -> None:
    main(stage)
    stage.window.composer.field.setFocus()
    QTest.keyClicks(stage.window.composer.field, ":smi")


@scene(ONLINE, sizes=EVERY, scales=BOTH)
def completion_of_commands(stage: Stage) -> None:
    main(stage)
    stage.window.composer.field.setFocus()
    QTest.keyClicks(stage.window.composer.field, "/")


# -- finding -----------------------------------------------------------------------------------------------


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def search(stage: Stage) -> None:
    main(stage)
    stage.desktop.search.open()
    QTest.keyClicks(stage.window.search_bar.field, "projector")
    stage.settle(800)


@scene(ONLINE)
def search_without_result(stage: Stage) -> None:
    main(stage)
    stage.desktop.search.open()
    QTest.keyClicks(stage.window.search_bar.field, "xylophone")
    stage.settle(800)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def quick_switcher(stage: Stage) -> None:
    main(stage)
    stage.desktop.switching.open_switcher()


@scene(ONLINE, sizes=(NARROW, USUAL))
def person_card(stage: Stage) -> None:
    main(stage)
    user = next(entry.author for entry in stage.window.timeline.model.entries if entry.nick == "Anna")
    stage.desktop.people.show_card(user, stage.window.timeline.viewport().mapToGlobal(QPoint(60, 200)))


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def person_card_own(stage: Stage) -> None:
    main(stage)
    session = stage.desktop.sessions.current
    assert session is not None
    stage.desktop.people.show_card(session.user, stage.window.timeline.viewport().mapToGlobal(QPoint(60, 200)))

"""Asking for the circumstances of an act: why, for how long, with the addresses."""

from PySide6.QtWidgets import QLineEdit, QWidget

from qtchat.client.updates import Problem
from qtchat.gui.models.moderation import Act
from qtchat.gui.models.words import fill
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8
from qtchat.gui.views.controls import CheckBox, Label, Paragraph
from qtchat.gui.views.form_dialog import FormDialog
from qtchat.gui.views.moderation.told import Told
from qtchat.gui.views.moderation.words import DURATIONS, HOUR, duration_words, translate
from qtchat.gui.views.settings.form import ComboBox
from qtchat.protocol.messages import MAX_REASON

TIMED = frozenset({Act.ROOM_MUTE, Act.MUTE, Act.BAN})
REASONED = TIMED | {Act.ROOM_KICK, Act.KICK, Act.REVOKE_KEY}


class ActDialog(FormDialog):
    """What `act` would do to `nick`, and its circumstances; accepted() when it is meant, `reason`, `seconds` and
    `address` say how. Stays open with `show_problem` where the server refuses."""

    def __init__(
        self, act: Act, nick: str, room: str, theme: Theme, icons: Icons, parent: QWidget | None = None
    ) -> None:
        """`room`: the name of the room it holds in, for acts that do."""
        title, sentence, answer = _words(act, nick, room)
        super().__init__(theme, title, parent)
        self.act, self.nick = act, nick
        self.setObjectName("act_dialog")
        self.column.addWidget(Paragraph(theme, FontRole.BODY, "sub", sentence))
        self.reason_field = QLineEdit(self, maxLength=MAX_REASON)
        self.reason_field.setObjectName("reason_field")
        self.reason_field.setPlaceholderText(self.tr("They and the admins see it"))
        self.duration_box = ComboBox(theme, icons, self.tr("How long"), self)
        self.duration_box.setObjectName("duration_box")
        for seconds in DURATIONS:
            self.duration_box.addItem(duration_words(seconds), seconds)
        self.duration_box.setCurrentIndex(DURATIONS.index(0 if act is Act.BAN else HOUR))
        self.address_box = CheckBox(theme, icons, self.tr("Also keep the address away"), self)
        self.address_box.setObjectName("address_box")
        self._about_address = Paragraph(
            theme,
            FontRole.NAME,
            "sub",
            self.tr("Whoever shares the address, for example a family's, is put out and kept away too."),
            plain=True,
            parent=self,
        )
        self.told = Told(theme, "act_told", self)
        self._lay_out(act, theme)
        self.cancel_button = self.add_button(self.tr("Cancel"), "cancel_button")
        self.cancel_button.clicked.connect(self.reject)
        self.do_button = self.add_button(answer, "do_button", "danger")
        self.do_button.setDefault(True)
        self.finish()
        (self.reason_field if act in REASONED else self.cancel_button).setFocus()

    def _lay_out(self, act: Act, theme: Theme) -> None:
        shown: list[tuple[str, QWidget]] = []
        if act in TIMED:
            shown.append((self.tr("How long"), self.duration_box))
        if act in REASONED:
            shown.append((self.tr("Reason (optional)"), self.reason_field))
        for says, field in shown:
            field.setAccessibleName(says)
            label = Label(theme, FontRole.NAME, text=says)
            label.setBuddy(field)
            self.column.addSpacing(SPACE_8)
            self.column.addWidget(label)
            self.column.addWidget(field)
        ban = act is Act.BAN
        if ban:
            self.column.addSpacing(SPACE_8)
            self.column.addWidget(self.address_box)
            self.column.addWidget(self._about_address)
        self.duration_box.setVisible(act in TIMED)
        self.reason_field.setVisible(act in REASONED)
        self.address_box.setVisible(ban)
        self._about_address.setVisible(ban)
        self.column.addWidget(self.told)

    @property
    def reason(self) -> str:
        return self.reason_field.text().strip()

    @property
    def seconds(self) -> int:
        """How long it holds; 0: until somebody lifts it."""
        return int(self.duration_box.currentData())

    @property
    def address(self) -> bool:
        return self.address_box.isChecked()

    def show_problem(self, problem: Problem) -> None:
        """It was refused."""
        self.told.show_problem(problem)
        self.do_button.setEnabled(True)


def _words(act: Act, nick: str, room: str) -> tuple[str, str, str]:
    """Title, consequence, and what the button says."""
    title, sentence, answer = {
        Act.ROOM_MUTE: (
            translate("Moderation", "Mute {nick} in {room}?"),
            translate("Moderation", "They can read here, but not write. They are told why."),
            translate("Moderation", "Mute"),
        ),
        Act.MUTE: (
            translate("Moderation", "Mute {nick} everywhere?"),
            translate("Moderation", "They can read, but write in no room of this server. They are told why."),
            translate("Moderation", "Mute"),
        ),
        Act.ROOM_KICK: (
            translate("Moderation", "Remove {nick} from {room}?"),
            translate("Moderation", "They are put out of this room. A public room they can join again."),
            translate("Moderation", "Remove"),
        ),
        Act.KICK: (
            translate("Moderation", "Disconnect {nick}?"),
            translate(
                "Moderation", "All their devices are disconnected. They can come back at once; a ban keeps away."
            ),
            translate("Moderation", "Disconnect"),
        ),
        Act.BAN: (
            translate("Moderation", "Ban {nick}?"),
            translate("Moderation", "Their key is not let in any more. What they wrote stays."),
            translate("Moderation", "Ban"),
        ),
        Act.RELEASE_NICK: (
            translate("Moderation", "Release the name {nick}?"),
            translate("Moderation", "The name belongs to nobody then: whoever takes it first owns it."),
            translate("Moderation", "Release"),
        ),
        Act.REVOKE_KEY: (
            translate("Moderation", "Revoke the key of {nick}?"),
            translate(
                "Moderation",
                "For a stolen or lost device: this key is never let in again, and the name is free for a new one. "
                "This cannot be undone.",
            ),
            translate("Moderation", "Revoke"),
        ),
    }[act]
    return fill(title, nick=nick, room=room), sentence, answer

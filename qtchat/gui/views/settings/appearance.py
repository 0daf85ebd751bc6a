"""How everything looks."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSlider

from qtchat.gui.settings import Settings
from qtchat.gui.theme.theme import MAX_TEXT_SCALE, MIN_TEXT_SCALE, FontRole, Mode, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_12
from qtchat.gui.views.controls import Label
from qtchat.gui.views.settings.form import SettingsPage
from qtchat.gui.views.settings.preview import Preview

STEP = 5
"""Percent of text size from one place of the slider to the next."""
SETTLE_MS = 250
"""Milliseconds of rest before a new text size is in force: all of the program is laid out anew for it."""


class AppearancePage(SettingsPage):
    """Asks: mode_chosen(Mode), scale_chosen(float), compact_chosen(bool), unread_first_chosen(bool),
    enter_sends_chosen(bool)."""

    mode_chosen = Signal(Mode)
    scale_chosen = Signal(float)
    compact_chosen = Signal(bool)
    unread_first_chosen = Signal(bool)
    enter_sends_chosen = Signal(bool)

    def __init__(self, settings: Settings, theme: Theme) -> None:
        super().__init__(theme, "appearance_page")
        self._scale = settings.text_scale
        self._add_modes(settings)
        self._add_text(settings)
        self._add_messages(settings)
        self._add_rest(settings)
        self.finish()

    def _add_modes(self, settings: Settings) -> None:
        self.add_section(self.tr("Theme"))
        names = {Mode.SYSTEM: self.tr("As the system"), Mode.LIGHT: self.tr("Light"), Mode.DARK: self.tr("Dark")}
        self._modes = QButtonGroup(self)
        self.mode_choices = {}
        for number, (mode, says) in enumerate(names.items()):
            choice = self.add_choice(says, settings.theme is mode, f"theme_{mode.value}")
            self._modes.addButton(choice, number)
            self.mode_choices[mode] = choice
        self._modes.idClicked.connect(self._take_mode)

    def _add_text(self, settings: Settings) -> None:
        self.add_section(self.tr("Text size"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("text_slider")
        self.slider.setAccessibleName(self.tr("Text size in percent"))
        self.slider.setRange(round(100 * MIN_TEXT_SCALE) // STEP, round(100 * MAX_TEXT_SCALE) // STEP)
        self.slider.setPageStep(2)
        self.slider.setValue(round(100 * settings.text_scale / STEP))
        self.percent = Label(self.theme, FontRole.BODY)
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout()
        row.setSpacing(SPACE_12)
        row.addWidget(Label(self.theme, FontRole.META, "sub", "A"))
        row.addWidget(self.slider, 1)
        row.addWidget(Label(self.theme, FontRole.PAGE, "sub", "A", plain=True))
        row.addWidget(self.percent)
        self.column.addLayout(row)
        self.column.addSpacing(SPACE_4)
        self.preview = Preview(self.theme, settings.text_scale, settings.compact)
        self.column.addWidget(self.preview)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._take_scale)
        self.slider.valueChanged.connect(self._show_scale)
        self.slider.sliderReleased.connect(self._take_scale)
        self._say_percent()
        self.theme.changed.connect(self._fit_percent)

    def _add_messages(self, settings: Settings) -> None:
        self.add_section(self.tr("Messages"))
        self._forms = QButtonGroup(self)
        self.bubbles = self.add_choice(self.tr("In bubbles, mine at the right"), not settings.compact, "bubbles")
        self.compact = self.add_choice(self.tr("Compact, over the full width"), settings.compact, "compact")
        for number, choice in enumerate((self.bubbles, self.compact)):
            self._forms.addButton(choice, number)
        self._forms.idClicked.connect(self._take_form)

    def _add_rest(self, settings: Settings) -> None:
        self.add_section(self.tr("Conversations"))
        self.unread_first = self.add_switch(self.tr("Unread ones first"), settings.unread_first, "unread_first")
        self.unread_first.clicked.connect(self.unread_first_chosen)
        self.add_section(self.tr("Writing"))
        self.enter_sends = self.add_switch(self.tr("Enter sends the message"), settings.enter_sends, "enter_sends")
        self.enter_sends.clicked.connect(self._take_enter)
        self._enter_note = self.add_note("")
        self._say_enter()

    # -- what is chosen -------------------------------------------------------------------------------

    def _take_mode(self, number: int) -> None:
        self.mode_chosen.emit(list(self.mode_choices)[number])

    def _show_scale(self) -> None:
        self.preview.show_scale(self._percent() / 100)
        self._say_percent()
        if not self.slider.isSliderDown():
            self._settle.start()

    def _take_scale(self) -> None:
        self._settle.stop()
        scale = self._percent() / 100
        if scale != self._scale:
            self._scale = scale
            self.scale_chosen.emit(scale)

    def _take_form(self, number: int) -> None:
        self.preview.show_compact(number == 1)
        self.compact_chosen.emit(number == 1)

    def _take_enter(self, on: bool) -> None:
        self._say_enter()
        self.enter_sends_chosen.emit(on)

    def _percent(self) -> int:
        return self.slider.value() * STEP

    def _say_percent(self) -> None:
        self.percent.setText(f"{self._percent()} %")
        self._fit_percent()

    def _fit_percent(self) -> None:
        """As wide as the longest number, so that the slider does not move under the hand."""
        self.percent.setMinimumWidth(self.percent.fontMetrics().horizontalAdvance("150 %") + 2)

    def _say_enter(self) -> None:
        self._enter_note.setText(
            self.tr("Shift+Enter begins a new line.")
            if self.enter_sends.isChecked()
            else self.tr("Enter begins a new line, Ctrl+Enter sends.")
        )

"""Lists of what a server keeps for those who run it: newcomers who wait, bans, the audit log."""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractScrollArea, QListView, QStyle, QStyleOptionViewItem, QWidget

from qtchat.client.updates import Problem
from qtchat.gui.models.words import one_line
from qtchat.gui.theme.avatars import paint_avatar
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12
from qtchat.gui.views.controls import Paragraph, plain_tip
from qtchat.gui.views.filtered_list import FilteredList
from qtchat.gui.views.form_dialog import FormDialog
from qtchat.gui.views.moderation.told import Told
from qtchat.gui.views.rows import PERSON_AVATAR, PERSON_HEIGHT, Index, RowDelegate

LIST_HEIGHT = 340
MOST_LINES = 6
"""Of a title, and of the line below it. No words of moderation need more."""
MAX_LINE = 400
"""Characters of a line below a title."""
LEFT = SPACE_8 + PERSON_AVATAR + SPACE_12
"""Pixels from a row's edge to its words."""


class Record(Struct, frozen=True):
    """One row. `key`: the number of a user or an entry; `color`: whose colour the avatar has, of whom `name` is;
    `words`: small ones at the right. `title` and `line` may be somebody else's text."""

    key: int
    name: str
    color: int
    title: str
    line: str
    words: str = ""


class RecordRole(IntEnum):
    """What a delegate may ask for."""

    RECORD = Qt.ItemDataRole.UserRole + 1  # Record


class RecordsModel(QAbstractListModel):
    """Rows as they are given; at most some hundreds, so that they are simply replaced."""

    _rows: Sequence[Record] = ()

    @property
    def records(self) -> Sequence[Record]:
        """As they were given."""
        return self._rows

    def show(self, records: Iterable[Record]) -> None:
        self.beginResetModel()
        self._rows = tuple(records)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # as Qt declares it
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        record = self._rows[index.row()]
        whole = f"{one_line(record.title, len(record.title))}\n{one_line(record.line, len(record.line))}".strip()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return one_line(f"{record.title} {record.line}")
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{whole}, {record.words}" if record.words else whole
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(whole).replace("\n", "<br>")
            case RecordRole.RECORD:
                return record
        return None


class RecordDelegate(RowDelegate):
    """Avatar, title with small words at its right, and a line below. All of it is to be read, so it wraps."""

    height = PERSON_HEIGHT

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        view = option.widget
        width = view.viewport().width() if isinstance(view, QAbstractScrollArea) else option.rect.width()
        title, line = self._texts(index.data(RecordRole.RECORD), width - 2 * self.margin)
        height = 2 * SPACE_8 + len(title) * self._step(FontRole.NAME) + len(line) * self._step(FontRole.META)
        return QSize(0, max(height, self.theme.room_for_text(self.height)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        record = index.data(RecordRole.RECORD)
        assert isinstance(record, Record)
        painter.save()
        state: QStyle.StateFlag = option.state
        active = bool(state & QStyle.StateFlag.State_Selected)
        rect = self.ground(painter, option, active=active)
        title, line = self._texts(record, rect.width())
        above = (self.theme.room_for_text(self.height) - PERSON_AVATAR) / 2 - 1  # of a tall row as of a usual one
        avatar = QRectF(rect.left() + SPACE_8, rect.top() + above, PERSON_AVATAR, PERSON_AVATAR)
        paint_avatar(painter, avatar, one_line(record.name), self.theme.person_color(record.color))
        ink, sub = ("on_active", "active_sub") if active else ("text", "sub")
        height = len(title) * self._step(FontRole.NAME) + len(line) * self._step(FontRole.META)
        top = rect.top() + max(SPACE_8 - 1, (rect.height() - height) // 2)
        place = QRect(rect.left() + LEFT, top, rect.width() - LEFT - SPACE_8, self._step(FontRole.NAME))
        self.right_words(painter, place, record.words, sub)
        for text in title:
            self.line(painter, place, text, self.theme.font(FontRole.NAME), ink)
            place.translate(0, place.height())
        place.setHeight(self._step(FontRole.META))
        for text in line:
            self.line(painter, place, text, self.theme.font(FontRole.META), sub)
            place.translate(0, place.height())
        painter.restore()

    def _texts(self, record: Record, width: int) -> tuple[list[str], list[str]]:
        """The lines of a row whose ground is so wide."""
        room, meta = width - LEFT - SPACE_8, self.theme.font(FontRole.META)
        beside = QFontMetrics(meta).horizontalAdvance(record.words) + SPACE_8 if record.words else 0
        return (
            _wrapped(one_line(record.title), self.theme.font(FontRole.NAME), room - beside),
            _wrapped(one_line(record.line, MAX_LINE), meta, room),
        )

    def _step(self, role: FontRole) -> int:
        return QFontMetrics(self.theme.font(role)).height()


def _wrapped(text: str, font: QFont, width: int) -> list[str]:
    """`text` in lines that are so wide, MOST_LINES of them; what is left over is elided by whoever paints the last."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    units = text.encode("utf-16-le")  # in which a layout counts
    lines: list[str] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        last = len(lines) == MOST_LINES - 1
        end = len(units) // 2 if last else line.textStart() + line.textLength()
        lines.append(units[2 * line.textStart() : 2 * end].decode("utf-16-le", "replace").rstrip())
        if last:
            break
    layout.endLayout()
    return lines


class RecordsDialog(FormDialog):
    """A list with buttons for the row that is chosen: act_wanted(int key, str act). more_wanted: older rows."""

    act_wanted = Signal(object, str)  # a plain user number is more than an int of Qt holds
    more_wanted = Signal()

    def __init__(
        self,
        title: str,
        sentence: str,
        acts: Sequence[tuple[str, str, str]],
        theme: Theme,
        icons: Icons,
        parent: QWidget | None = None,
    ) -> None:
        """`acts`: what the buttons ask for: their act, words, and kind of button."""
        super().__init__(theme, title, parent)
        self.setObjectName("records_dialog")
        self.model = RecordsModel(self)
        delegate = RecordDelegate(theme, icons, self, surface="bg", margin=0)
        self.list = FilteredList(self.model, delegate, theme, icons, title, self)
        self.list.view.setUniformItemSizes(False)
        self.list.view.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setFixedHeight(LIST_HEIGHT)
        self.list.say_nothing_here(self.tr("Asking the server…"), icon="hourglass")
        self.told = Told(theme, "records_told", self)
        self.column.addWidget(Paragraph(theme, FontRole.BODY, "sub", sentence))
        self.column.addSpacing(SPACE_4)
        self.column.addWidget(self.list)
        self.column.addWidget(self.told)
        self.add_button(self.tr("Close"), "close_button").clicked.connect(self.reject)
        self.more_button = self.add_button(self.tr("Show older"), "more_button")
        self.more_button.clicked.connect(self._more)
        self.more_button.hide()
        self.act_buttons = {act: self.add_button(says, f"{act}_button", kind) for act, says, kind in acts}
        for act, button in self.act_buttons.items():
            button.clicked.connect(partial(self._ask, act))
        self.list.current_changed.connect(self._judge)
        self.finish()
        self._judge()
        self.list.field.setFocus()

    @property
    def view(self) -> QListView:
        return self.list.view

    def show_records(self, records: Iterable[Record], nothing: str, *, more: bool = False) -> None:
        """The server has told these; `nothing`: said if there are none. `more`: older ones can be asked for."""
        self.list.say_nothing_here(nothing, icon="check")
        self.model.show(records)
        self.more_button.setVisible(more)
        self.more_button.setEnabled(True)
        self._judge()

    def show_problem(self, problem: Problem) -> None:
        """It was refused."""
        self.told.show_problem(problem)
        self._judge(keep_told=True)

    def _judge(self, *, keep_told: bool = False) -> None:
        if not keep_told:
            self.told.hide()
        for button in self.act_buttons.values():
            button.setEnabled(self.list.current().isValid())

    def _ask(self, act: str, _checked: bool = False) -> None:
        index = self.list.current()
        if index.isValid():
            for button in self.act_buttons.values():
                button.setEnabled(False)  # until it is answered, or another row is chosen
            record = index.data(RecordRole.RECORD)
            assert isinstance(record, Record)
            self.act_wanted.emit(record.key, act)

    def _more(self) -> None:
        self.more_button.setEnabled(False)
        self.more_wanted.emit()

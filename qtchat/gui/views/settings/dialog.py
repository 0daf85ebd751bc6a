"""The dialog around the pages: a list of them at the left, or a box on top where there is no room for it."""

from enum import Enum

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from qtchat.client.housekeeping import history_folder
from qtchat.gui.settings import Settings
from qtchat.gui.theme.icons import ICON_SIZE, Icons
from qtchat.gui.theme.stylesheet import mixed
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import RADIUS_BUTTON, SPACE_8, SPACE_12, SPACE_16, SPACE_24
from qtchat.gui.views.controls import ElidedLabel, IconButton, Line, ground
from qtchat.gui.views.settings.about import AboutPage
from qtchat.gui.views.settings.appearance import AppearancePage
from qtchat.gui.views.settings.facts import Facts
from qtchat.gui.views.settings.files import FilesPage
from qtchat.gui.views.settings.form import ComboBox, SettingsPage
from qtchat.gui.views.settings.network import NetworkPage
from qtchat.gui.views.settings.notifications import NotificationsPage
from qtchat.gui.views.settings.profile import ProfilePage
from qtchat.gui.views.settings.shortcuts import ShortcutsPage
from qtchat.gui.views.shortcuts import shortcut_groups

DEFAULT = (720, 520)
"""Pixels at the text scale 1, where the window it belongs to is at least as wide."""
MINIMUM = (400, 400)
NARROW_BELOW = 600
"""Pixels of width, at the text scale 1, below which the list of pages becomes a box."""
SIDE_WIDTH = 216
ROW_HEIGHT = 40


class Page(Enum):
    """The pages, in their order; the value is the icon."""

    PROFILE = "user"
    APPEARANCE = "palette"
    NOTIFICATIONS = "bell"
    NETWORK = "server"
    FILES = "lock"
    SHORTCUTS = "keyboard"
    ABOUT = "info"


class SettingsDialog(QDialog):
    """All settings. What is chosen is told by the signals of its pages, which are attributes of it."""

    def __init__(
        self, settings: Settings, facts: Facts, theme: Theme, icons: Icons, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("settings_dialog")
        self.setWindowTitle(self.tr("Settings"))
        self.setMinimumSize(*MINIMUM)
        ground(self, "bg")
        self._theme, self._icons = theme, icons
        self.resize(self._first_size())
        self.profile = ProfilePage(settings, facts.profile, theme, icons)
        self.appearance = AppearancePage(settings, theme)
        self.notifications = NotificationsPage(settings, theme, icons)
        self.network = NetworkPage(settings, facts.has_tray, theme, icons)
        self.files = FilesPage(history_folder(facts.profile), theme)
        self.shortcuts = ShortcutsPage(shortcut_groups(), theme)
        self.about = AboutPage(theme, icons)
        self._lay_out()
        self._fit()
        theme.changed.connect(self._fit)
        self.show_page(Page.PROFILE)
        self.side.setFocus()

    @property
    def page(self) -> Page:
        """The one that is shown."""
        return list(Page)[self.stack.currentIndex()]

    def show_page(self, page: Page) -> None:
        """Turn to this page."""
        number = list(Page).index(page)
        self.stack.setCurrentIndex(number)
        self.title.set_whole(self._names()[page])
        self.side.setCurrentRow(number)
        self.box.setCurrentIndex(number)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _names(self) -> dict[Page, str]:
        return {
            Page.PROFILE: self.tr("Profile"),
            Page.APPEARANCE: self.tr("Appearance"),
            Page.NOTIFICATIONS: self.tr("Notifications"),
            Page.NETWORK: self.tr("Network and server"),
            Page.FILES: self.tr("Files and privacy"),
            Page.SHORTCUTS: self.tr("Shortcuts"),
            Page.ABOUT: self.tr("About"),
        }

    def _pages(self) -> tuple[SettingsPage, ...]:
        return (
            *(self.profile, self.appearance, self.notifications, self.network),
            *(self.files, self.shortcuts, self.about),
        )

    # -- layout ---------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.side = QListWidget(self)
        self.side.setObjectName("pages")
        self.side.setAccessibleName(self.tr("Pages"))
        self.side.setItemDelegate(PageDelegate(self._theme, self._icons, self.side))
        self.side.setMouseTracking(True)
        self.side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.box = ComboBox(self._theme, self._icons, self.tr("Page"), self)
        self.box.setObjectName("pages_box")
        self.stack = QStackedWidget(self)
        for page, name in self._names().items():
            item = QListWidgetItem(name, self.side)
            item.setData(Qt.ItemDataRole.UserRole, page.value)
            self.box.addItem(name)
        for widget in self._pages():
            self.stack.addWidget(widget)
        self.side.currentRowChanged.connect(self._turn)
        self.box.activated.connect(self._turn)
        self.title = ElidedLabel(self._theme, FontRole.PAGE, parent=self)
        self.close_button = IconButton(self._theme, self._icons, "x", self.tr("Close"), parent=self)
        self.close_button.setObjectName("close_button")
        self.close_button.clicked.connect(self.reject)
        self._side_ground = self._side_column()
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_24, SPACE_16, SPACE_16, SPACE_12)
        head.setSpacing(SPACE_8)
        head.addWidget(self.title, 1)
        head.addWidget(self.box, 1)
        head.addWidget(self.close_button)
        body = QVBoxLayout()
        body.setSpacing(0)
        body.addLayout(head)
        body.addWidget(self.stack, 1)
        self._divider = Line(vertical=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._side_ground)
        row.addWidget(self._divider)
        row.addLayout(body, 1)
        self._arrange()

    def _side_column(self) -> QWidget:
        column = QWidget(self)
        ground(column, "side")
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, SPACE_16, 0, SPACE_16)
        layout.addWidget(self.side)
        return column

    def _first_size(self) -> QSize:
        """Large enough for the text as it is, but no wider than the window below it, and not beyond the screen."""
        width, height = (self._theme.room_for_text(pixels) for pixels in DEFAULT)
        below = self.parentWidget()
        if below is not None:
            width = max(MINIMUM[0], min(width, below.window().width()))
        return QSize(width, height).boundedTo(self.screen().availableSize())

    def _fit(self) -> None:
        self._side_ground.setFixedWidth(self._theme.room_for_text(SIDE_WIDTH))
        self._arrange()

    def _arrange(self) -> None:
        narrow = self.width() < self._theme.room_for_text(NARROW_BELOW)
        self._side_ground.setVisible(not narrow)
        self._divider.setVisible(not narrow)
        self.title.setVisible(not narrow)
        self.box.setVisible(narrow)

    def _turn(self, number: int) -> None:
        if 0 <= number != self.stack.currentIndex():
            self.show_page(list(Page)[number])


class PageDelegate(QStyledItemDelegate):
    """One page in the list: its icon and its name."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._icons = theme, icons

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, self._theme.room_for_text(ROW_HEIGHT))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        state: QStyle.StateFlag = option.state
        whole: QRect = option.rect
        rect = whole.adjusted(SPACE_8, 1, -SPACE_8, -1)
        active = bool(state & QStyle.StateFlag.State_Selected)
        palette = self._theme.palette
        painter.setPen(Qt.PenStyle.NoPen)
        if active:
            painter.setBrush(self._theme.color("active_row"))
            painter.drawRoundedRect(rect, RADIUS_BUTTON, RADIUS_BUTTON)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(mixed(palette.accent, palette.side, 0.10)))
            painter.drawRoundedRect(rect, RADIUS_BUTTON, RADIUS_BUTTON)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self._theme.color("on_active" if active else "accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5), RADIUS_BUTTON - 1, RADIUS_BUTTON - 1)
        ratio = painter.device().devicePixelRatioF()
        name = str(index.data(Qt.ItemDataRole.UserRole))
        icon = self._icons.pixmap(name, ICON_SIZE, "on_active" if active else "sub", ratio)
        painter.drawPixmap(rect.left() + SPACE_12, rect.center().y() - ICON_SIZE // 2 + 1, icon)
        painter.setFont(self._theme.font(FontRole.BODY))
        painter.setPen(self._theme.color("on_active" if active else "text"))
        words = rect.adjusted(SPACE_12 + ICON_SIZE + SPACE_12, 0, -SPACE_8, 0)
        shown = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        painter.restore()

"""The number at the program's icon in the taskbar or dock."""

from PySide6.QtGui import QGuiApplication


def show_badge(number: int) -> None:
    """Show `number`, or none for 0. Desktops that have no such badge do nothing."""
    application = QGuiApplication.instance()
    assert isinstance(application, QGuiApplication)
    application.setBadgeNumber(number)

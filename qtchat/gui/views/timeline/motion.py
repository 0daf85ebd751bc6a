"""What is shown for a while and then fades, unless the system asks for no motion."""

from PySide6.QtCore import QAbstractAnimation, QTimer, QVariantAnimation, Signal
from PySide6.QtWidgets import QStyle, QWidget


def wants_motion(widget: QWidget) -> bool:
    """Does the system want things to move? Where it does not, the style gives animations no time."""
    return widget.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, widget) > 0


class Fade(QVariantAnimation):
    """An opacity that stands at 1 for a while, then falls to 0. Nothing is drawn here: see `moved`."""

    moved = Signal()
    """The opacity changed."""

    def __init__(self, hold_ms: int, fade_ms: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._widget = parent
        self._opacity = 0.0
        self._hold = QTimer(self)
        self._hold.setSingleShot(True)
        self._hold.setInterval(hold_ms)
        self._hold.timeout.connect(self._begin_to_fade)
        self.setStartValue(1.0)
        self.setEndValue(0.0)
        self.setDuration(fade_ms)
        self.valueChanged.connect(self._set)

    @property
    def opacity(self) -> float:
        """0 (not to be seen) to 1."""
        return self._opacity

    def show(self) -> None:
        """Be seen from now on, for as long as was said."""
        self.stop()
        self._hold.start()
        self._set(1.0)

    def hide(self) -> None:
        """Be gone at once."""
        self._hold.stop()
        self.stop()
        self._set(0.0)

    def _begin_to_fade(self) -> None:
        if wants_motion(self._widget):
            self.start(QAbstractAnimation.DeletionPolicy.KeepWhenStopped)
        else:
            self._set(0.0)

    def _set(self, opacity: float) -> None:
        if opacity != self._opacity:
            self._opacity = opacity
            self.moved.emit()

"""The scroll bar, which is derived from the arrangement, and the hand that moves it."""

from typing import Final

from PySide6.QtWidgets import QScrollBar

from qtchat.gui.views.timeline.arrangement import Arrangement

LINE_STEP: Final = 20
_LARGEST: Final = 2**31 - 1


class ScrollLink:
    """Keeps a scroll bar in step with an arrangement, and the arrangement with the bar."""

    def __init__(self, bar: QScrollBar, arrangement: Arrangement) -> None:
        self._bar = bar
        self._arrangement = arrangement
        self._syncing = False
        bar.setSingleStep(LINE_STEP)

    def show(self, height: int) -> None:
        """Let the bar stand where the view, `height` pixels high, is."""
        bar, arrangement = self._bar, self._arrangement
        if bar.isSliderDown():  # the hand leads; see follow
            return
        maximum = min(max(0, arrangement.total - height), _LARGEST)
        self._syncing = True
        bar.setPageStep(max(1, height - 2 * LINE_STEP))
        bar.setRange(0, maximum)
        bar.setEnabled(maximum > 0)
        bar.setValue(maximum if arrangement.stick else arrangement.offset)
        self._syncing = False

    def follow(self, height: int) -> bool:
        """The bar was moved; was it by wheel, key, hand or screen reader? Then the arrangement goes there."""
        if self._syncing:
            return False
        bar, arrangement = self._bar, self._arrangement
        if bar.value() >= bar.maximum():
            arrangement.to_bottom()
        elif bar.isSliderDown():  # its range rests while it is held, so what counts is how far along it is
            arrangement.scroll_to(round((arrangement.total - height) * bar.value() / max(1, bar.maximum())))
        elif abs(bar.value() - arrangement.offset) <= 2 * height:
            arrangement.scroll_by(bar.value() - arrangement.offset)
        else:
            arrangement.scroll_to(bar.value())
        return True

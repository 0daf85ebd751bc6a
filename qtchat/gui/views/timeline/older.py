"""When to ask for older rows: before the top is reached, once, and not again and again when nothing comes."""


class OlderRows:
    """The state of asking. It does not ask by itself; see `TimelineView.older_wanted`."""

    def __init__(self) -> None:
        self.at_start = True
        """Nothing lies before the first row."""
        self.gap = False
        """Something did, but is no longer kept."""
        self.awaiting = False
        self._paused = False  # the last request brought nothing: wait until somebody scrolls again

    def reset(self, at_start: bool, gap: bool = False) -> None:
        """Another room is shown."""
        self.at_start, self.gap = at_start, gap
        self.awaiting = self._paused = False

    def came(self) -> None:
        """Rows were inserted at the top."""
        self.awaiting = self._paused = False

    def trimmed(self) -> None:
        """Rows were removed at the top: they can be had again."""
        self.at_start = self.gap = False

    def answered(self, at_start: bool, gap: bool = False) -> None:
        """The request was answered, with rows that came before this or with none."""
        self._paused = self.awaiting
        self.awaiting = False
        self.at_start, self.gap = at_start, gap

    def scrolled(self) -> None:
        """Somebody scrolled: one more try is due."""
        self._paused = False

    def ask(self, above: int, height: int) -> bool:
        """With `above` pixels over a view of `height`: is it time? If so, rows are awaited from here on."""
        if self.at_start or self.awaiting or self._paused or above >= 2 * height:
            return False
        self.awaiting = True
        return True

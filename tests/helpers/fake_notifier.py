"""A notifier whose notices a test reads and clicks."""

from qtchat.gui.desktop.notifier import Key, Notice, Notifier, key_of


class FakeNotifier(Notifier):
    """`shown`: what stands on the desktop now, by (server, room). `log`: everything that was ever shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: dict[Key, Notice] = {}
        self.log: list[Notice] = []
        self.running = False

    def start(self) -> None:
        self.running = True

    def show(self, notice: Notice) -> None:
        self.shown[key_of(notice.place)] = notice
        self.log.append(notice)

    def withdraw(self, server: str, room: int) -> None:
        self.shown.pop((server, room), None)

    def withdraw_all(self) -> None:
        self.shown.clear()

    def stop(self) -> None:
        self.running = False

    def click(self, server: str, room: int) -> None:
        self._activate(self.shown.pop((server, room)).place)

"""A list model whose rows have keys: a new order becomes the fewest row operations a view needs to follow it."""

from collections.abc import Container, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class KeyedListModel(QAbstractListModel):
    """Rows are identified by integer keys, each at most once. Subclasses answer `data` from `key_at`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keys: list[int] = []

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._keys)

    def key_at(self, row: int) -> int:
        return self._keys[row]

    def row_of(self, key: int) -> int:
        """The row of `key`, -1 when it is not here."""
        return self._keys.index(key) if key in self._keys else -1

    def restart(self, keys: Sequence[int]) -> None:
        """Show something else altogether."""
        self.beginResetModel()
        self._keys = list(keys)
        self.endResetModel()

    def arrange(self, keys: Sequence[int], touched: Container[int] = ()) -> None:
        """Make the rows stand in the order of `keys`; those in `touched` have new data."""
        places = {key: place for place, key in enumerate(keys)}
        for row in range(len(self._keys) - 1, -1, -1):
            if self._keys[row] not in places:
                self.beginRemoveRows(ROOT, row, row)
                del self._keys[row]
                self.endRemoveRows()
        held = set(self._keys)
        sunk: set[int] = set()
        row = 0
        while row < len(keys):
            if row < len(self._keys) and self._keys[row] == keys[row]:
                row += 1
            elif keys[row] not in held:
                row = self._insert_run(keys, row, held)
            else:
                here, source = self._keys[row], self._keys.index(keys[row], row + 1)
                if here not in sunk and places[here] > source and keys[places[here] - 1] in held:
                    sunk.add(here)  # once only, or two could pass each other for ever
                    self._sink(row, self._keys.index(keys[places[here] - 1], row + 1))
                else:
                    self._move(source, row)
                    row += 1
        for row, key in enumerate(self._keys):
            if key in touched:
                index = self.index(row)
                self.dataChanged.emit(index, index)

    def _move(self, source: int, target: int) -> None:
        """Bring the row `source` up to `target`."""
        self.beginMoveRows(ROOT, source, source, ROOT, target)
        self._keys.insert(target, self._keys.pop(source))
        self.endMoveRows()

    def _sink(self, row: int, target: int) -> None:
        """Bring `row` down below the row `target`: for one that goes far that is one step, instead of one for each of
        those that it passes."""
        self.beginMoveRows(ROOT, row, row, ROOT, target + 1)
        self._keys.insert(target, self._keys.pop(row))
        self.endMoveRows()

    def _insert_run(self, keys: Sequence[int], first: int, held: set[int]) -> int:
        """Insert all consecutive new keys from `first` on; returns the row behind them."""
        end = first
        while end < len(keys) and keys[end] not in held:
            end += 1
        self.beginInsertRows(ROOT, first, end - 1)
        self._keys[first:first] = keys[first:end]
        self.endInsertRows()
        return end

"""How fast is the timeline? Run as a script; prints medians, and with --json FILE writes them.

    python tests/bench/bench_timeline.py [--rows N] [--json FILE]

Times are milliseconds on this machine, memory is MB of resident memory where the system tells it (Linux).
"""

import gc
import os
import statistics
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from PySide6.QtWidgets import QApplication

from qtchat.client.state import Delivery, Entry, Quote, Reaction, RoomState, RowsInserted
from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.timeline import TimelineView
from qtchat.protocol.messages import KIND_JOINED, KIND_POST
from tests.bench import report

WORDS = (  # noqa: SIM905
    "time then one like lunch printer release branch review office call tomorrow water about made have said "
    "привет встреча 🎉 https://example.org/wiki?id=7 **bold** `code`"
).split()
REACTIONS = (
    Reaction("👍", (0, 1, 2), own=True),
    Reaction("🎉", (3,), own=False),
    Reaction("❤️", (4, 5), own=False),
    Reaction("😂", (6,), own=False),
)
BURST = 100
REPEAT = 15
FRAMES = 200
TARGETS = {"open_ms": 150.0, "memory_mb": 15.0, "burst_ms": 5.0, "frame_ms": 3.0, "frame_p95_ms": 5.0}
"""The figures not to exceed, for 100 000 rows."""


def entries(first: int, count: int) -> tuple[Entry, ...]:
    """`count` messages, of differing length, by eight people: every fourth one answers another, every third one has
    reactions, some were changed or taken back, some call us. Now and then somebody joins."""
    made = []
    for seq in range(first, first + count):
        author = (seq // 3) % 8
        text = " ".join(WORDS[(seq * 7 + word * (1 + seq % 5)) % len(WORDS)] for word in range(1 + seq * 13 % 40))
        kind = KIND_JOINED if seq % 50 == 0 else KIND_POST
        if seq % 11 == 0:
            text = f"@Me {text}"
        made.append(
            Entry(
                seq.to_bytes(16, "big"),
                seq,
                1_700_000_000_000 + seq * 20_000,
                author,
                f"U{author}",
                kind,
                text if seq % 31 else "",
                own=author == 0,
                delivery=Delivery.READ if author == 0 else Delivery.SENT,
                reply_to=max(1, seq - 5) if seq % 4 == 0 else 0,
                quote=Quote(max(1, seq - 5), "U3", text) if seq % 4 == 0 else None,
                edited=seq % 7 == 0,
                deleted=seq % 31 == 0,
                reactions=REACTIONS[: 1 + seq % 4] if seq % 3 == 0 else (),
            )
        )
    return tuple(made)


def resident_mb() -> float:
    """Resident memory of this process in MB; 0 where the system does not tell it this way."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def timed(action: Callable[[], None]) -> float:
    """Milliseconds that `action` takes."""
    start = perf_counter()
    action()
    return (perf_counter() - start) * 1000


def measure(rows: int) -> dict[str, float]:
    """Open a room, let bursts arrive, scroll."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = Theme(app)
    model = TimelineModel()
    view = TimelineView(model, theme, Icons(theme))
    view.set_own_nick("Me")
    view.resize(724, 600)
    view.show()
    app.processEvents()  # until it is exposed, nothing is painted

    def show(room: RoomState) -> None:
        model.show(room)
        view.refresh()
        view.viewport().repaint()

    show(RoomState(1, "warm-up", entries=list(entries(1, 200)), at_start=True))
    room = RoomState(2, "big", entries=list(entries(1, rows)), at_start=True)
    gc.collect()
    before = resident_mb()
    opened = [timed(lambda: show(room))]
    memory = resident_mb() - before
    opened += [timed(lambda: show(room)) for _ in range(4)]

    def burst(first: int) -> None:
        model.apply(RowsInserted(2, len(model.entries), arriving[first], live=True))
        view.refresh()
        view.viewport().repaint()

    arriving = {first: entries(first, BURST) for first in range(rows + 1, rows + 1 + REPEAT * BURST, BURST)}
    bursts = [timed(lambda first=first: burst(first)) for first in arriving]  # type: ignore[misc]

    def frame() -> None:
        view.scroll_by(-60)
        view.viewport().repaint()

    frames = [timed(frame) for _ in range(FRAMES)]
    return {
        "rows": float(rows),
        "open_ms": statistics.median(opened),
        "memory_mb": memory,
        "burst_ms": statistics.median(bursts),
        "frame_ms": statistics.median(frames),
        "frame_p95_ms": statistics.quantiles(frames, n=20)[-1],
    }


def main() -> None:
    """Read the arguments, measure, report."""
    parser = report.parser("Measures the timeline.")
    parser.add_argument("--rows", type=int, default=100_000, help="messages in the room (default 100000)")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    figures = measure(arguments.rows)
    for name, figure in figures.items():
        target = f"   (not above {TARGETS[name]:g})" if name in TARGETS else ""
        print(f"{name:14} {figure:10.2f}{target}")
    report.save(arguments.json, {"timeline": figures})


if __name__ == "__main__":
    main()

"""How the benchmarks show their figures: tables, JSON, and a picture."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

Row = Mapping[str, Any]

COLOURS: Final = ("#2f6fdb", "#9aa4b2", "#c9b27c", "#7fb39a", "#c58fa5")


def parser(purpose: str) -> argparse.ArgumentParser:
    """The command line of a benchmark, with the options that all have. `purpose`: its docstring."""
    options = argparse.ArgumentParser(description=purpose, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    return options


def number(value: object) -> str:
    """As people read it."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def table(rows: Sequence[Row], columns: Mapping[str, str]) -> str:
    """Rows as text. `columns`: field -> heading; a field that a row lacks is left empty."""
    cells = [list(columns.values())]
    cells += [[number(row[name]) if row.get(name) is not None else "" for name in columns] for row in rows]
    widths = [max(len(line[place]) for line in cells) for place in range(len(columns))]
    texts = {name for name in columns if any(isinstance(row.get(name), str) for row in rows)}
    lines = []
    for line in cells:
        padded = (
            cell.ljust(width) if name in texts else cell.rjust(width)
            for cell, width, name in zip(line, widths, columns, strict=True)
        )
        lines.append("  ".join(padded).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def save(file: Path | None, results: Mapping[str, Any]) -> None:
    """Write results as JSON. A file that has others keeps those."""
    if file is None:
        return
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() and file.stat().st_size else {}
    file.write_text(json.dumps({**kept, **results}, indent=2) + "\n", encoding="utf-8")


def bars(title: str, unit: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    """An SVG of horizontal bars. `groups`: heading -> name -> value."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    top = max((value for group in groups.values() for value in group.values()), default=1.0)
    width, left, line = 760, 150, 20
    body, y = [], 64
    for heading, group in groups.items():
        body.append(f'<text x="12" y="{y}" class="heading">{escape(heading)}</text>')
        y += 8
        for name, value in group.items():
            length = max(1.0, value / top * (width - left - 110))
            colour = COLOURS[names.index(name) % len(COLOURS)]
            body.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>')
            body.append(
                f'<rect x="{left}" y="{y + 2}" width="{length:.1f}" height="{line - 5}" rx="2" fill="{colour}"/>'
            )
            body.append(f'<text x="{left + length + 6:.1f}" y="{y + 14}">{number(float(value))}</text>')
            y += line
        y += 26
    style = (
        "text{font:12px system-ui,sans-serif;fill:#333} .title{font-size:16px} .title,.heading{font-weight:600}"
        " @media (prefers-color-scheme: dark){text{fill:#ddd}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}" role="img">'
        f"<title>{escape(title)}</title><style>{style}</style>"
        f'<text x="12" y="24" class="title">{escape(title)}</text><text x="12" y="42">{escape(unit)}</text>'
        + "".join(body)
        + "</svg>\n"
    )

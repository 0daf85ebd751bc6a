"""What the hand-out page shows: which file is for whom, its hash, the invitation as a link and as a QR code."""

import base64
import hashlib
import io
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

import segno

STYLE: Final = """
:root { color-scheme: light dark; --text: #17212b; --sub: #5d6b79; --back: #eef2f6; --card: #ffffff; --line: #dce3ea;
  --accent: #1f6fc4; --on: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --text: #e9eef3; --sub: #93a4b5; --back: #0e1621; --card: #17212b;
  --line: #2a3846; --accent: #5fa8ee; --on: #0b1520; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 24px 16px; font: 16px/1.5 system-ui, sans-serif; color: var(--text);
  background: var(--back); }
main { max-width: 640px; margin: 0 auto; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 0 0 8px; }
p { margin: 0 0 12px; }
section { margin-top: 16px; padding: 16px; border: 1px solid var(--line); border-radius: 12px;
  background: var(--card); }
ul { list-style: none; margin: 0; padding: 0; }
li { padding: 12px 0; border-top: 1px solid var(--line); }
li:first-child { border-top: 0; padding-top: 0; }
li:last-child { padding-bottom: 0; }
a { color: var(--accent); overflow-wrap: anywhere; }
.file { font-weight: 600; }
.button { display: inline-block; padding: 8px 16px; border-radius: 8px; background: var(--accent); color: var(--on);
  text-decoration: none; font-weight: 600; }
.sub { color: var(--sub); font-size: 14px; }
code { font: 12px/1.5 ui-monospace, monospace; color: var(--sub); overflow-wrap: anywhere; }
.qr { display: block; width: 200px; max-width: 100%; height: auto; padding: 12px; margin: 12px 0 0; border-radius: 8px;
  background: #ffffff; }
"""

_SYSTEMS: Final = (
    (r".*-setup\.exe", "Windows: double-click it; no administrator is needed"),
    (r".*-portable\.zip", "Windows without installing, for example on a USB stick: unpack it, start qtchat.exe"),
    (r".*\.dmg", "macOS: open it, and drag qtchat to Applications"),
    (r"qtchat_.*\.deb", "Debian and Ubuntu: double-click it, or: sudo apt install ./FILE"),
    (r"qtchat-\d.*\.tar\.xz", "Linux: unpack it anywhere, start qtchat"),
    (r"qtchat-server_.*\.deb", "A server without a screen, on Debian and Ubuntu"),
    (r"qtchat-server-.*\.tar\.xz", "A server without a screen, on Linux: unpack it anywhere"),
)
"""Form of a name -> for whom it is. They are shown in this order, and what has no such name at the end."""


class Offer(NamedTuple):
    """A file to get: its name, its size in bytes, its SHA-256 in hexadecimal digits."""

    name: str
    size: int
    sha256: str


def hash_of_file(path: Path) -> str:
    """SHA-256 of what is in it, in hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def policy() -> str:
    """The Content-Security-Policy: our own style and links, and nothing else at all."""
    style = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def page(name: str, link: str, offers: Sequence[Offer]) -> bytes:
    """The page for the chat called `name`, as UTF-8. All names are plain text, whatever they contain."""
    files = "".join(_item(offer) for offer in sorted(offers, key=lambda offer: (_line(offer), offer.name)))
    code = link.partition("#")[2]
    shelf = f"<ul>{files}</ul>" if files else "<p>Nothing was put here yet. Ask whoever runs this chat.</p>"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>qtchat: {escape(name)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{escape(name)}</h1>
<p class="sub">A chat for the people in this place. It needs no internet and no account.</p>
<section>
<h2>1. Get the app</h2>
{shelf}
</section>
<section>
<h2>2. Join</h2>
<p><a class="button" href="{escape(link)}">Open the invitation</a></p>
<p class="sub">Or paste it into qtchat, or show it to a camera:<br><code>{escape(link)}</code></p>
{_qr(link)}
</section>
<section>
<h2>Is it the right one?</h2>
<p class="sub">This page came without encryption. If you cannot trust everybody on this network, compare with the one
who runs the chat: the hash of the file that you got, and the server code <code>{escape(code)}</code></p>
</section>
</main>
</body>
</html>
""".encode()


def _item(offer: Offer) -> str:
    line = _line(offer)
    use = f"<br>{escape(_SYSTEMS[line][1])}" if line < len(_SYSTEMS) else ""
    return (
        f'<li><a class="file" href="/get/{quote(offer.name, safe="")}" download>{escape(offer.name)}</a> '
        f'<span class="sub">{size_in_words(offer.size)}{use}</span><br><code>SHA-256 {offer.sha256}</code></li>'
    )


def _line(offer: Offer) -> int:
    """Its place in the table of systems; one past the end for what is none of ours."""
    fitting = (number for number, (form, _) in enumerate(_SYSTEMS) if re.fullmatch(form, offer.name))
    return next(fitting, len(_SYSTEMS))


def size_in_words(size: int) -> str:
    """Bytes as people say them."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000  # type: ignore[assignment]
    return f"{size:.1f} GB"


def _qr(link: str) -> str:
    """The link as a picture."""
    buffer = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        buffer, kind="svg", scale=1, border=0, xmldecl=False, svgclass="qr", lineclass=None, omitsize=True
    )
    return buffer.getvalue().decode()

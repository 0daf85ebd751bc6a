"""Inline markup of messages: **bold**, *italic*, ~~strike~~, `code`, fenced code, > quotes and links.

Everything else is literal. The parser only cuts text into blocks and spans; nothing here, and nothing after
it, ever treats a message as rich text. It takes time linear in the length of the text, whatever it holds.
"""

import re
from collections import deque
from enum import Enum, Flag
from functools import lru_cache
from typing import Final

from msgspec import Struct

from qtchat.gui.models.words import PREVIEW_CHARACTERS, one_line


class Style(Flag):
    """How a span looks."""

    PLAIN = 0
    BOLD = 1
    ITALIC = 2
    STRIKE = 4
    CODE = 8


class BlockKind(Enum):
    """What a block of lines is."""

    TEXT = "text"
    QUOTE = "quote"
    CODE = "code"


class Span(Struct, frozen=True):
    """Characters `start` to `start + length` of a block's text look like `style`; `link` is where they lead."""

    start: int
    length: int
    style: Style = Style.PLAIN
    link: str = ""


class Block(Struct, frozen=True):
    """Lines of one kind; `text` is what is shown, without the markers. Spans do not overlap."""

    kind: BlockKind
    text: str
    spans: tuple[Span, ...] = ()


FENCE: Final = "```"
# A marked character of any kind must be in a text before it is worth looking at closely.
_MARKED = re.compile(r"[*~`]|https?://|^>", re.MULTILINE | re.IGNORECASE)
_TOKEN = re.compile(r"`[^`\n]+`|https?://[^\s<>\"`]+|\*\*|\*|~~", re.IGNORECASE)
_STYLES: Final = {"**": Style.BOLD, "*": Style.ITALIC, "~~": Style.STRIKE}
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029\x0b\x0c\x85]")

_ONE_EMOJI = (
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3"
    "|(?:[\U0001f300-\U0001faff\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f201"
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab"
    "\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e"
    "\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55]|[\u00a9\u00ae\u203c-\u3299]\ufe0f)"
    "[\ufe0f\U0001f3fb-\U0001f3ff]*"
    "(?:\u200d[\u2640\u2642\u2695-\u27bf\u2b1b\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*)*)"
)
_BIG_EMOJI = re.compile(rf"\s*(?:{_ONE_EMOJI}\s*){{1,3}}")
_LONGEST_BIG_EMOJI: Final = 64


def is_big_emoji(text: str) -> bool:
    """Is this one to three emoji and nothing else?"""
    return len(text) <= _LONGEST_BIG_EMOJI and not text.isascii() and _BIG_EMOJI.fullmatch(text) is not None


def plain_lines(text: str) -> str:
    """`text` with every kind of line end as a line feed."""
    return _LINE_ENDS.sub("\n", text)


def display_text(text: str) -> str:
    """What `parse` would show of `text`, blocks joined with line feeds."""
    return "\n".join(block.text for block in parse(text))


def preview(text: str) -> str:
    """One line of what `parse` would show of the beginning of `text`."""
    return one_line(display_text(text[:PREVIEW_CHARACTERS]))


def parse(text: str) -> tuple[Block, ...]:
    """Cut a message into blocks. There is at least one; a block's text may be empty."""
    text = plain_lines(text)
    if not _MARKED.search(text):
        return (Block(BlockKind.TEXT, text),)
    return _parse(text)


@lru_cache(maxsize=512)
def _parse(text: str) -> tuple[Block, ...]:
    blocks: list[Block] = []
    lines = text.split("\n")
    fences = deque(number for number, line in enumerate(lines) if line.startswith(FENCE))
    pending: list[str] = []
    kind = BlockKind.TEXT

    def flush() -> None:
        if pending:
            blocks.append(_inline(kind, "\n".join(pending)))
            pending.clear()

    row = 0
    while row < len(lines):
        line = lines[row]
        if fences and fences[0] == row:
            fences.popleft()
            code, end = _fenced(lines, row, fences)
            if code is not None:
                flush()
                blocks.append(Block(BlockKind.CODE, code))
                if end > row + 1:
                    fences.popleft()
                row = end
                continue
        quoted = line.startswith("> ") or line == ">"
        now = BlockKind.QUOTE if quoted else BlockKind.TEXT
        if now is not kind:
            flush()
            kind = now
        pending.append(line[2:] if quoted else line)
        row += 1
    flush()
    return tuple(blocks) or (Block(BlockKind.TEXT, ""),)


def _fenced(lines: list[str], row: int, later: deque[int]) -> tuple[str | None, int]:
    """The code that begins at the fence in `row`, and the row behind it; None if no fence ends it."""
    opening = lines[row].rstrip()
    if len(opening) > 2 * len(FENCE) and opening.endswith(FENCE):
        return opening[len(FENCE) : -len(FENCE)].strip(), row + 1
    if "`" in opening[len(FENCE) :] or not later or lines[later[0]].rstrip() != FENCE or later[0] == row + 1:
        return None, row
    return "\n".join(lines[row + 1 : later[0]]), later[0] + 1


class _Token(Struct):
    text: str
    style: Style = Style.PLAIN  # what it switches, once it is known to be one of a pair
    code: bool = False
    link: str = ""
    opens: bool = False
    closes: bool = False


def _inline(kind: BlockKind, source: str) -> Block:
    tokens = _tokens(source)
    _pair(tokens)
    shown: list[str] = []
    spans: list[Span] = []
    style, length = Style.PLAIN, 0
    for token in tokens:
        if token.style:
            style ^= token.style
            continue
        here = style | Style.CODE if token.code else style
        if token.text and (here or token.link):
            spans.append(Span(length, len(token.text), here, token.link))
        shown.append(token.text)
        length += len(token.text)
    return Block(kind, "".join(shown), tuple(spans))


def _tokens(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    end = 0
    for match in _TOKEN.finditer(source):
        if match.start() < end:  # inside a link's trimmed tail
            continue
        tokens.append(_Token(source[end : match.start()]))
        text, end = match.group(), match.end()
        if text.startswith("`"):
            tokens.append(_Token(text[1:-1], code=True))
        elif text in _STYLES:
            before = source[match.start() - 1] if match.start() else " "
            after = source[end] if end < len(source) else " "
            opens = not after.isspace() and not before.isalnum()
            closes = not before.isspace() and not after.isalnum()
            tokens.append(_Token(text, opens=opens, closes=closes))
        else:
            link = _trim_link(text)
            tokens.append(_Token(link, link=link if len(link) > len("https://") else ""))
            tokens.append(_Token(text[len(link) :]))
    tokens.append(_Token(source[end:]))
    return tokens


def _trim_link(text: str) -> str:
    """A link without the punctuation of the sentence around it."""
    end = len(text)
    excess = {")": text.count(")") - text.count("("), "]": text.count("]") - text.count("[")}
    while end:
        last = text[end - 1]
        if excess.get(last, 0) > 0:
            excess[last] -= 1
        elif last not in ".,;:!?'*~":
            break
        end -= 1
    return text[:end]


def _pair(tokens: list[_Token]) -> None:
    """Turn those markers that come in proper pairs into switches; the others stay text."""
    open_markers: list[tuple[int, _Token]] = []  # at most one of each kind, so a step costs at most three looks
    for place, token in enumerate(tokens):
        if not (token.opens or token.closes):
            continue
        known = next((number for number, (_, marker) in enumerate(open_markers) if marker.text == token.text), None)
        if known is None:
            if token.opens:
                open_markers.append((place, token))
        elif token.closes:
            opened, partner = open_markers[known]
            if place == opened + 2 and not tokens[opened + 1].text:  # a pair around nothing
                continue
            partner.style = token.style = _STYLES[token.text]
            del open_markers[known:]

"""The inline markup: what it marks, what it leaves alone, and that hostile text costs no more than its length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtchat.gui.models.markup import Block, BlockKind, Span, Style, display_text, is_big_emoji, parse

BOLD, ITALIC, STRIKE, CODE = Style.BOLD, Style.ITALIC, Style.STRIKE, Style.CODE


def inline(text: str) -> Block:
    (block,) = parse(text)
    assert block.kind is BlockKind.TEXT
    return block


def marked(text: str) -> list[tuple[str, Style, str]]:
    block = inline(text)
    return [(block.text[span.start : span.start + span.length], span.style, span.link) for span in block.spans]


@pytest.mark.parametrize(
    ("text", "shown", "marks"),
    [
        ("plain", "plain", []),
        ("**bold**", "bold", [("bold", BOLD, "")]),
        ("a *word* b", "a word b", [("word", ITALIC, "")]),
        ("~~gone~~!", "gone!", [("gone", STRIKE, "")]),
        ("`x = 1`", "x = 1", [("x = 1", CODE, "")]),
        ("**a *b* c**", "a b c", [("a ", BOLD, ""), ("b", BOLD | ITALIC, ""), (" c", BOLD, "")]),
        ("**`c`**", "c", [("c", BOLD | CODE, "")]),
        ("`**not bold**`", "**not bold**", [("**not bold**", CODE, "")]),
        ("🎉 **b**", "🎉 b", [("b", BOLD, "")]),
    ],
)
def test_marks(text: str, shown: str, marks: list[tuple[str, Style, str]]) -> None:
    assert inline(text).text == shown
    assert marked(text) == marks


@pytest.mark.parametrize(
    "text",
    [
        "2*3*4",
        "2 * 3 * 4",
        "**open",
        "close**",
        "** a **",
        "****",
        "~~",
        "`",
        "snake_case_name",
        "<b>x</b> &amp; <img src=x>",
        "a `tick\nb` c",
        "javascript:alert(1) file:///etc/passwd ftp://x",
        "https://",
        ">no space",
    ],
)
def test_everything_else_is_literal(text: str) -> None:
    assert display_text(text) == text
    assert all(not block.spans for block in parse(text))


def test_a_marker_without_partner_inside_a_pair_stays() -> None:
    assert inline("**a *b**").text == "a *b"
    assert {style for _, style, _ in marked("**a *b**")} == {BOLD}


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://example.org/a?b=c#d.", "https://example.org/a?b=c#d"),
        ("(http://example.org/x_(y))", "http://example.org/x_(y)"),
        ("<https://example.org>", "https://example.org"),
        ("HTTPS://EXAMPLE.org!", "HTTPS://EXAMPLE.org"),
        ("**https://example.org**", "https://example.org"),
        ("https://example.org/*a*", "https://example.org/*a"),
    ],
)
def test_links(text: str, link: str) -> None:
    links = [(shown, target) for shown, _, target in marked(text) if target]
    assert links == [(link, link)]


def test_a_link_in_code_is_code() -> None:
    assert marked("`https://example.org`") == [("https://example.org", CODE, "")]


def test_blocks() -> None:
    blocks = parse("before\n```python\na = **1**\n\n  b\n```\n> one\n> **two**\nafter")
    assert [(block.kind, block.text) for block in blocks] == [
        (BlockKind.TEXT, "before"),
        (BlockKind.CODE, "a = **1**\n\n  b"),
        (BlockKind.QUOTE, "one\ntwo"),
        (BlockKind.TEXT, "after"),
    ]
    assert blocks[2].spans == (Span(4, 3, BOLD),)


def test_fence_in_one_line() -> None:
    assert parse("```x = *1*```") == (Block(BlockKind.CODE, "x = *1*"),)


@pytest.mark.parametrize("text", ["```\nopen", "```", "``````", "```\n```", "a ```b```c"])
def test_fences_that_do_not_close_are_literal(text: str) -> None:
    assert all(block.kind is BlockKind.TEXT for block in parse(text))


def test_line_ends_are_one_kind() -> None:
    assert display_text("a\r\nb\rc\u2028d\u2029e") == "a\nb\nc\nd\ne"


@pytest.mark.parametrize("text", ["🎉", "👩‍💻👍🏽🇫🇮", "❤️", " 😅 ✅ ", "1️⃣"])
def test_big_emoji(text: str) -> None:
    assert is_big_emoji(text)


@pytest.mark.parametrize("text", ["", "a", "🎉a", "🎉🎉🎉🎉", "12", "→", "©", "‍", "https://🎉"])
def test_not_big_emoji(text: str) -> None:
    assert not is_big_emoji(text)


@given(st.text(alphabet="ab *~`>\n[](h)🎉https://", max_size=200))
def test_spans_lie_in_order_within_their_text(text: str) -> None:
    for block in parse(text):
        end = 0
        for span in block.spans:
            assert span.start >= end
            assert span.length > 0
            end = span.start + span.length
        assert end <= len(block.text)


@given(st.text(alphabet="ab .🎉я<>&_", max_size=100))
def test_text_without_markers_is_untouched(text: str) -> None:
    if ">" not in text:
        assert display_text(text) == text


@pytest.mark.parametrize(
    "piece", ["*", "**", "~~", "`", "`a`", "```\n", "```\n\n", "> \n", "a*b", "*a ", "**a *b ", ")", "https://a)", "[]"]
)
def test_hostile_text_is_cut_in_linear_steps(piece: str) -> None:
    # No clock: what matters is that nothing is lost and nothing recurses, at the largest size the wire allows.
    text = (piece * (16 * 1024 // len(piece)))[: 16 * 1024]
    assert sum(len(block.text) + 1 for block in parse("x " + text)) <= len(text) + 3

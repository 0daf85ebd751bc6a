"""The emoji catalogue and the grid's model."""

import subprocess
import sys

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester

from qtchat.gui.models.emoji import (
    COLUMNS,
    MAX_RECENT_EMOJI,
    EmojiGroup,
    EmojiTable,
    emoji_catalogue,
    with_recent,
)
from qtchat.gui.resources import resource
from qtchat.protocol.messages import MAX_EMOJI


def test_every_category_has_emoji_and_each_stands_once() -> None:
    catalogue = emoji_catalogue()
    assert all(catalogue.group(group) for group in EmojiGroup)
    texts = [emoji.text for emoji in catalogue.all]
    assert len(texts) == len(set(texts)) > 1_500


def test_every_emoji_may_be_a_reaction() -> None:
    assert all(len(emoji.text) <= MAX_EMOJI for emoji in emoji_catalogue().all)


def test_emoji_are_written_as_keyboards_write_them() -> None:
    catalogue = emoji_catalogue()
    assert all(catalogue.get(text) for text in ("👍", "❤️", "😂", "🎉", "😮", "😢", "☺️", "🇷🇺"))
    assert catalogue.get("❤") is None


def test_what_fonts_do_not_draw_yet_is_left_out() -> None:
    assert emoji_catalogue().get("🫩") is None  # of 2024


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("thumbsup", "👍"),
        ("+1", "👍"),
        ("Thumbs up", "👍"),
        ("heart", "❤️"),
        ("cat face", "🐱"),
        ("celebration", "🥳"),
        ("russia", "🪆"),
    ],
)
def test_search_finds_by_names_keywords_and_short_names(text: str, first: str) -> None:
    assert emoji_catalogue().search(text)[0].text == first


def test_search_looks_for_the_beginnings_of_words() -> None:
    found = {emoji.text for emoji in emoji_catalogue().search("cat")}
    assert "🐈" in found
    assert all(" cat" in emoji.words() for emoji in emoji_catalogue().search("cat"))


@pytest.mark.parametrize("text", ["", "  ", ":", "_", "нет такого", "\n"])
def test_search_for_nothing_finds_nothing(text: str) -> None:
    assert emoji_catalogue().search(text) == []


def test_the_last_used_is_first_and_the_list_is_bounded() -> None:
    assert with_recent(["a", "b"], "b") == ["b", "a"]
    assert len(with_recent([str(number) for number in range(99)], "x")) == MAX_RECENT_EMOJI


def test_the_table_has_headings_and_rows(qtmodeltester: ModelTester) -> None:
    table = EmojiTable()
    smileys = emoji_catalogue().group(EmojiGroup.SMILEYS)
    assert table.show([("Few", smileys[:3]), ("More", smileys[: COLUMNS + 1])]) == [0, 2]
    qtmodeltester.check(table)
    assert [table.heading(row) for row in range(table.rowCount())] == ["Few", "", "More", "", ""]
    assert [table.width(row) for row in range(table.rowCount())] == [0, 3, 0, COLUMNS, 1]
    cell = table.index(1, 2)
    assert table.data(cell) == smileys[2].text
    assert table.data(cell, Qt.ItemDataRole.AccessibleTextRole) == smileys[2].name
    assert table.data(cell, Qt.ItemDataRole.DecorationRole) is None
    assert table.data(table.index(0, 0)) == "Few"
    for empty in (table.index(1, 3), table.index(0, 0), table.index(0, 1)):
        assert table.emoji(empty) is None
        assert table.flags(empty) == Qt.ItemFlag.NoItemFlags
    assert table.data(QModelIndex()) is None
    assert table.show([("", smileys[:1])]) == [0]
    assert table.width(0) == 1


def test_the_licences_stand_beside_the_data() -> None:
    notice = resource("emoji", "LICENSE.txt").read_text(encoding="utf-8")
    assert "MIT License" in notice
    assert "UNICODE LICENSE V3" in notice


def test_the_data_is_not_read_at_start() -> None:
    code = (
        "import qtchat.gui.views.composer\n"
        "from qtchat.gui.models.emoji import emoji_catalogue\n"
        "print(emoji_catalogue.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "0"

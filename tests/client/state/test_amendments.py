"""What edits, deletions and reactions make of messages, wherever these are just then."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from qtchat.client.state import (
    Delivery,
    Entry,
    Quote,
    Reaction,
    RoomChanged,
    RowsInserted,
    RowsReplaced,
    amendments,
    rows,
)
from qtchat.client.state import TimelineEndsChanged as Ends
from qtchat.client.updates import OlderUpdate, QuotedUpdate, SearchUpdate
from qtchat.protocol.messages import KIND_POST, Event
from tests.helpers.states import (
    BOB,
    EVE,
    ME,
    Watched,
    deleted,
    edited,
    event,
    message_id,
    pending,
    posts,
    reacted,
    reply,
    unreacted,
)


@pytest.fixture
def watched() -> Watched:
    return Watched()


# -- the row is here ----------------------------------------------------------------------------------------


def test_amendments_have_no_rows_and_change_those_of_others(watched: Watched) -> None:
    watched.told(*posts(1, 3))
    changes = watched.told(edited(4, 1, "new"), deleted(5, 2), reacted(6, 3))
    assert changes == (RowsReplaced(1, 0, tuple(watched.room.entries)), RoomChanged(1))
    one, two, three = watched.room.entries
    assert (one.text, one.edited) == ("new", True)
    assert (two.text, two.deleted) == ("", True)
    assert three.reactions == (Reaction("+", (BOB,), own=False),)
    assert (watched.room.newest, watched.room.oldest, watched.room.numbered, watched.room.head) == (6, 1, 3, 6)


def test_rows_that_do_not_stand_together_are_told_apart(watched: Watched) -> None:
    watched.told(*posts(1, 5))
    changes = watched.told(reacted(6, 1), reacted(7, 2), reacted(8, 5), reacted(9, 2))
    assert [(c.first, len(c.entries)) for c in changes if isinstance(c, RowsReplaced)] == [(0, 2), (4, 1)]


def test_what_came_together_with_its_amendment_is_shown_at_once_as_it_is(watched: Watched) -> None:
    (inserted, *rest) = watched.told(event(1), edited(2, 1, "new"), event(3))
    assert isinstance(inserted, RowsInserted)
    assert [(entry.seq, entry.text) for entry in inserted.entries] == [(1, "new"), (3, "text 3")]
    assert rest == [RoomChanged(1)]


def test_the_newest_edit_wins_and_nothing_changes_a_deleted_message(watched: Watched) -> None:
    watched.told(event(1), edited(2, 1, "two"), edited(3, 1, "three"))
    assert watched.entry(1).text == "three"
    watched.told(edited(4, 1, ""))  # its text was erased, because the message was deleted afterwards
    assert watched.entry(1).text == "three"
    watched.told(reacted(5, 1), deleted(6, 1), edited(7, 1, "again"), reacted(8, 1))
    entry = watched.entry(1)
    assert (entry.text, entry.deleted, entry.reactions) == ("", True, ())


def test_a_post_without_a_text_was_deleted(watched: Watched) -> None:
    watched.told(event(1, text=""))
    assert watched.entry(1).deleted


def test_reactions_stand_in_the_order_of_their_first_appearance(watched: Watched) -> None:
    watched.told(event(1), reacted(2, 1, "a"), reacted(3, 1, "b", ME), reacted(4, 1, "a", ME), reacted(5, 1, "a", ME))
    assert watched.entry(1).reactions == (
        Reaction("a", (BOB, ME), own=True),
        Reaction("b", (ME,), own=True),
    )
    watched.told(unreacted(6, 1, "a", ME), unreacted(7, 1, "b", ME), unreacted(8, 1, "c", ME))
    assert watched.entry(1).reactions == (Reaction("a", (BOB,), own=False),)
    watched.told(unreacted(9, 1, "a"), reacted(10, 1, "b"), reacted(11, 1, "a"))
    assert [reaction.emoji for reaction in watched.entry(1).reactions] == ["b", "a"]


def test_a_kind_that_nobody_knows_has_no_row(watched: Watched) -> None:
    watched.told(event(1), event(2, kind="pinned", about=1), event(3))
    assert [entry.seq for entry in watched.room.entries] == [1, 3]
    watched.told(reacted(4, 2))
    assert (watched.room.newest, watched.room.kept) == (4, {})


# -- the row is not here yet --------------------------------------------------------------------------------


def test_an_amendment_waits_for_its_message(watched: Watched) -> None:
    watched.told(event(10), edited(11, 5, "newest"), reacted(12, 4, author=ME), deleted(13, 3), live=False)
    older = OlderUpdate(1, (*posts(3, 7), edited(8, 5, "older"), event(9)), at_start=False)
    watched.see(watched.state.apply(older))
    assert watched.entry(5).text == "newest"
    assert watched.entry(4).reactions == (Reaction("+", (ME,), own=True),)
    assert watched.entry(3).deleted
    assert watched.room.kept == {}


def test_what_the_disk_knows_and_what_was_told_count_once_and_in_order(watched: Watched) -> None:
    watched.told(event(10), reacted(11, 5), unreacted(12, 5), edited(13, 5, "newest"), live=False)
    known = (reacted(11, 5), unreacted(12, 5))  # the disk was read before the edit came
    watched.see(watched.state.apply(OlderUpdate(1, posts(5, 9), at_start=False, amendments=known)))
    assert (watched.entry(5).text, watched.entry(5).reactions) == ("newest", ())


def test_amendments_inside_an_older_page_are_no_rows_and_find_their_message(watched: Watched) -> None:
    watched.told(event(10))
    page = (event(5), reacted(6, 5), reacted(7, 2), event(8), edited(9, 8, "new"))
    changes = watched.see(watched.state.apply(OlderUpdate(1, page, at_start=False)))
    assert changes == (RowsInserted(1, 0, tuple(watched.room.entries[:2])), Ends(1))
    assert (watched.room.oldest, watched.room.numbered) == (5, 3)
    assert (watched.entry(8).text, len(watched.entry(5).reactions)) == ("new", 1)
    watched.see(watched.state.apply(OlderUpdate(1, posts(1, 4), at_start=True)))
    assert len(watched.entry(2).reactions) == 1


def test_an_older_page_without_a_row_is_no_answer_yet(watched: Watched) -> None:
    watched.told(event(10))
    page = tuple(reacted(seq, 2) for seq in range(5, 10))
    assert watched.state.apply(OlderUpdate(1, page, at_start=False)) == ()
    assert watched.room.oldest == 5
    assert watched.state.apply(OlderUpdate(1, tuple(reacted(seq, 1) for seq in range(1, 5)), at_start=True)) == (
        Ends(1),
    )


def test_of_what_comes_again_only_the_rest_is_taken(watched: Watched) -> None:
    """On the way to what somebody jumps to, some rows are here already."""
    watched.told(*posts(10, 12))
    assert watched.state.apply(OlderUpdate(1, posts(10, 12), at_start=False)) == ()
    watched.see(watched.state.apply(OlderUpdate(1, posts(7, 11), at_start=False)))
    assert [entry.seq for entry in watched.room.entries] == [7, 8, 9, 10, 11, 12]


def test_what_is_kept_for_messages_that_never_come_is_bounded(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MAX_KEPT", 10)
    watched.told(event(100), live=False)
    for number in range(50):
        watched.told(reacted(101 + 2 * number, 1 + number), reacted(102 + 2 * number, 1 + number, "b"))
    assert sum(map(len, watched.room.kept.values())) == 10
    assert list(watched.room.kept) == [46, 47, 48, 49, 50]


def test_what_was_trimmed_comes_back_as_it_is_now(watched: Watched) -> None:
    watched.told(*posts(1, 3), edited(4, 1, "four"), event(5))
    watched.see(watched.state.trim(1, 2))
    assert (watched.room.oldest, watched.room.numbered) == (3, 2)
    watched.told(reacted(6, 2))
    amendments = (edited(4, 1, "four"), reacted(6, 2))
    watched.see(watched.state.apply(OlderUpdate(1, posts(1, 2), at_start=True, amendments=amendments)))
    assert [entry.seq for entry in watched.room.entries] == [1, 2, 3, 5]
    assert (watched.entry(1).edited, len(watched.entry(2).reactions)) == (True, 1)


def test_reactions_under_one_message_are_bounded(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amendments, "MAX_REACTIONS", 2)
    monkeypatch.setattr(amendments, "MAX_REACTORS", 2)
    watched.told(event(1), *(reacted(2 + number, 1, emoji) for number, emoji in enumerate("abc")))
    watched.told(*(reacted(5 + number, 1, "a", author) for number, author in enumerate((ME, EVE))))
    shown = watched.entry(1).reactions
    assert [(reaction.emoji, reaction.users) for reaction in shown] == [("a", (BOB, ME)), ("b", (BOB,))]
    watched.told(unreacted(7, 1, "b"), reacted(8, 1, "c"))
    assert [reaction.emoji for reaction in watched.entry(1).reactions] == ["a", "c"]


# -- quotes -----------------------------------------------------------------------------------------------


def test_an_answer_quotes_what_it_answers_as_it_is_now(watched: Watched) -> None:
    watched.told(event(1))
    watched.told(reply(2, 1), reply(3, 2))
    assert (watched.entry(2).reply_to, watched.entry(2).quote) == (1, Quote(1, "Bob", "text 1"))
    assert watched.entry(3).quote == Quote(2, "Bob", "text 2")
    watched.told(edited(4, 1, "new"))
    assert watched.entry(2).quote == Quote(1, "Bob", "new")
    watched.told(event(5), reply(6, 5), edited(7, 5, "newer"), deleted(8, 1))
    assert watched.entry(6).quote == Quote(5, "Bob", "newer")
    assert watched.entry(2).quote == Quote(1, "Bob", "", deleted=True)


def test_an_answer_of_ours_quotes_while_it_waits_and_afterwards(watched: Watched) -> None:
    watched.told(event(1))
    watched.see(watched.state.apply(pending(5, reply_to=1)))
    assert watched.room.entries[1].quote == Quote(1, "Bob", "text 1")
    watched.told(edited(2, 1, "new"))
    assert watched.room.entries[1].quote == Quote(1, "Bob", "new")
    watched.told(event(3), Event(1, 4, message_id(5), 4, ME, "Ada", KIND_POST, "own 5", 1), event(5))
    assert (watched.entry(4).quote, watched.entry(4).delivery) == (Quote(1, "Bob", "new"), Delivery.SENT)


def test_what_is_not_here_is_quoted_once_it_is_told(watched: Watched) -> None:
    watched.told(reply(10, 4), live=False)
    watched.see(watched.state.apply(pending(5, reply_to=4)))
    assert watched.entry(10).quote is None
    watched.told(edited(11, 4, "newest"))  # while the disk was being asked
    changes = watched.see(watched.state.apply(QuotedUpdate(1, (event(4), event(3)))))
    assert changes == (RowsReplaced(1, 0, tuple(watched.room.entries)),)
    assert [entry.quote for entry in watched.room.entries] == [Quote(4, "Bob", "newest")] * 2
    assert watched.state.apply(QuotedUpdate(1, (event(4),))) == ()
    watched.told(deleted(12, 4))
    assert [entry.quote for entry in watched.room.entries] == [Quote(4, "Bob", "", deleted=True)] * 2


def test_a_deleted_message_that_is_not_here_is_quoted_as_deleted(watched: Watched) -> None:
    watched.told(reply(10, 4))
    watched.see(watched.state.apply(QuotedUpdate(1, (event(4, text=""),))))
    assert watched.entry(10).quote == Quote(4, "Bob", "", deleted=True)


def test_older_rows_are_quoted_by_those_that_were_waiting_for_them(watched: Watched) -> None:
    watched.told(event(9), reply(10, 4), reply(11, 4))
    page = (*posts(3, 5), edited(6, 4, "new"), reply(7, 3), reply(8, 1))
    changes = watched.see(watched.state.apply(OlderUpdate(1, page, at_start=False)))
    assert [type(change) for change in changes] == [RowsInserted, RowsReplaced, Ends]
    assert watched.entry(10).quote == watched.entry(11).quote == Quote(4, "Bob", "new")
    assert watched.entry(7).quote == Quote(3, "Bob", "text 3")
    assert watched.entry(8).quote is None
    assert watched.state.apply(QuotedUpdate(1, (event(4, text="old"),))) == ()


def test_only_messages_are_quoted(watched: Watched) -> None:
    watched.told(event(1, kind="joined"), reply(2, 1))
    assert watched.entry(2).quote is None


def test_what_a_search_finds_is_passed_on(watched: Watched) -> None:
    (done,) = watched.state.apply(SearchUpdate(message_id(1), posts(1, 2), complete=True))
    assert (done.id, done.events) == (message_id(1), posts(1, 2))  # type: ignore[union-attr]


# -- whatever happens -------------------------------------------------------------------------------------


def truth(log: list[Event]) -> dict[int, Entry]:
    """What the rows must be, worked out from the whole log."""
    told = Watched()
    found: dict[int, Entry] = {}
    for one in log:
        if one.kind == KIND_POST:
            told.told(one)
            found[one.seq] = told.entry(one.seq)
            continue
        old = found[one.about]
        users = {reaction.emoji: list(reaction.users) for reaction in old.reactions}
        if old.deleted:
            continue
        match one.kind:
            case "edited":
                found[one.about] = replace(old, text=one.text, edited=True)
            case "deleted":
                found[one.about] = replace(old, text="", deleted=True, reactions=())
            case "reacted" if one.author not in users.get(one.text, []):
                users.setdefault(one.text, []).append(one.author)
            case "unreacted" if one.author in users.get(one.text, []):
                users[one.text].remove(one.author)
        if one.kind in ("reacted", "unreacted"):
            reactions = tuple(Reaction(emoji, tuple(who), ME in who) for emoji, who in users.items() if who)
            found[one.about] = replace(old, reactions=reactions)
    for seq, entry in found.items():
        if entry.reply_to:
            quoted = found[entry.reply_to]
            quote = Quote(entry.reply_to, quoted.nick, quoted.text, quoted.deleted)
            found[seq] = replace(entry, quote=quote)
    return found


def some_log(chance: random.Random, count: int) -> list[Event]:
    log: list[Event] = []
    said: list[int] = []
    for seq in range(1, count + 1):
        author = chance.choice((ME, BOB, EVE))
        about = chance.choice(said) if said else 0
        make = chance.randint(0, 5) if said else 0
        if make == 0:
            log.append(event(seq, author, about=about if chance.random() < 0.5 else 0))
            said.append(seq)
        elif make <= 2:
            log.append(edited(seq, about, f"edit {seq}", author) if make == 1 else deleted(seq, about, author))
        else:
            react = reacted if make < 5 else unreacted
            log.append(react(seq, about, chance.choice("ab"), author))
    return log


@given(st.integers(0, 2**32))
def test_in_whatever_pieces_the_log_comes_the_rows_are_the_same(seed: int) -> None:
    """A middle first, then older pages and live events in any mixture; trimmed now and then."""
    chance = random.Random(seed)
    log = some_log(chance, 60)
    expected = truth(log)
    watched = Watched()
    low = chance.randint(0, 50)
    high = chance.randint(low + 1, 60)
    watched.told(*log[low:high], live=False)
    while low > 0 or high < len(log):
        if chance.random() < 0.5 and high < len(log):
            more = chance.randint(1, 8)
            watched.told(*log[high : high + more])
            high = min(high + more, len(log))
        elif low > 0:
            first = max(0, low - chance.randint(1, 8))
            page = tuple(log[first:low])
            known = [one for one in log[low:high] if one.kind != KIND_POST and first < one.about <= low]
            known = known[: chance.randint(0, len(known))]  # the disk may be a little behind
            watched.see(watched.state.apply(OlderUpdate(1, page, at_start=first == 0, amendments=tuple(known))))
            low = first
    assert {entry.seq: entry for entry in watched.room.entries} == expected

"""The list models, driven by changes of a real state."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from qtchat.client.state import Delivery, RoomAdded, RoomChanged, RoomRemoved, ServerState
from qtchat.client.updates import (
    AckedUpdate,
    EventsUpdate,
    MembersUpdate,
    PendingUpdate,
    PresenceUpdate,
    RoomGoneUpdate,
    RoomUpdate,
    Update,
)
from qtchat.gui.models import people
from qtchat.gui.models.conversations import ConversationRole, ConversationsModel
from qtchat.gui.models.directory import DirectoryModel, DirectoryRole
from qtchat.gui.models.keyed_list import Index, KeyedListModel
from qtchat.gui.models.people import PeopleModel, PersonRole, Section
from qtchat.gui.models.presence import Presence, presence_of
from qtchat.gui.settings import Level, RoomPrefs
from qtchat.protocol.messages import (
    ADMIN,
    DIRECT,
    FIRST_PLAIN_USER,
    KIND_ADDED,
    KIND_CREATED,
    KIND_DELETED,
    KIND_JOINED,
    KIND_POST,
    MEMBER,
    MODERATOR,
    OWNER,
    PRIVATE,
    Event,
    Person,
    Room,
)
from tests.helpers.fake_account import MIDDAY, OWN, SERVER, room


def watch(model: QAbstractItemModel) -> None:
    """Let Qt's own tester check the model now and after every change; what it dislikes is a warning, and fails."""
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning, model)


class Follower:
    """A conversations model that follows a state, as the program lets it."""

    def __init__(self) -> None:
        self.state = ServerState()
        self.state.apply(SERVER)
        self.model = ConversationsModel()
        self.model.show(self.state)

    def apply(self, *updates: Update) -> None:
        rooms = {
            change.room
            for update in updates
            for change in self.state.apply(update)
            if isinstance(change, RoomAdded | RoomChanged | RoomRemoved)
        }
        self.model.refresh(rooms)

    def say(self, number: int, seq: int, text: str, author: int = 2, kind: str = KIND_POST, about: int = 0) -> None:
        message_id = number.to_bytes(8, "big") + seq.to_bytes(8, "big")
        ts = MIDDAY + seq * 60_000
        self.apply(EventsUpdate(number, (Event(number, seq, message_id, ts, author, "Anna", kind, text, about),)))

    def names(self) -> list[str]:
        return [str(self.model.index(row).data()) for row in range(self.model.rowCount())]

    def data(self, number: int, role: int) -> object:
        return self.model.index(self.model.row_of(number)).data(role)


@pytest.fixture
def follower(qtbot: QtBot) -> Follower:
    return Follower()


def test_rooms_where_nothing_was_said_stand_below_in_the_order_of_their_making(follower: Follower) -> None:
    follower.apply(*(RoomUpdate(room(n, name), 0) for n, name in ((1, "lobby"), (2, "news"), (3, "fun"))))
    follower.say(3, 1, "", kind=KIND_JOINED)
    assert follower.names() == ["lobby", "news", "fun"]
    follower.say(2, 1, "Hello")
    assert follower.names() == ["news", "lobby", "fun"]


def test_a_room_into_which_somebody_brought_us_stands_on_top_as_new(follower: Follower) -> None:
    watch(follower.model)
    follower.apply(*(RoomUpdate(room(n, name), 0) for n, name in ((1, "lobby"), (2, "plans"))))
    follower.say(1, 1, "Hello")
    follower.say(2, 2, "Old news")
    follower.state.mark_read(2)
    follower.say(1, 3, "Hello again")
    follower.say(2, 4, "", kind=KIND_ADDED, about=99)  # somebody else
    assert follower.names() == ["lobby", "plans"]
    follower.say(2, 5, "", kind=KIND_ADDED, about=OWN)
    assert follower.names() == ["plans", "lobby"]
    assert follower.data(2, ConversationRole.PREVIEW) == "You were added by Anna"
    assert follower.data(2, ConversationRole.LEAD) == ""
    assert follower.data(2, ConversationRole.NEW) is True
    assert follower.data(2, Qt.ItemDataRole.AccessibleTextRole) == "plans, new, You were added by Anna"
    follower.state.mark_read(2)
    follower.model.refresh({2})
    assert follower.data(2, ConversationRole.NEW) is False
    follower.say(2, 6, "Welcome")
    assert follower.data(2, ConversationRole.PREVIEW) == "Welcome"


def test_a_room_we_have_made_stands_on_top(follower: Follower) -> None:
    follower.apply(*(RoomUpdate(room(n, name), 0) for n, name in ((1, "lobby"), (2, "fun"), (3, "books"))))
    follower.say(1, 1, "Hello")
    follower.say(2, 2, "", author=OWN, kind=KIND_CREATED)
    follower.say(3, 3, "", author=OWN, kind=KIND_JOINED)
    assert follower.names() == ["books", "fun", "lobby"]
    assert follower.data(2, ConversationRole.PREVIEW) == "You created the room"
    assert follower.data(3, ConversationRole.PREVIEW) == "You joined"
    assert not follower.data(2, ConversationRole.NEW)
    follower.say(2, 4, "Who is there?")
    follower.say(2, 5, "", author=OWN, kind=KIND_JOINED)  # it says more than that
    assert follower.data(2, ConversationRole.PREVIEW) == "Who is there?"


def test_rooms_stand_by_their_last_message(follower: Follower) -> None:
    watch(follower.model)
    follower.apply(*(RoomUpdate(room(n, name), 0) for n, name in ((1, "lobby"), (2, "news"), (3, "fun"))))
    follower.say(2, 1, "first")
    follower.say(3, 2, "second")
    assert follower.names() == ["fun", "news", "lobby"]
    follower.say(1, 3, "third")
    assert follower.names() == ["lobby", "fun", "news"]
    follower.say(2, 9, "Anna is here", kind=KIND_JOINED)
    assert follower.names() == ["lobby", "fun", "news"]
    follower.apply(RoomGoneUpdate(3))
    assert follower.names() == ["lobby", "news"]
    watch(follower.model)


def test_a_room_shows_its_last_message_and_what_is_unread(follower: Follower) -> None:
    follower.apply(RoomUpdate(room(1, "lobby"), 0))
    follower.say(1, 1, "Hello\n  there")
    assert follower.data(1, ConversationRole.LEAD) == "Anna"
    assert follower.data(1, ConversationRole.PREVIEW) == "Hello there"
    assert follower.data(1, ConversationRole.UNREAD) == 1
    assert follower.model.unread == 1
    assert follower.data(1, Qt.ItemDataRole.AccessibleTextRole) == "lobby, 1 unread, Anna: Hello there"
    follower.state.mark_read(1)
    follower.model.refresh({1})
    assert follower.data(1, ConversationRole.UNREAD) == 0


def test_own_messages_say_how_far_they_have_come(follower: Follower) -> None:
    follower.apply(RoomUpdate(room(1, "lobby"), 0))
    follower.apply(PendingUpdate(b"x" * 16, 1, "Mine", MIDDAY))
    assert follower.data(1, ConversationRole.LEAD) == "You"
    assert follower.data(1, ConversationRole.DELIVERY) is Delivery.WAITING
    follower.apply(AckedUpdate(b"x" * 16, 1, 1, MIDDAY))
    assert follower.data(1, ConversationRole.DELIVERY) is Delivery.SENT
    follower.say(1, 1, "Theirs")
    assert follower.data(1, ConversationRole.UNREAD) == 1


def test_a_draft_stands_in_for_the_last_message(follower: Follower) -> None:
    follower.apply(RoomUpdate(room(1, "lobby"), 0))
    follower.say(1, 1, "Hello")
    follower.model.set_draft(1, "Almost done")
    assert follower.data(1, ConversationRole.LEAD) == "Draft"
    assert follower.data(1, ConversationRole.PREVIEW) == "Almost done"
    assert follower.data(1, ConversationRole.DRAFT) is True
    follower.model.set_draft(1, "  ")
    assert follower.data(1, ConversationRole.PREVIEW) == "Hello"


def test_drafts_are_forgotten_with_their_server(follower: Follower) -> None:
    follower.apply(RoomUpdate(room(1, "lobby"), 0))
    follower.model.set_draft(1, "Draft")
    follower.model.show(None)
    assert follower.model.rowCount() == 0
    follower.model.show(follower.state)
    assert follower.data(1, ConversationRole.DRAFT) is False


def test_pinned_stand_first_and_muted_do_not_count(follower: Follower) -> None:
    watch(follower.model)
    follower.apply(*(RoomUpdate(room(n, name), 0) for n, name in ((1, "lobby"), (2, "news"), (3, "fun"))))
    follower.say(1, 1, "Hello")
    follower.say(2, 2, "Hello")
    follower.model.set_prefs({3: RoomPrefs(pinned=True), 2: RoomPrefs(muted=True)})
    assert follower.names() == ["fun", "news", "lobby"]
    assert follower.model.unread == 1
    assert [follower.data(n, ConversationRole.MUTED) for n in (1, 2, 3)] == [False, True, False]
    assert follower.data(2, ConversationRole.QUIET) is True
    assert follower.data(3, ConversationRole.PINNED) is True
    assert "pinned" in str(follower.data(3, Qt.ItemDataRole.AccessibleTextRole))
    assert "muted" in str(follower.data(2, Qt.ItemDataRole.AccessibleTextRole))
    follower.model.set_prefs({1: RoomPrefs(level=Level.MENTIONS)})
    assert follower.names() == ["news", "lobby", "fun"]
    assert (follower.data(1, ConversationRole.QUIET), follower.data(1, ConversationRole.MUTED)) == (True, False)
    assert follower.model.unread == 2


def test_a_mention_counts_even_where_it_is_muted(follower: Follower) -> None:
    follower.apply(RoomUpdate(room(1, "lobby"), 0))
    follower.model.set_prefs({1: RoomPrefs(muted=True)})
    follower.say(1, 1, "Hello")
    assert (follower.model.unread, follower.model.mentions) == (0, 0)
    follower.say(1, 2, "Hello @Me!")
    assert (follower.model.unread, follower.model.mentions) == (1, 1)
    assert follower.data(1, ConversationRole.MENTIONS) == 1
    assert "you are mentioned" in str(follower.data(1, Qt.ItemDataRole.AccessibleTextRole))


def test_unread_can_stand_first(follower: Follower) -> None:
    follower.apply(*(RoomUpdate(room(n, name), 0) for n, name in ((1, "lobby"), (2, "news"), (3, "fun"))))
    follower.say(3, 1, "first")
    follower.say(1, 2, "second")
    follower.say(2, 3, "third")
    follower.state.mark_read(2)
    follower.state.mark_read(3)
    follower.model.refresh({2, 3})
    follower.model.set_prefs({3: RoomPrefs(pinned=True)})
    assert follower.names() == ["fun", "news", "lobby"]
    follower.model.set_unread_first(True)
    assert follower.names() == ["fun", "lobby", "news"]
    follower.model.set_unread_first(False)
    assert follower.names() == ["fun", "news", "lobby"]


def test_a_direct_message_shows_the_other_one(qtbot: QtBot, follower: Follower) -> None:
    follower.apply(RoomUpdate(Room(5, "Anna", "", 0, 2, True, DIRECT, 0, 2), 0))
    follower.say(5, 1, "Hello")
    assert follower.data(5, ConversationRole.LEAD) == ""
    assert follower.data(5, ConversationRole.COLOR_KEY) == 2
    assert follower.data(5, ConversationRole.PRESENCE) is Presence.OFFLINE
    follower.state.apply(MembersUpdate(5, (Person(2, "Anna", True, away=True),)))
    follower.model.refresh_people()
    assert follower.data(5, ConversationRole.PRESENCE) is Presence.AWAY
    with qtbot.assertNotEmitted(follower.model.dataChanged):
        follower.model.refresh_people()
    assert str(follower.data(5, Qt.ItemDataRole.AccessibleTextRole)) == "Anna, away, 1 unread, Hello"


def test_notes_to_oneself_have_no_presence(follower: Follower) -> None:
    follower.apply(RoomUpdate(Room(5, "Me", "", 0, 1, True, DIRECT, 0, OWN), 0))
    assert follower.data(5, ConversationRole.PRESENCE) is None


def test_who_is_typing_is_said_in_place_of_the_last_message(follower: Follower) -> None:
    follower.apply(RoomUpdate(room(1, "lobby"), 0), RoomUpdate(Room(5, "Anna", "", 0, 2, True, DIRECT, 0, 2), 0))
    touched: list[int] = []
    follower.model.dataChanged.connect(lambda first, _last: touched.append(first.row()))
    follower.model.set_typing(1, ["Anna", "Ben"])
    follower.model.set_typing(5, ["Anna"])
    assert follower.data(1, ConversationRole.TYPING) == "Anna and Ben are typing…"
    assert follower.data(5, ConversationRole.TYPING) == "typing…"
    follower.model.set_typing(5, ["Anna"])
    assert len(touched) == 2
    follower.model.set_typing(1, [])
    assert follower.data(1, ConversationRole.TYPING) == ""


def test_a_deleted_message_is_not_shown(follower: Follower) -> None:
    follower.apply(RoomUpdate(room(1, "lobby"), 0))
    follower.say(1, 1, "a secret")
    event = Event(1, 2, b"d" * 16, MIDDAY, 2, "Anna", KIND_DELETED, "", 1)
    follower.apply(EventsUpdate(1, (event,)))
    assert follower.data(1, ConversationRole.PREVIEW) == "Message deleted"


def test_hostile_names_and_messages_stay_in_their_line(follower: Follower) -> None:
    tower = "Z" + "\u0301" * 10_000
    follower.apply(RoomUpdate(room(1, "\u202e<b>x</b>"), 0))
    follower.say(1, 1, tower)
    assert follower.data(1, ConversationRole.NAME) == "<b>x</b>"
    assert len(str(follower.data(1, ConversationRole.PREVIEW))) < 10


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("this is **bold** and ~~gone~~", "this is bold and gone"),
        ("a*b*c and 2 * 3 * 4", "a*b*c and 2 * 3 * 4"),
        ("run `ls *.py` *now*", "run ls *.py now"),
        ("```\nx = **y\n```", "x = **y"),
        ("> said\nyes", "said yes"),
        ("see https://example.org/a*b*c**", "see https://example.org/a*b*c**"),
        ("**not closed", "**not closed"),
        ("<b>no tag</b>", "<b>no tag</b>"),
    ],
)
def test_the_last_message_is_previewed_as_the_timeline_shows_it(follower: Follower, written: str, shown: str) -> None:
    follower.apply(RoomUpdate(room(1, "lobby")))
    follower.say(1, 1, written)
    assert follower.data(1, ConversationRole.PREVIEW) == shown
    assert shown in str(follower.data(1, Qt.ItemDataRole.AccessibleTextRole))
    follower.model.set_draft(1, written)
    assert follower.data(1, ConversationRole.PREVIEW) == " ".join(written.split())  # it stands in the field like that


# -- people ------------------------------------------------------------------------------------------


def people_shown(model: PeopleModel) -> list[tuple[str, bool]]:
    """Each nick, and whether here."""
    indexes = [model.index(row) for row in range(model.rowCount())]
    return [(str(each.data()), each.data(PersonRole.PRESENCE) is not Presence.OFFLINE) for each in indexes]


def test_people_who_are_here_stand_first(qtbot: QtBot) -> None:
    state = ServerState()
    state.apply(SERVER)
    state.apply(RoomUpdate(room(1, "lobby")))
    model = PeopleModel()
    model.show(state.rooms[1], OWN)
    told = (Person(1, "zoe", True), Person(2, "Anna", False), Person(OWN, "Me", True), Person(4, "борис", False))
    state.apply(MembersUpdate(1, told))
    model.refresh()
    assert people_shown(model) == [("Me", True), ("zoe", True), ("Anna", False), ("борис", False)]
    assert model.index(0).data(PersonRole.OWN) is True
    state.apply(PresenceUpdate((Person(2, "anna_", True), Person(1, "zoe", False))))
    model.refresh()
    assert people_shown(model) == [("anna_", True), ("Me", True), ("zoe", False), ("борис", False)]
    watch(model)


def test_the_people_of_a_room_stand_in_sections(qtbot: QtBot) -> None:
    state = ServerState()
    state.apply(SERVER)
    state.apply(RoomUpdate(room(2, "news")))
    model = PeopleModel()
    model.show(state.rooms[2], OWN)
    assert model.sections == []
    told = (
        Person(1, "zoe", True),
        Person(3, "Anna", False),
        Person(4, "Ben", True, away=True),
        Person(5, "Kim", False),
    )
    state.apply(MembersUpdate(2, told, roles=(MEMBER, MODERATOR, MEMBER, MEMBER)))
    with qtbot.waitSignal(model.sections_changed):
        model.refresh()
    assert [nick for nick, _ in people_shown(model)] == ["Anna", "zoe", "Ben", "Kim"]
    assert model.sections == [(Section.STAFF, 0), (Section.ONLINE, 1), (Section.OFFLINE, 3)]
    with qtbot.waitSignal(model.sections_changed):  # though no row has moved
        state.apply(PresenceUpdate((Person(4, "Ben", False),)))
        model.refresh()
    assert model.sections == [(Section.STAFF, 0), (Section.ONLINE, 1), (Section.OFFLINE, 2)]
    with qtbot.assertNotEmitted(model.sections_changed):
        state.apply(PresenceUpdate((Person(1, "zoe", True, status="Lunch"),)))
        model.refresh()
    with qtbot.waitSignal(model.sections_changed):  # nobody has a role any more
        state.apply(MembersUpdate(2, tuple(state.rooms[2].members.values()), roles=(MEMBER,) * 4))
        model.refresh()
    assert model.sections == [(Section.ONLINE, 0), (Section.OFFLINE, 1)]
    model.show_people([Person(6, "Owner", False, role=OWNER), Person(7, "a", False)])
    assert model.sections == [(Section.OFFLINE, 0)]  # of no room
    assert [nick for nick, _ in people_shown(model)] == ["a", "Owner"]


def test_who_runs_a_room_stands_by_role_and_then_by_presence(qtbot: QtBot) -> None:
    state = ServerState()
    state.apply(RoomUpdate(room(2, "news")))
    told = (
        Person(1, "zoe", True),
        Person(2, "Mod", False),
        Person(3, "mod_", True),
        Person(4, "Admin", True, role=ADMIN),
        Person(5, "Owner", False, role=OWNER),
    )
    state.apply(MembersUpdate(2, told, roles=(MEMBER, MODERATOR, MODERATOR, MEMBER, MEMBER)))
    model = PeopleModel()
    model.show(state.rooms[2])
    assert [nick for nick, _ in people_shown(model)] == ["Owner", "Admin", "mod_", "Mod", "zoe"]


def test_only_people_who_changed_are_painted_again(qtbot: QtBot) -> None:
    state = ServerState()
    state.apply(RoomUpdate(room(1, "lobby")))
    state.apply(MembersUpdate(1, (Person(1, "a", True), Person(2, "b", True), Person(3, "c", True))))
    model = PeopleModel()
    model.show(state.rooms[1])
    state.apply(PresenceUpdate((Person(2, "bb", True),)))
    touched: list[int] = []
    model.dataChanged.connect(lambda first, _last: touched.append(first.row()))
    model.refresh()
    assert touched == [1]


def test_those_who_stay_where_they_are_are_not_sorted_again(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    state = ServerState()
    state.apply(RoomUpdate(room(1, "lobby")))
    state.apply(MembersUpdate(1, tuple(Person(user, f"n{user:03}", True) for user in range(200))))
    model = PeopleModel()
    model.show(state.rooms[1])
    placed: list[str] = []

    def place(person: Person) -> Presence:
        placed.append(person.nick)
        return presence_of(person)

    monkeypatch.setattr(people, "presence_of", place)
    state.apply(PresenceUpdate((Person(7, "n007", True, status="Lunch"), Person(9, "n009", False))))
    model.refresh()
    assert placed == ["n007", "n009"]
    assert [person.user for person in model.people][-1] == 9
    model.refresh()
    assert placed == ["n007", "n009"]


def test_a_role_in_the_room_is_shown_and_painted(qtbot: QtBot) -> None:
    state = ServerState()
    state.apply(RoomUpdate(room(1, "lobby")))
    told = (Person(1, "a", True), Person(2, "b", True, role=ADMIN), Person(3, "c", True))
    state.apply(MembersUpdate(1, told, roles=(OWNER, MEMBER, MEMBER)))
    model = PeopleModel()
    model.show(state.rooms[1])
    assert [model.index(row).data(PersonRole.ROLE) for row in range(3)] == [OWNER, ADMIN, ""]
    touched: list[str] = []
    model.dataChanged.connect(lambda first, _last: touched.append(first.data()))
    state.apply(MembersUpdate(1, told, roles=(MEMBER, MEMBER, MODERATOR)))
    model.refresh()
    assert touched == ["c", "a"]
    assert [model.index(row).data() for row in range(3)] == ["b", "c", "a"]
    assert [model.index(row).data(PersonRole.ROLE) for row in range(3)] == [ADMIN, MODERATOR, ""]
    model.show(None)
    model.show(state.rooms[1])
    assert model.rowCount() == 3


def test_away_stands_between_here_and_gone_and_is_said_in_words(qtbot: QtBot) -> None:
    model = PeopleModel()
    plain = FIRST_PLAIN_USER + 1
    told = (
        Person(1, "Anna", False, seen=1),
        Person(2, "Ben", True, away=True, status="Lunch"),
        Person(plain, "old", True),
        Person(OWN, "Me", True),
    )
    model.show_people(told, OWN)
    assert [str(model.index(row).data()) for row in range(4)] == ["Me", "old", "Ben", "Anna"]
    assert model.index(2).data(PersonRole.ABOUT) == "away · Lunch"
    assert str(model.index(3).data(PersonRole.ABOUT)).startswith("last seen on")
    assert model.index(1).data(PersonRole.PLAIN) is True
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole) == "old, online, plain text, name not verified"
    assert model.index(2).data(PersonRole.PERSON) == told[1]
    watch(model)
    model.show_people(told[1:], OWN)
    assert model.rowCount() == 3


def test_a_row_that_is_about_to_go_may_be_asked(follower: Follower) -> None:
    """An exception in `data` would end the process: a view calls it from within Qt."""
    asked: list[object] = []
    shown = PeopleModel()
    shown.show_people([Person(1, "Anna", True), Person(2, "Ben", True)])
    follower.apply(RoomUpdate(room(1, "lobby")), RoomUpdate(room(2, "news")))
    for model in (follower.model, shown):
        model.rowsAboutToBeRemoved.connect(lambda _parent, row, _last, of=model: asked.append(of.index(row).data()))
    shown.show_people([Person(1, "Anna", True)])
    follower.apply(RoomGoneUpdate(2))
    assert asked == [None, None]


# -- the directory -----------------------------------------------------------------------------------


def test_the_directory_is_sorted_by_name(qtbot: QtBot) -> None:
    model = DirectoryModel()
    model.show((room(2, "Zoo", members=1), room(1, "books", "Reading", members=3, member=False)))
    assert [model.index(row).data() for row in range(2)] == ["books", "Zoo"]
    assert model.index(0).data(DirectoryRole.TOPIC) == "Reading"
    assert model.index(0).data(DirectoryRole.MEMBER) is False
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "books, 3 people, Reading"
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole) == "Zoo, 1 person, joined"
    model.show((Room(3, "plans", "", 0, 2, True, PRIVATE),))
    assert model.index(0).data(DirectoryRole.KIND) == PRIVATE
    watch(model)


# -- the base ----------------------------------------------------------------------------------------

ORDERS = st.lists(st.integers(0, 12), unique=True)


class Numbers(KeyedListModel):
    """The smallest model on the base."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return self.key_at(index.row()) if role == Qt.ItemDataRole.DisplayRole else None


@settings(max_examples=150, deadline=None)
@given(before=ORDERS, after=ORDERS)
def test_a_view_that_follows_row_operations_ends_up_right(before: Sequence[int], after: Sequence[int]) -> None:
    """A mirror that moves rows only as the signals say must equal the model."""
    model = Numbers()
    model.restart(before)
    watch(model)
    mirror = list(before)

    def inserted(_parent: QModelIndex, first: int, last: int) -> None:
        mirror[first:first] = [model.key_at(row) for row in range(first, last + 1)]

    def removed(_parent: QModelIndex, first: int, last: int) -> None:
        del mirror[first : last + 1]

    def moved(_parent: QModelIndex, first: int, _last: int, _target: QModelIndex, row: int) -> None:
        mirror.insert(row - (row > first), mirror.pop(first))

    model.rowsInserted.connect(inserted)
    model.rowsRemoved.connect(removed)
    model.rowsMoved.connect(moved)
    model.arrange(after)
    assert mirror == list(after) == [model.key_at(row) for row in range(model.rowCount())]


@pytest.mark.parametrize(("sinks", "rises"), [((), (90,)), ((3,), ()), ((3, 4, 20), (90, 91)), ((0,), (99,))])
def test_a_row_that_goes_far_is_one_operation(qtbot: QtBot, sinks: Sequence[int], rises: Sequence[int]) -> None:
    model = Numbers()
    model.restart(range(100))
    watch(model)
    moves: list[int] = []
    model.rowsMoved.connect(lambda _parent, first: moves.append(first))
    stay = [key for key in range(100) if key not in (*sinks, *rises)]
    order = [*stay[:5], *rises, *stay[5:80], *sinks, *stay[80:]]
    model.arrange(order)
    assert [model.key_at(row) for row in range(100)] == order
    assert len(moves) == len(sinks) + len(rises)

"""Targets: a message follows what is said about it."""

from qtchat.protocol.messages import KIND_DELETED, KIND_EDITED, KIND_POST, KIND_REACTED, KIND_UNREACTED
from qtchat.server.targets import Target


def test_reactions_come_and_go_and_are_counted_for_each_user() -> None:
    target = Target(1)
    for kind, author, emoji in (
        (KIND_REACTED, 1, "👍"),
        (KIND_REACTED, 2, "👍"),
        (KIND_REACTED, 2, "🎉"),
        (KIND_UNREACTED, 2, "👍"),
    ):
        target.follow(kind, author, emoji)
    assert target.reactions == {(1, "👍"), (2, "🎉")}
    assert target.changes == {1: 1, 2: 3}


def test_a_deletion_is_final_and_other_kinds_change_nothing() -> None:
    target = Target(1)
    target.follow(KIND_EDITED, 1, "x")
    target.follow(KIND_POST, 2, "an answer")
    assert target == Target(1)
    target.follow(KIND_DELETED, 1, "")
    assert target.deleted

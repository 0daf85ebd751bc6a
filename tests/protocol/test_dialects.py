"""The table of dialects: what those programs send and compare, to the letter."""

from qtchat.protocol.dialects import ASK_NICK, DIALECTS, READ_SIZE, Words


def test_the_words_on_the_wire_are_those_of_the_programs() -> None:
    assert ASK_NICK == "NICK"
    assert READ_SIZE == 1024
    russian, english = DIALECTS["nick-ru"], DIALECTS["nick-en"]
    assert russian.joined.format(nick="Аня") == "Аня присоединился к чату!"
    assert russian.connected == "Подключение к серверу успешно!"
    assert russian.left.format(nick="Аня") == "Аня покинул чат!"
    assert english.joined.format(nick="Ann") == "Ann joined the chat!"
    assert english.connected == "Connected to the server!"
    assert english.left.format(nick="Ann") == "Ann left the chat!"


def test_each_stands_where_its_programs_look_for_it() -> None:
    ports = {name: dialect.ports for name, dialect in DIALECTS.items()}
    assert ports == {
        "nick-ru": (12347,),
        "nick-en": (55555,),
        "name-first": (8000,),
        "anonymous": (4040, 12413),
        "lines": (47301,),
    }


def test_how_they_differ() -> None:
    def having(feature: str) -> set[str]:
        return {name for name, dialect in DIALECTS.items() if getattr(dialect, feature)}

    assert having("asks") == having("prefixed") == {"nick-ru", "nick-en"}
    assert having("named") == set(DIALECTS) - {"anonymous"}
    assert having("echo") == having("quit") == {"nick-en"}
    assert having("framed") == {"lines"}
    assert having("joined") == having("left") == {"nick-ru", "nick-en", "lines"}


def test_every_sentence_can_be_filled_in() -> None:
    for dialect in DIALECTS.values():
        for name in Words.__struct_fields__:
            sentence = getattr(dialect.words, name).format(nick="{nick}", text="{text}", quote="{quote}")
            assert sentence.startswith("* ")

"""Who can read what is written in a room, in words."""

from PySide6.QtCore import QCoreApplication

from qtchat.gui.models.about import About
from qtchat.protocol.messages import PRIVATE


def readers_words(about: About) -> str:
    """One line for the people, one for the server, and one more if some come without encryption."""
    tr = QCoreApplication.translate
    if about.dialect:
        return tr(
            "Readers",
            "Everybody who is connected to this chat, and anybody on the network in between: nothing is encrypted. "
            "What is said is kept by those who read it, and on this computer.",
        )
    if about.own:
        people = tr("Readers", "Only you.")
    elif about.direct:
        people = tr("Readers", "You and {name}.").replace("{name}", about.name)
    elif about.kind == PRIVATE:
        people = tr(
            "Readers", "Only the people listed here, and whoever they add: they can read it from its beginning."
        )
    else:
        people = tr("Readers", "Everybody on this server, now and later: whoever joins can read it from its beginning.")
    runs = tr("Readers", "Whoever runs the server {server} can read what it stores. On the way it is encrypted.")
    sentences = [people, runs.replace("{server}", f"“{about.server}”" if about.server else "").replace("  ", " ")]
    if about.plain:
        sentences.append(
            tr(
                "Readers",
                "Somebody here uses plain text, without encryption: what is written can be read on the network.",
            )
        )
    return "\n".join(sentences)

"""What can be asked for by a command, as plain data."""

from collections.abc import Collection

from msgspec import Struct


class Say(Struct, frozen=True):
    """Post this text. What is no command is said as it stands."""

    text: str


class ChangeNick(Struct, frozen=True):
    """Be called `nick` from now on."""

    nick: str


class SetTopic(Struct, frozen=True):
    """Give the open room this topic."""

    topic: str


class JoinRoom(Struct, frozen=True):
    """Go to the room of this name, joining it if need be."""

    name: str


class SendDirect(Struct, frozen=True):
    """Open the conversation with the person called `nick`, and say `text` there unless it is empty."""

    nick: str
    text: str


class GoAway(Struct, frozen=True):
    """Be away, with a status unless it is empty. Who is away already and gives no status is back."""

    status: str


class Quit(Struct, frozen=True):
    """End the program."""


class ShowHelp(Struct, frozen=True):
    """Show all commands."""


class DeleteMessage(Struct, frozen=True):
    """Delete the message of this number in the open room; 0 for the last own one."""

    seq: int


class Restrict(Struct, frozen=True):
    """Do `act` ("kick", "ban", "unban", "mute", "unmute", "revoke") to the person called `nick`. `seconds`: 0 for
    without end; `address`: to everybody at their address."""

    act: str
    nick: str
    seconds: int = 0
    reason: str = ""
    address: bool = False


class ReleaseNick(Struct, frozen=True):
    """Let whoever comes first have this name."""

    nick: str


class Decide(Struct, frozen=True):
    """Let the newcomer in who is called `nick`, or turn them away."""

    nick: str
    accept: bool


class GiveRole(Struct, frozen=True):
    """Give the person called `nick` this role."""

    nick: str
    role: str


class SetRoom(Struct, frozen=True):
    """Change a setting of the open room, as messages.SetRoom; "" for the opposite of what it is."""

    setting: str
    value: str


class Claim(Struct, frozen=True):
    """Become the owner of the server by the token that it shows."""

    token: str


Command = (
    Say
    | ChangeNick
    | SetTopic
    | JoinRoom
    | SendDirect
    | GoAway
    | Quit
    | ShowHelp
    | DeleteMessage
    | Restrict
    | ReleaseNick
    | Decide
    | GiveRole
    | SetRoom
    | Claim
)


class CommandProblem(Struct, frozen=True):
    """Why nothing can be done, in one sentence."""

    sentence: str


class Speaker(Struct, frozen=True):
    """Who writes, the nicks of whom they may write to, for a nick may have spaces, and the number of the message that
    they are answering, 0 for none."""

    nick: str
    people: Collection[str] = ()
    reply_to: int = 0

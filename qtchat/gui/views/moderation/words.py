"""The words of moderation: roles, acts, sentences for the person concerned, lines of the audit log."""

from datetime import datetime
from typing import Final

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from qtchat.client.state import ROLE, RoomState, Silence, changed_role, changed_setting
from qtchat.gui.models.moderation import Act, role_word
from qtchat.gui.models.words import fill, local_time, one_line
from qtchat.protocol.messages import (
    ADMIN,
    GUEST,
    MAX_REASON,
    MAX_TOPIC,
    MEMBER,
    MODERATOR,
    OWNER,
    AuditEntry,
    Person,
    Sanction,
)

translate = QCoreApplication.translate
MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
DURATIONS: Final = (5 * MINUTE, 15 * MINUTE, HOUR, 8 * HOUR, DAY, 7 * DAY, 30 * DAY, 0)
"""Seconds that can be chosen; 0: until somebody lifts it."""
SLOW: Final = (0, 5, 10, 30, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR)
"""Seconds between two messages of one member that can be chosen; 0: no limit."""
MOST_DIGITS: Final = 9
"""Of a number of milliseconds: 11 days. No server has a slow mode that is so slow."""
_ICONS: Final = {
    Act.ROOM_ROLE: "shield",
    Act.ROOM_MUTE: "mic-off",
    Act.ROOM_UNMUTE: "message-circle",
    Act.ROOM_KICK: "user-x",
    Act.ROLE: "shield-check",
    Act.MUTE: "mic-off",
    Act.UNMUTE: "message-circle",
    Act.KICK: "unplug",
    Act.BAN: "ban",
    Act.RELEASE_NICK: "user",
    Act.REVOKE_KEY: "key-round",
}


def role_in(person: Person, room: RoomState | None) -> str:
    """ "Owner of this server · Moderator of this room": what somebody is; "" for a mere member."""
    said = []
    if person.role != MEMBER:
        said.append(fill(translate("Moderation", "{role} of this server"), role=role_word(person.role)))
    if room is not None and room.role_of(person.user) != MEMBER:
        said.append(fill(translate("Moderation", "{role} of this room"), role=role_word(room.role_of(person.user))))
    return " · ".join(part[:1].upper() + part[1:] for part in said)


def role_about(role: str, *, server: bool) -> str:
    """What somebody with this role may do."""
    if not server:
        return {
            OWNER: translate("Moderation", "Everything in this room: also give roles."),
            MODERATOR: translate("Moderation", "Delete messages, mute and remove people, change the room's settings."),
            MEMBER: translate("Moderation", "Read and write."),
        }.get(role, "")
    return {
        OWNER: translate("Moderation", "Everything. An owner can also make admins and other owners."),
        ADMIN: translate("Moderation", "Let newcomers in, give roles, release names, read the audit log."),
        MODERATOR: translate("Moderation", "Moderate the rooms they are in; mute, disconnect and ban people."),
        MEMBER: translate("Moderation", "Read and write, and make rooms."),
        GUEST: translate("Moderation", "Read only."),
    }.get(role, "")


def act_icon(act: Act) -> str:
    return _ICONS[act]


def act_words(act: Act) -> str:
    """An act in a menu."""
    return {
        Act.ROOM_ROLE: translate("Moderation", "Role in this room…"),
        Act.ROOM_MUTE: translate("Moderation", "Mute in this room…"),
        Act.ROOM_UNMUTE: translate("Moderation", "Let write again in this room"),
        Act.ROOM_KICK: translate("Moderation", "Remove from this room…"),
        Act.ROLE: translate("Moderation", "Role on this server…"),
        Act.MUTE: translate("Moderation", "Mute everywhere…"),
        Act.UNMUTE: translate("Moderation", "Let write again everywhere"),
        Act.KICK: translate("Moderation", "Disconnect…"),
        Act.BAN: translate("Moderation", "Ban…"),
        Act.RELEASE_NICK: translate("Moderation", "Release the name…"),
        Act.REVOKE_KEY: translate("Moderation", "Revoke the key…"),
    }[act]


def duration_words(seconds: int) -> str:
    """ "15 minutes", "1 day", "Until it is lifted"."""
    if not seconds:
        return translate("Moderation", "Until it is lifted")
    if seconds % DAY == 0:
        days = seconds // DAY
        return translate("Moderation", "1 day") if days == 1 else translate("Moderation", "%n days", None, days)
    if seconds % HOUR == 0:
        hours = seconds // HOUR
        return translate("Moderation", "1 hour") if hours == 1 else translate("Moderation", "%n hours", None, hours)
    if seconds % MINUTE == 0:
        minutes = seconds // MINUTE
        one = translate("Moderation", "1 minute")
        return one if minutes == 1 else translate("Moderation", "%n minutes", None, minutes)
    return translate("Moderation", "1 second") if seconds == 1 else translate("Moderation", "%n seconds", None, seconds)


def slow_words(seconds: int) -> str:
    """How long somebody waits between two messages."""
    return duration_words(seconds) if seconds else translate("Moderation", "Off")


def slow_sentence(pause: int, wait: int) -> str:
    """What slow mode means for whoever writes: `pause` seconds between two messages, `wait` until the next one."""
    if not wait:
        return fill(translate("Moderation", "Slow mode: one message in {time}."), time=duration_words(pause))
    time = duration_words(wait) if wait < MINUTE else f"{wait // MINUTE}:{wait % MINUTE:02}"
    return fill(translate("Moderation", "Slow mode: you can send again in {time}."), time=time)


def moment(ts: int) -> str:
    """`ts` (ms since 1970, UTC) by the reader's clock: "14:05" today, else with the date."""
    when = local_time(ts)
    time = when.strftime("%H:%M")
    if when.date() == datetime.now().astimezone().date():
        return time
    return f"{QLocale().toString(QDate(when.year, when.month, when.day), QLocale.FormatType.ShortFormat)} {time}"


def circumstances(by: str, until: int, reason: str) -> str:
    """ " until 14:05 by Anna: spam." for the end of a sentence; what is not known is left out."""
    said = fill(translate("Moderation", " until {time}"), time=moment(until)) if until else ""
    said += fill(translate("Moderation", " by {nick}"), nick=one_line(by)) if by else ""
    reason = one_line(reason, MAX_REASON)
    return f"{said}: {reason}" if reason else f"{said}."


def sanction_sentence(told: Sanction, room: str) -> str:
    """What was done to us, by whom, why, until when. `room`: its name, "" for the whole server."""
    how = circumstances(told.by, told.until, told.reason)
    where = fill(translate("Moderation", " in {room}"), room=room) if room else ""
    match told.act:
        case "kick" if room:
            says = fill(translate("Moderation", "You were removed from {room}"), room=room)
        case "kick":
            says = translate("Moderation", "You were disconnected")
        case "ban":
            says = translate("Moderation", "You were banned")
        case "mute":
            says = fill(translate("Moderation", "You were muted{where}"), where=where)
        case "unmute":
            says = fill(translate("Moderation", "You were unmuted{where}"), where=where)
        case "set_role":
            template = translate("Moderation", "You were made {role}{where}")
            server = translate("Moderation", " of this server")
            says = fill(template, role=role_word(told.detail), where=where or server)
        case "delete":
            says = fill(translate("Moderation", "A message of yours{where} was deleted"), where=where)
        case "release_nick":
            says = translate("Moderation", "Your name was released for others")
            now = fill(translate("Moderation", "You are called {nick} now."), nick=one_line(told.detail))
            return f"{says}{how} {now if told.detail else ''}".rstrip()
        case "revoke_key":
            says = translate("Moderation", "Your key was revoked on this server")
        case _:
            says = fill(translate("Moderation", "This concerns you{where}: {act}"), where=where, act=one_line(told.act))
    return f"{says}{how}"


def silence_sentence(why: Silence, until: int, told: Sanction | None) -> str:
    """Why one cannot write here. `until`: the end of a mute, 0 for none; `told`: what was said of it, if it was."""
    match why:
        case Silence.GUEST:
            return translate("Moderation", "You are a guest here: you can read, but not write.")
        case Silence.FROZEN:
            return translate("Moderation", "This room is frozen: nobody can write for now.")
        case Silence.ANNOUNCEMENT:
            return translate("Moderation", "Announcements only: the owner and the moderators of this room write here.")
        case Silence.MUTED:
            by, reason = (told.by, told.reason) if told is not None else ("", "")
            return translate("Moderation", "You are muted") + circumstances(by, until, reason)


def setting_sentence(who: str, text: str) -> str:
    """A room's `changed` event: who changed what."""
    setting, value = changed_setting(text)
    if setting == ROLE:
        return _role_sentence(who, *changed_role(value))
    on = value != "0"
    templates = {
        ("name", on): translate("Moderation", "{who} renamed the room: {value}"),
        ("private", True): translate("Moderation", "{who} made the room private"),
        ("private", False): translate("Moderation", "{who} made the room public"),
        ("announcement", True): translate("Moderation", "{who} made this a room for announcements"),
        ("announcement", False): translate("Moderation", "{who} let everybody here write again"),
        ("frozen", True): translate("Moderation", "{who} froze the room"),
        ("frozen", False): translate("Moderation", "{who} unfroze the room"),
        ("slow_ms", True): translate("Moderation", "{who} turned on slow mode: one message in {slow}"),
        ("slow_ms", False): translate("Moderation", "{who} turned slow mode off"),
    }
    template = templates.get((setting, on), translate("Moderation", "{who} changed the room: {value}"))
    return fill(template, who=who, value=one_line(value), slow=_pause_words(value))


def _pause_words(value: str) -> str:
    """The pause of slow mode out of a `changed` event. The text of an event is free: it may be no number at all."""
    if value.isascii() and value.isdecimal() and len(value) <= MOST_DIGITS:
        return duration_words(max(1, int(value) // 1000))
    return one_line(value)


def _role_sentence(who: str, role: str, nick: str) -> str:
    template = translate("Moderation", "{who} made {nick} {role} of this room")
    if role == MEMBER:
        template = translate("Moderation", "{who} made {nick} a member like all others")
    return fill(template, who=who, nick=one_line(nick) or translate("Moderation", "somebody"), role=role_word(role))


_TOLD: Final = frozenset({"set_role", "set_room", "delete", "approve", "release_nick", "claim"})
"""Acts whose detail is in their sentence, or says nothing to people."""


def audit_sentence(entry: AuditEntry, room: str) -> str:
    """An entry of the audit log: who did what, until when. `room`: the name of its room, "" for none."""
    who, nick, detail = one_line(entry.by), one_line(entry.nick), one_line(entry.detail)
    where = fill(translate("Moderation", " in {room}"), room=room) if room else ""
    if entry.act == "set_room":
        return " · ".join(filter(None, (setting_sentence(who, entry.detail), room)))
    plain = {
        "kick": translate("Moderation", "{who} put out {nick}{where}"),
        "ban": translate("Moderation", "{who} banned {nick}"),
        "unban": translate("Moderation", "{who} lifted the ban of {nick}"),
        "mute": translate("Moderation", "{who} muted {nick}{where}"),
        "unmute": translate("Moderation", "{who} let {nick} write again{where}"),
        "set_role": translate("Moderation", "{who} gave {nick} the role of {role}{where}"),
        "delete": translate("Moderation", "{who} deleted a message of {nick}{where}"),
        "approve": translate("Moderation", "{who} turned away {nick}"),
        "release_nick": translate("Moderation", "{who} released the name that {detail} had"),
        "revoke_key": translate("Moderation", "{who} revoked the key of {nick}"),
        "claim": translate("Moderation", "{who} became the owner of this server"),
    }
    template = plain.get(entry.act, translate("Moderation", "{who}: {act} {nick}{where}"))
    if entry.act == "approve" and entry.detail == "let in":
        template = translate("Moderation", "{who} let {nick} in")
    act, role = one_line(entry.act), role_word(entry.detail)
    said = fill(template, who=who, nick=nick, where=where, act=act, role=role, detail=detail).rstrip()
    until = fill(translate("Moderation", " until {time}"), time=moment(entry.until)) if entry.until else ""
    return f"{said}{until}"


def audit_detail(entry: AuditEntry) -> str:
    """What the sentence about an entry leaves out: mostly the reason that was given."""
    return "" if entry.act in _TOLD else one_line(entry.detail, MAX_TOPIC)

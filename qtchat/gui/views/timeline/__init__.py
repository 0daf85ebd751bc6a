"""The timeline: an own virtual view, because no list widget of Qt opens 100 000 messages at once.

heights.py      all heights, with block sums       grouping.py     a row among its neighbours
words.py        names, dates, system lines
look.py         the theme's fonts and measures     text.py         one block of text, broken into lines
message.py      a message laid out                 rows.py         what a laid out row is; system lines
arrangement.py  the anchor, and what stands where  selection.py    a selection over many messages
scene.py        all of that, moved together        ring.py         the message the keyboard is on
hit.py          what lies under a point            pointer.py      the mouse; tips.py its tool tips
keyboard.py     the keys                           scrolling.py    the scroll bar
actions.py      clicks and keys -> signals         asking.py       the signals; menu.py the menus
paint.py        a row drawn                        scenery.py      what is no message, drawn
canvas.py       the whole view drawn               motion.py       what fades; jump.py a jump and its glow
overlays.py     button and bar above the rows      hover.py        what floats beside the message under the mouse
accessible.py   what a screen reader sees          onscreen.py     where that is
older.py        when to ask for older rows         view.py         the widget that puts it together
"""

from qtchat.gui.views.timeline.view import TimelineView

__all__ = ["TimelineView"]

"""The timeline: an own virtual view, because no list widget of Qt opens 100 000 messages at once.

markup.py       text -> blocks and spans           grouping.py     a row among its neighbours
heights.py      all heights, with block sums       words.py        names, dates, system lines
look.py         the theme's fonts and measures     rows.py         one row laid out
arrangement.py  the anchor, and what stands where  paint.py        a row drawn
hit.py, selection.py, pointer.py, menu.py          the mouse
overlays.py     button and bar above the rows      accessible.py   what a screen reader sees
view.py         the widget that puts it together
"""

from qtchat.gui.views.timeline.view import TimelineView

__all__ = ["TimelineView"]

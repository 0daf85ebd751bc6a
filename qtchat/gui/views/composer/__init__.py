"""Where messages are written: the field, what completes words in it, replies, edits, emoji and pasting."""

from qtchat.gui.views.composer.composer import Composer

__all__ = ["Composer"]

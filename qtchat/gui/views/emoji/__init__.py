"""Choosing an emoji: a popup with search, categories and the ones used last."""

from qtchat.gui.views.emoji.picker import EmojiPicker

__all__ = ["EmojiPicker"]

"""The settings dialog: one page a module, and the controls that they share. A page asks by signals and acts on nothing;
what is chosen is in force at once."""

from qtchat.gui.views.settings.dialog import Page, SettingsDialog
from qtchat.gui.views.settings.facts import Facts

__all__ = ["Facts", "Page", "SettingsDialog"]

"""Moderation as people see it: menus, dialogs, lists, and the words of all of them."""

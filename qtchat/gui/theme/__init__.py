"""Colours, distances, type, icons and avatars. Passed to views by their constructors; there is no global theme."""

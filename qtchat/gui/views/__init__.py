"""Pixels. A view paints what a model says and asks for things by signals; it never acts by itself."""

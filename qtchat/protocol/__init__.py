"""LAYER 0: the wire protocol, without I/O. README.md in this folder is the normative specification."""

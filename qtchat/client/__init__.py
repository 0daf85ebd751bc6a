"""LAYER 2: one account on one server, without Qt. Imports net and protocol; never server or gui."""

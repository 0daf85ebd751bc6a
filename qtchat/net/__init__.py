"""LAYER 1: sockets, TLS and threads; no chat rules, no Qt. Shared by server and client."""

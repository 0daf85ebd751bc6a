"""How a peer gets in, one file for each kind of door. To the hub all peers look alike (server.state.Peer)."""

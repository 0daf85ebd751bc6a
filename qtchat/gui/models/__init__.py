"""Qt models over client.state: a change of the state becomes insertRows, moveRows or dataChanged."""

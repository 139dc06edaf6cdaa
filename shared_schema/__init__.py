"""The wire contract: everything that travels between a hub, its nodes and any reader."""

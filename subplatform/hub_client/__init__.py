"""The node's side of the federation protocol: keys, anchor, and every call to the hub."""

"""The demonstration: a hub and two nodes exchange real listings on this machine."""

"""The one door to the network: what comes in is bounded and checked, what goes out is guarded."""

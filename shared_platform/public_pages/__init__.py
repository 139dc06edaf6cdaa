"""The catalogue for people: a list and a page for each listing, the same at hub and node."""

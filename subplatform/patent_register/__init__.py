"""The patent register behind one interface, so that DEC-03, 04 and 10-14 are really checked."""

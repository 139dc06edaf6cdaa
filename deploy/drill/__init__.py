"""`make drill`: break the federation in every way we know, and prove that nothing was lost."""

"""Pages for people who signed in: who they are, what they may open, forms that lose nothing."""

"""A user from creation to deletion, and what main tells post."""

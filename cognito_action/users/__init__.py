"""A user from creation to deletion, and the state in which main tells post who may exist."""

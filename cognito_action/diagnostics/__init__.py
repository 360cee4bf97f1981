"""Errors, ready to read: what failed, why, and what to change."""

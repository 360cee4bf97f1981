"""Signing users in: flows, challenges, the second factor, and the browser state."""

"""Credentials, the SDK, and the user pool."""

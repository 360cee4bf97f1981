"""AWS: credentials, the SDK, and the user pool."""

"""The command `cognito-test-user`: one module for each of its stories, to be read from top to bottom."""

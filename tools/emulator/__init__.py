"""The embedded AWS and GitHub that the demo and the tests run the action against."""

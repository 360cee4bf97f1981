"""The steps of self-test.yml around the action itself: an AWS account on the runner, and what the action left in it."""

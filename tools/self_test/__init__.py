"""The steps of self-test.yml around the action: start an emulated AWS account, and check what the action left in it."""

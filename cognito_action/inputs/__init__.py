"""What a workflow writes under `with:`, one model for each `action.yml`."""

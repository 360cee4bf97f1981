"""The errors as their reader gets them: what failed, why, and what to change."""

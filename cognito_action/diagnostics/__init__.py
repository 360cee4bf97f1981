"""Why a call failed, and what to change: all such words, and no others."""

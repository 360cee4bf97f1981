#!/usr/bin/env bash
# The post step, which deletes the user. It uses the session of the main step: one call, while the action makes three.
set -euo pipefail
export AWS_ACCESS_KEY_ID=$STATE_AWS_ACCESS_KEY_ID
export AWS_SECRET_ACCESS_KEY=$STATE_AWS_SECRET_ACCESS_KEY
export AWS_SESSION_TOKEN=$STATE_AWS_SESSION_TOKEN
aws cognito-idp admin-delete-user --user-pool-id "$STATE_pool" --username "$STATE_username"

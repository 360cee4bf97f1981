#!/usr/bin/env bash
# The shell commands that the action replaces: the main step, which creates the user.
set -euo pipefail

token=$(curl --silent --show-error --fail --header "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
  "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" | sed -E 's/.*"value": *"([^"]+)".*/\1/')
echo "::add-mask::$token"

read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN < <(aws sts assume-role-with-web-identity \
  --role-arn "$ROLE" --role-session-name shell --web-identity-token "$token" --duration-seconds 900 \
  --query 'Credentials.[AccessKeyId, SecretAccessKey, SessionToken]' --output text)
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
for value in "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_SESSION_TOKEN"; do echo "::add-mask::$value"; done

username="shell-$RANDOM$RANDOM@example.com"
password="Aa1-$(head --bytes 18 /dev/urandom | base64 | tr '+/' '._')"
echo "::add-mask::$password"
{
  echo "pool=$POOL"
  echo "username=$username"
  echo "AWS_ACCESS_KEY_ID=$AWS_ACCESS_KEY_ID"
  echo "AWS_SECRET_ACCESS_KEY=$AWS_SECRET_ACCESS_KEY"
  echo "AWS_SESSION_TOKEN=$AWS_SESSION_TOKEN"
} >> "$GITHUB_STATE"

aws cognito-idp admin-create-user --user-pool-id "$POOL" --username "$username" --message-action SUPPRESS \
  --user-attributes "Name=email,Value=$username" Name=email_verified,Value=true > /dev/null
aws cognito-idp admin-set-user-password --user-pool-id "$POOL" --username "$username" --password "$password" --permanent
printf 'username=%s\npassword=%s\n' "$username" "$password" >> "$GITHUB_OUTPUT"

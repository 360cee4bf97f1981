# What the role may do, and who may assume it. Nothing here calls AWS, so a test can evaluate it without an account.
locals {
  # The audience that the action asks for.
  audience = local.partition == "aws-cn" ? "sts.amazonaws.com.cn" : "sts.amazonaws.com"
  region   = split("_", var.user_pool_id)[0]

  trust_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = local.audience
          "token.actions.githubusercontent.com:sub" = var.github_subjects
        }
      }
    }]
  })

  permissions = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.users], local.identities)
  })

  users = {
    Effect = "Allow"
    Action = concat(
      ["cognito-idp:AdminCreateUser", "cognito-idp:AdminSetUserPassword", "cognito-idp:AdminDeleteUser"],
      var.groups ? ["cognito-idp:AdminAddUserToGroup"] : [],
      # A sign-up needs it too: it tells whether the app client belongs to the pool.
      var.sign_in || var.sign_up ? ["cognito-idp:AdminInitiateAuth"] : [],
      var.sign_in ? ["cognito-idp:AdminRespondToAuthChallenge"] : [],
      var.sign_up ? ["cognito-idp:AdminConfirmSignUp", "cognito-idp:AdminUpdateUserAttributes"] : [],
      var.sweep ? ["cognito-idp:ListUsers"] : [],
    )
    Resource = "arn:${local.partition}:cognito-idp:${local.region}:${local.account}:userpool/${var.user_pool_id}"
  }

  # The call names no identity pool, so IAM has no resource for it: this key says whose identities they are.
  identities = var.identity_pool_id == null ? [] : [{
    Effect   = "Allow"
    Action   = "cognito-identity:DeleteIdentities"
    Resource = "*"
    Condition = {
      StringEquals = {
        "cognito-identity:IdentityPoolArn" = "arn:${local.partition}:cognito-identity:${split(":", var.identity_pool_id)[0]}:${local.account}:identitypool/${var.identity_pool_id}"
      }
    }
  }]
}

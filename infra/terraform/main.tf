data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account      = data.aws_caller_identity.current.account_id
  partition    = data.aws_partition.current.partition
  provider_arn = var.oidc_provider_arn == null ? aws_iam_openid_connect_provider.github[0].arn : var.oidc_provider_arn
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.oidc_provider_arn == null ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = [local.audience]

  # An account has one for all its repositories. Other roles may trust it by the time this module is destroyed.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_iam_role" "this" {
  name_prefix        = "cognito-test-user-"
  description        = "Creates and deletes the test users of GitHub Actions workflows in ${var.user_pool_id}"
  assume_role_policy = local.trust_policy
}

resource "aws_iam_role_policy" "this" {
  name   = "cognito-test-user"
  role   = aws_iam_role.this.id
  policy = local.permissions
}

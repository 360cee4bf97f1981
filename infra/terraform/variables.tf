variable "user_pool_id" {
  description = "The pool for test users, in the provider's account; it may be in a different region."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}_[0-9a-zA-Z]+$", var.user_pool_id))
    error_message = "A user pool ID looks like eu-central-1_AbCdEfGhI."
  }
}

variable "github_subjects" {
  description = "The exact values of `sub` in the ID tokens of the workflows that may assume the role, for example repo:octo-org/octo-app:ref:refs/heads/main."
  type        = list(string)

  validation {
    condition     = length(var.github_subjects) > 0 && alltrue([for subject in var.github_subjects : can(regex("^[^*?]+$", subject))])
    error_message = "Name at least one `sub`. The values are compared as they are, so a wildcard would match nothing."
  }
}

variable "oidc_provider_arn" {
  description = "The ARN of the account's identity provider for GitHub. If it is null, the module creates the provider."
  type        = string
  default     = null

  validation {
    condition     = var.oidc_provider_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.oidc_provider_arn))
    error_message = "It ends in oidc-provider/token.actions.githubusercontent.com."
  }
}

variable "groups" {
  description = "Whether users may join groups."
  type        = bool
  default     = false
}

variable "sign_in" {
  description = "Whether users may be signed in by ADMIN_USER_PASSWORD_AUTH; the other flows need no permission."
  type        = bool
  default     = false
}

variable "sign_up" {
  description = "Whether users who sign up may be confirmed and have their email addresses marked as verified."
  type        = bool
  default     = false
}

variable "sweep" {
  description = "Whether the users of the pool may be listed, for the sweep and for pools whose usernames are phone numbers."
  type        = bool
  default     = false
}

variable "identity_pool_id" {
  description = "The identity pool, in the provider's account, whose identities may be deleted; it may be in a different region than the user pool. If it is null, the identities of deleted users stay."
  type        = string
  default     = null

  validation {
    condition     = var.identity_pool_id == null || can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.identity_pool_id))
    error_message = "An identity pool ID looks like eu-central-1:1a2b3c4d-1111-2222-3333-444455556666."
  }
}

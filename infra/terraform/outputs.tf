output "role_arn" {
  description = "The input role-to-assume of the action."
  value       = aws_iam_role.this.arn
}

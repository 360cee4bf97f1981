output "role_arn" {
  description = "The action's input role-to-assume."
  value       = aws_iam_role.this.arn
}

"""A GitHub Action that lends a workflow a user of an Amazon Cognito user pool."""

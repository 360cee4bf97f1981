"""A GitHub Action that creates users of an Amazon Cognito user pool and deletes them when the job ends."""

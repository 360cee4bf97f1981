// A Cognito client with the role's credentials, for main and post.
import { getIDToken, setSecret } from '@actions/core'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts'

export async function connect(role, pool, operations) {
  const region = pool.split('_')[0]
  const token = await getIDToken('sts.amazonaws.com')
  const { Credentials } = await new STSClient({ region }).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: role,
      RoleSessionName: 'node',
      WebIdentityToken: token,
      DurationSeconds: 900,
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: operations.map((name) => `cognito-idp:${name}`),
            Resource: `arn:aws:cognito-idp:${region}:${role.split(':')[4]}:userpool/${pool}`
          }
        ]
      })
    })
  )
  const credentials = {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken
  }
  Object.values(credentials).forEach((value) => setSecret(value))
  return new CognitoIdentityProviderClient({ region, credentials })
}

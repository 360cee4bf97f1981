// The peer's main step, which creates the user.
import { randomBytes } from 'node:crypto'
import { getInput, saveState, setFailed, setOutput, setSecret } from '@actions/core'
import { AdminCreateUserCommand, AdminSetUserPasswordCommand } from '@aws-sdk/client-cognito-identity-provider'
import { connect } from './access.js'

async function main() {
  const role = getInput('role-to-assume')
  const pool = getInput('user-pool-id', { required: true })
  const username = `node-${randomBytes(8).toString('hex')}@example.com`
  const password = `Aa1-${randomBytes(18).toString('base64url')}`
  setSecret(username)
  setSecret(password)
  const cognito = await connect(role, pool, ['AdminCreateUser', 'AdminSetUserPassword'])
  saveState('role', role)
  saveState('pool', pool)
  saveState('username', username)
  await cognito.send(
    new AdminCreateUserCommand({
      UserPoolId: pool,
      Username: username,
      MessageAction: 'SUPPRESS',
      UserAttributes: [
        { Name: 'email', Value: username },
        { Name: 'email_verified', Value: 'true' }
      ]
    })
  )
  await cognito.send(
    new AdminSetUserPasswordCommand({ UserPoolId: pool, Username: username, Password: password, Permanent: true })
  )
  setOutput('username', username)
  setOutput('password', password)
}

main().catch(setFailed)

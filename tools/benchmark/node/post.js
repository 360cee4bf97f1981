// The peer's post step, which deletes the user.
import { getState, setFailed } from '@actions/core'
import { AdminDeleteUserCommand } from '@aws-sdk/client-cognito-identity-provider'
import { connect } from './access.js'

async function post() {
  const pool = getState('pool')
  const cognito = await connect(getState('role'), pool, ['AdminDeleteUser'])
  await cognito.send(new AdminDeleteUserCommand({ UserPoolId: pool, Username: getState('username') }))
}

post().catch(setFailed)

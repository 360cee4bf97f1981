import { CognitoUserPool } from 'amazon-cognito-identity-js'

export async function open({ poolId, clientId }, show) {
  const endpoint = `${location.origin}/cognito`
  const user = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint }).getCurrentUser()

  function call(method, ...args) {
    return new Promise((resolve, reject) => {
      user[method](...args, (error, result) => (error ? reject(error) : resolve(result)))
    })
  }

  async function update() {
    const session = user && (await call('getSession'))
    show(session && tokens(session, user.getUsername()), {
      refresh: () => call('refreshSession', session.getRefreshToken()).then(update),
      signOut: () => new Promise((resolve) => user.signOut(resolve)).then(() => show(null, {})),
    })
  }

  await update()
}

export function tokens(session, username) {
  return {
    username,
    idToken: session.getIdToken().getJwtToken(),
    accessToken: session.getAccessToken().getJwtToken(),
  }
}

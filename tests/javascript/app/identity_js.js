import { AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool } from 'amazon-cognito-identity-js'

export async function open({ poolId, clientId }, show) {
  const endpoint = `${location.origin}/cognito`
  const pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint })
  let user = pool.getCurrentUser()

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
      signUp,
      signIn,
    })
  }

  function signUp({ username, email, password }) {
    const attributes = [new CognitoUserAttribute({ Name: 'email', Value: email })]
    return new Promise((resolve, reject) => {
      pool.signUp(username, password, attributes, null, (error) => (error ? reject(error) : resolve()))
    })
  }

  async function signIn({ username, password }) {
    user = new CognitoUser({ Username: username, Pool: pool })
    const details = new AuthenticationDetails({ Username: username, Password: password })
    await new Promise((resolve, reject) => user.authenticateUser(details, { onSuccess: resolve, onFailure: reject }))
    await update()
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

import { Amplify } from 'aws-amplify'
import { fetchAuthSession, getCurrentUser, signIn as enter, signOut as leave, signUp as join } from 'aws-amplify/auth'

export async function open({ library, poolId, clientId }, show) {
  const Cognito = { userPoolId: poolId, userPoolClientId: clientId, userPoolEndpoint: `${location.origin}/cognito` }
  Amplify.configure({ Auth: { Cognito } }, { ssr: library === 'amplify6-cookies' })

  async function update(options) {
    const { tokens } = await fetchAuthSession(options)
    show(tokens && (await session(tokens)), { refresh: () => update({ forceRefresh: true }), signOut, signUp, signIn })
  }

  async function session({ idToken, accessToken }) {
    const { username } = await getCurrentUser()
    return { username, idToken: idToken.toString(), accessToken: accessToken.toString() }
  }

  async function signOut() {
    await leave()
    await update()
  }

  function signUp({ username, email, password }) {
    return join({ username, password, options: { userAttributes: { email } } })
  }

  async function signIn({ username, password }) {
    await enter({ username, password })
    await update()
  }

  await update()
}

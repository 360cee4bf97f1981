import { Amplify } from 'aws-amplify'
import { fetchAuthSession, getCurrentUser, signOut as leave } from 'aws-amplify/auth'

export async function open({ library, poolId, clientId }, show) {
  const Cognito = { userPoolId: poolId, userPoolClientId: clientId, userPoolEndpoint: `${location.origin}/cognito` }
  Amplify.configure({ Auth: { Cognito } }, { ssr: library === 'amplify6-cookies' })

  async function update(options) {
    const { tokens } = await fetchAuthSession(options)
    show(tokens && (await session(tokens)), { refresh: () => update({ forceRefresh: true }), signOut })
  }

  async function session({ idToken, accessToken }) {
    const { username } = await getCurrentUser()
    return { username, idToken: idToken.toString(), accessToken: accessToken.toString() }
  }

  async function signOut() {
    await leave()
    await update()
  }

  await update()
}

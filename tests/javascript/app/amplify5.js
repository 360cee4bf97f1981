import { Auth } from 'amplify-5-auth'
import { tokens } from './identity_js.js'

export async function open({ library, poolId, clientId }, show) {
  const cookieStorage = { domain: location.hostname, path: '/', expires: 1, secure: false, sameSite: 'lax' }
  Auth.configure({
    region: poolId.split('_')[0],
    userPoolId: poolId,
    userPoolWebClientId: clientId,
    endpoint: `${location.origin}/cognito`,
    ...(library === 'amplify5-cookies' && { cookieStorage }),
  })

  async function update() {
    const user = await Auth.currentAuthenticatedUser().catch((error) => {
      if (error === 'The user is not authenticated') return null
      throw error
    })
    show(user && tokens(await Auth.currentSession(), user.getUsername()), { refresh, signOut })
  }

  async function refresh() {
    const user = await Auth.currentAuthenticatedUser()
    await new Promise((resolve, reject) => {
      user.refreshSession(user.getSignInUserSession().getRefreshToken(), (error) => (error ? reject(error) : resolve()))
    })
    await update()
  }

  async function signOut() {
    await Auth.signOut()
    await update()
  }

  await update()
}

// It keeps the session in local storage, and renews it by itself if the tokens have expired.
import { UserManager, WebStorageStateStore } from 'oidc-client-ts'

export async function open(settings, show) {
  const manager = new UserManager({
    ...oidcSettings(settings),
    userStore: new WebStorageStateStore({ store: window.localStorage }),
  })

  async function update() {
    const user = await manager.getUser()
    show(user?.expired ? session(await manager.signinSilent()) : session(user), { refresh, signOut })
  }

  async function refresh() {
    await manager.signinSilent()
    await update()
  }

  async function signOut() {
    await manager.removeUser()
    await update()
  }

  await update()
}

// The emulator's endpoint. Elsewhere the library reads the endpoints from the issuer.
export function oidcSettings({ authority, clientId }) {
  return {
    authority,
    metadata: { issuer: authority, token_endpoint: `${location.origin}/oauth2/token` },
    client_id: clientId,
    redirect_uri: location.origin,
    scope: 'openid email',
  }
}

export function session(user) {
  return user && { username: user.profile['cognito:username'], idToken: user.id_token, accessToken: user.access_token }
}

// How an app finds out at startup who is signed in, with each of the three libraries. Nothing here signs anyone in.
// Each function returns the tokens of the restored session, or null if there is none. Without `storage`, the library
// uses its default: the browser's local storage.
import { cognitoUserPoolsTokenProvider, getCurrentUser } from '@aws-amplify/auth/cognito'
import { Amplify, fetchAuthSession } from '@aws-amplify/core'
import { CognitoUserPool } from 'amazon-cognito-identity-js'
import { Auth } from 'amplify-5-auth'

export const libraries = { 'identity-js': identityJs, amplify5, amplify6 }

function identityJs({ poolId, clientId, endpoint, storage }) {
  const pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint, Storage: storage })
  const user = pool.getCurrentUser()
  if (!user) return null
  return new Promise((resolve, reject) => {
    user.getSession((error, session) => {
      if (error) reject(error)
      else resolve(session.isValid() ? tokens(session, user.getUsername()) : null)
    })
  })
}

async function amplify5({ poolId, clientId, endpoint, storage }) {
  const region = poolId.split('_')[0]
  Auth.configure({ region, userPoolId: poolId, userPoolWebClientId: clientId, endpoint, storage })
  const user = await Auth.currentAuthenticatedUser().catch((error) => {
    if (error === 'The user is not authenticated') return null
    throw error
  })
  return user && tokens(await Auth.currentSession(), user.getUsername())
}

async function amplify6({ poolId, clientId, endpoint, storage }) {
  const Cognito = { userPoolId: poolId, userPoolClientId: clientId, userPoolEndpoint: endpoint }
  // What `Amplify.configure` of the package `aws-amplify` does for an app that uses only Auth.
  Amplify.configure({ Auth: { Cognito } }, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider } })
  cognitoUserPoolsTokenProvider.setAuthConfig({ Cognito })
  if (storage) cognitoUserPoolsTokenProvider.setKeyValueStorage(storage)
  const session = await fetchAuthSession()
  if (!session.tokens) return null
  const { username } = await getCurrentUser()
  const { accessToken, idToken } = session.tokens
  return { username, accessToken: accessToken.toString(), idToken: idToken.toString() }
}

function tokens(session, username) {
  return {
    username,
    accessToken: session.getAccessToken().getJwtToken(),
    idToken: session.getIdToken().getJwtToken(),
  }
}

// A web app that shows who is signed in: what the library restored, and what Cognito says about its access token.
// The address of the page names the library, the pool and the client.
import { libraries } from './sessions.js'

async function whoIsSignedIn() {
  const { library, ...app } = Object.fromEntries(new URLSearchParams(location.search))
  const session = await libraries[library](app)
  if (!session) return 'no one'
  const user = await getUser(app.endpoint, session.accessToken)
  const sub = user.UserAttributes.find(({ Name }) => Name === 'sub').Value
  return `${session.username} is ${sub}`
}

async function getUser(endpoint, accessToken) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': 'AWSCognitoIdentityProviderService.GetUser',
    },
    body: JSON.stringify({ AccessToken: accessToken }),
  })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}

document.getElementById('who').textContent = await whoIsSignedIn().catch((error) => `error: ${error?.message ?? error}`)

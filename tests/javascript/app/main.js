// A web app that shows who is signed in, with one of the libraries: `settings.json` says which, and the pool. Each
// module has `open`, which calls `show` with the session at the start and after each change: the library's name of the
// user and the tokens, or nothing if no one is signed in. Nothing here signs anyone in, unless the settings say what the
// form to sign up asks for.
import { claimsOf } from './claims.js'
import { element, forms } from './forms.js'

const apps = {
  'identity-js': () => import('./identity_js.js'),
  amplify5: () => import('./amplify5.js'),
  'amplify5-cookies': () => import('./amplify5.js'),
  amplify6: () => import('./amplify6.js'),
  'amplify6-cookies': () => import('./amplify6.js'),
  'oidc-client-ts': () => import('./oidc_client_ts.js'),
  'react-oidc-context': () => import('./react_oidc_context.js'),
}

const main = document.querySelector('main')

async function show(session, { refresh, signOut, signUp, signIn }) {
  if (!session && settings.asked) return forms(main, settings.asked, { signUp, signIn, fail })
  const content = session ? await account(session) : [element('h1', 'Please sign in')]
  main.replaceChildren(...content, button('Refresh', refresh), button('Sign out', signOut))
}

// What Cognito says with the access token, and what the library says.
async function account({ username, idToken, accessToken }) {
  const user = await getUser(accessToken)
  const { sub, email } = Object.fromEntries(user.UserAttributes.map(({ Name, Value }) => [Name, Value]))
  return [
    element('h1', `Signed in as ${user.Username === sub ? email : user.Username}`),
    element('p', `${username} is ${sub}`),
    ...(claimsOf(idToken)['cognito:groups'] ?? []).map((group) => element('li', group)),
    element('pre', accessToken),
  ]
}

async function getUser(accessToken) {
  const response = await fetch('/cognito', {
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

function button(name, action) {
  return Object.assign(element('button', name), { onclick: () => action().catch(fail) })
}

function fail(error) {
  main.replaceChildren(element('h1', `Error: ${error?.message ?? error}`))
}

const settings = await (await fetch('/settings.json')).json()
const { open } = await apps[settings.library]()
await open(settings, (session, actions) => show(session, actions).catch(fail)).catch(fail)

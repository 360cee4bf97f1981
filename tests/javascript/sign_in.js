// A sign-in of amazon-cognito-identity-js, by SRP unless `flow` says otherwise.
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js'
import { answer } from './io.js'

function signIn({ poolId, clientId, endpoint, username, password, flow }) {
  const pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint })
  const user = new CognitoUser({ Username: username, Pool: pool })
  if (flow) user.setAuthenticationFlowType(flow)
  return new Promise((resolve) => {
    const otherwise = (challenge) => () => resolve({ challenge })
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: password }), {
      onSuccess: (session) =>
        resolve({
          accessToken: session.getAccessToken().getJwtToken(),
          idToken: session.getIdToken().getJwtToken(),
          refreshToken: session.getRefreshToken().getToken(),
        }),
      onFailure: ({ code, message }) => resolve({ error: code, message }),
      newPasswordRequired: otherwise('NEW_PASSWORD_REQUIRED'),
      mfaRequired: otherwise('SMS_MFA'),
      mfaSetup: otherwise('MFA_SETUP'),
      totpRequired: otherwise('SOFTWARE_TOKEN_MFA'),
      customChallenge: otherwise('CUSTOM_CHALLENGE'),
    })
  })
}

await answer(signIn)

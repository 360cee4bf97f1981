// A sign-in with amazon-cognito-identity-js, by SRP unless `flow` says otherwise.
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js'
import { answer } from './io.js'

function signIn({ poolId, clientId, endpoint, username, password, flow }) {
  const pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint })
  const user = new CognitoUser({ Username: username, Pool: pool })
  if (flow) user.setAuthenticationFlowType(flow)
  return new Promise((resolve) => {
    const onChallenge = (challenge) => () => resolve({ challenge })
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: password }), {
      onSuccess: (session) =>
        resolve({
          accessToken: session.getAccessToken().getJwtToken(),
          idToken: session.getIdToken().getJwtToken(),
          refreshToken: session.getRefreshToken().getToken(),
        }),
      onFailure: ({ code, message }) => resolve({ error: code, message }),
      newPasswordRequired: onChallenge('NEW_PASSWORD_REQUIRED'),
      mfaRequired: onChallenge('SMS_MFA'),
      mfaSetup: onChallenge('MFA_SETUP'),
      totpRequired: onChallenge('SOFTWARE_TOKEN_MFA'),
      customChallenge: onChallenge('CUSTOM_CHALLENGE'),
    })
  })
}

await answer(signIn)

// The devices of amazon-cognito-identity-js: for each pair of keys, a password and what Cognito would learn of it.
import helper from 'amazon-cognito-identity-js/lib/AuthenticationHelper.js'
import { answer } from './io.js'

function device({ groupKey, key }) {
  const client = new helper.default('unused')
  client.generateHashDevice(groupKey, key, (error) => {
    if (error) throw error
  })
  return {
    password: client.getRandomPassword(),
    Salt: Buffer.from(client.getSaltDevices(), 'hex').toString('base64'),
    PasswordVerifier: Buffer.from(client.getVerifierDevices(), 'hex').toString('base64'),
  }
}

await answer((devices) => devices.map(device))

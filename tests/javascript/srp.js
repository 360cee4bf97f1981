// The proofs of amazon-cognito-identity-js, computed with secrets that the test chose: a list in, a list out.
import { createHmac } from 'node:crypto'
import helper from 'amazon-cognito-identity-js/lib/AuthenticationHelper.js'
import bigInteger from 'amazon-cognito-identity-js/lib/BigInteger.js'
import { answer } from './io.js'

const AuthenticationHelper = helper.default
const BigInteger = bigInteger.default

function clientWith(poolName, smallA) {
  class Client extends AuthenticationHelper {
    generateRandomSmallA() {
      return smallA
    }
  }
  return new Client(poolName)
}

function proof({ poolName, userId, password, saltHex, serverBHex, smallAHex, secretBlock, timestamp }) {
  const client = clientWith(poolName, new BigInteger(smallAHex, 16))
  const result = { largeA: client.largeAValue.toString(16) }
  const [serverB, salt] = [new BigInteger(serverBHex, 16), new BigInteger(saltHex, 16)]
  client.getPasswordAuthenticationKey(userId, password, serverB, salt, (error, key) => {
    if (error) throw error
    result.key = Buffer.from(key).toString('hex')
    result.signature = createHmac('sha256', key)
      .update(poolName + userId)
      .update(Buffer.from(secretBlock, 'base64'))
      .update(timestamp)
      .digest('base64')
  })
  return result
}

await answer((vectors) => vectors.map(proof))

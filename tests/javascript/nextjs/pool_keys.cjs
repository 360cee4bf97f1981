// Loaded into the server before Next.js is: the pool's keys, with which the adapter verifies signatures, come from
// `POOL_KEYS`. The adapter has no setting for that, and asks the issuer, which is a host name of AWS.
const http = require('node:http')
const https = require('node:https')

https.request = (url, { method }, callback) =>
  http.request(new URL(new URL(url).pathname, process.env.POOL_KEYS), { method }, callback)

// What next-auth reads from its session cookie.
import { decode } from 'next-auth/jwt'
import { answer } from './io.js'

await answer(decode)

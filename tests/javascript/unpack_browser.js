// Unpack the browser that the package carries, with the libraries that a machine may lack. It is for Linux on x64;
// elsewhere the tests take the browser that is installed.
import { fileURLToPath } from 'node:url'
import { mkdir } from 'node:fs/promises'

if (process.platform === 'linux' && process.arch === 'x64') {
  const folder = fileURLToPath(new URL('node_modules/.chromium', import.meta.url))
  await mkdir(folder)
  process.env.TMPDIR = folder
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs20.x' // "with the libraries", in the package's words
  const { default: chromium } = await import('@sparticuz/chromium')
  await chromium.executablePath()
}

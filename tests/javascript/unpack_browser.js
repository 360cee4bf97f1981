// Unpack the browser in the package, with the libraries that a machine may lack, and with a font, without which text
// has no size. It is for Linux on x64; elsewhere the tests use the installed browser.
import { fileURLToPath } from 'node:url'
import { mkdir, writeFile } from 'node:fs/promises'

if (process.platform === 'linux' && process.arch === 'x64') {
  const folder = fileURLToPath(new URL('node_modules/.chromium', import.meta.url))
  await mkdir(folder)
  process.env.TMPDIR = folder
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs20.x' // makes the package unpack the libraries
  const { default: chromium } = await import('@sparticuz/chromium')
  await chromium.executablePath()
  // The package's own configuration looks for fonts in folders of AWS Lambda.
  const configuration = `<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/fonts/cache</cachedir></fontconfig>`
  await writeFile(`${folder}/fonts/fonts.conf`, configuration)
}

// `page.js` and everything that it imports, as one file for a browser.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { answer } from './io.js'

await answer(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.js', import.meta.url))],
    bundle: true,
    format: 'esm',
    define: { global: 'globalThis' },
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0].text
})

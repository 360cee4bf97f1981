// What the server says at a request, and at the next one: the browser runs no code.
import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'

const { STORAGE_STATE, USERNAME, EXPIRED, EXPIRED_USERNAME } = process.env

const forged = JSON.parse(readFileSync(STORAGE_STATE, 'utf8'))
const token = forged.cookies.find(({ name }) => name.endsWith('.accessToken'))
token.value = token.value.replace(/[^.]+$/, 'AAAA')

for (const [title, storageState, heading] of [
  ['signed in', STORAGE_STATE, `Signed in as ${USERNAME}`],
  ['signed in with expired tokens', EXPIRED, `Signed in as ${EXPIRED_USERNAME}`],
  ['no one signed in with a false signature', forged, 'Please sign in'],
  ['no one signed in without the file', { cookies: [], origins: [] }, 'Please sign in'],
]) {
  test.describe(() => {
    test.use({ javaScriptEnabled: false, storageState })

    test(title, async ({ page }) => {
      await page.goto('/')
      await expect(page.getByRole('heading')).toHaveText(heading)
      await page.reload()
      await expect(page.getByRole('heading')).toHaveText(heading)
    })
  })
}

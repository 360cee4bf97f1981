// What each library does with the session in a file. Most tests give it nothing but the part of the file that it reads.
// The app shows the access token, and whom Cognito takes its bearer for.
import { readFileSync } from 'node:fs'
import { expect, test } from './fixtures.js'

const { STORAGE_STATE, USERNAME, SUB, CLAIMED, ACCESS_TOKEN, LEAVERS } = process.env
const { cookies, origins } = JSON.parse(readFileSync(STORAGE_STATE, 'utf8'))
const [{ origin, localStorage }] = origins

function readBy(library, { name, domain }) {
  if (library.includes('cookies')) return Boolean(domain)
  return !domain && name.startsWith(library.includes('oidc') ? 'oidc.user:' : 'CognitoIdentityServiceProvider.')
}

function stateOf(wanted) {
  return {
    storageState: ({}, use, { project }) => {
      const part = (entries) => entries.filter((entry) => readBy(project.name, entry) === wanted)
      return use({ cookies: part(cookies), origins: [{ origin, localStorage: part(localStorage) }] })
    },
  }
}

const heading = (page) => page.getByRole('heading')
const token = (page) => page.locator('pre')

async function expectSignedIn(page) {
  await expect(heading(page)).toHaveText(`Signed in as ${USERNAME}`)
  await expect(page.locator('p')).toHaveText(`${CLAIMED} is ${SUB}`)
  await expect(page.getByRole('listitem')).toHaveCount(0)
}

test.describe(() => {
  test.use(stateOf(true))

  test('signed in, also after reloads and a refresh', async ({ page }) => {
    await page.goto('/')
    await expectSignedIn(page)
    await expect(token(page)).toHaveText(ACCESS_TOKEN)
    await page.reload()
    await expectSignedIn(page)
    await expect(token(page)).toHaveText(ACCESS_TOKEN)

    await page.getByRole('button', { name: 'Refresh' }).click()
    await expect(token(page)).not.toHaveText(ACCESS_TOKEN)
    await expectSignedIn(page)
    const renewed = await token(page).textContent()
    await page.reload()
    await expectSignedIn(page)
    await expect(token(page)).toHaveText(renewed)
  })

  test('signed in with other tokens if those of the file have expired', async ({ page }, { project }) => {
    await page.clock.install({ time: Date.now() + 2 * 3_600_000 })
    await page.goto('/')
    if (project.name === 'react-oidc-context') {
      await expect(heading(page)).toHaveText('Please sign in')
      await page.getByRole('button', { name: 'Refresh' }).click()
    }
    await expectSignedIn(page)
    await expect(token(page)).not.toHaveText(ACCESS_TOKEN)
  })

  test('no one signed in at another origin', async ({ page }) => {
    await page.goto(origin.replace('127.0.0.1', 'localhost'))
    await expect(heading(page)).toHaveText('Please sign in')
  })
})

test.describe(() => {
  test.use(stateOf(false))

  test('no one signed in without what the library reads', async ({ page }) => {
    await page.goto('/')
    await expect(heading(page)).toHaveText('Please sign in')
  })
})

test.describe(() => {
  test.use({ storageState: ({}, use, { project }) => use(JSON.parse(LEAVERS)[project.name]['storage-state']) })

  test('another user signed in, with a group, and out', async ({ page }) => {
    await page.goto('/')
    await expect(heading(page)).toHaveText(/^Signed in as /)
    await expect(heading(page)).not.toHaveText(`Signed in as ${USERNAME}`)
    await expect(page.getByRole('listitem')).toHaveText(['viewers'])
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(heading(page)).toHaveText('Please sign in')
    await page.reload()
    await expect(heading(page)).toHaveText('Please sign in')
  })
})

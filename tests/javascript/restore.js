// An app that starts with the local storage of a Playwright `storageState` file, and nothing else. It starts `hours`
// hours from now.
import { readFile } from 'node:fs/promises'
import { mock } from 'node:test'
import { answer } from './io.js'
import { libraries } from './sessions.js'

class LocalStorage {
  constructor(entries) {
    this.entries = new Map(entries.map(({ name, value }) => [name, value]))
  }
  getItem(name) {
    return this.entries.get(name) ?? null
  }
  setItem(name, value) {
    this.entries.set(name, String(value))
  }
  removeItem(name) {
    this.entries.delete(name)
  }
  clear() {
    this.entries.clear()
  }
}

async function restore({ library, state, origin, hours = 0, ...app }) {
  const { origins } = JSON.parse(await readFile(state, 'utf8'))
  const entries = origins.filter((entry) => entry.origin === origin).flatMap(({ localStorage }) => localStorage)
  if (hours) mock.timers.enable({ apis: ['Date'], now: Date.now() + hours * 3_600_000 })
  return libraries[library]({ ...app, storage: new LocalStorage(entries) })
}

await answer(restore)

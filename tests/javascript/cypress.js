// The Cypress recipe, loaded as Cypress does: its configuration, and its command. Cypress itself is faked: `Cypress`,
// `cy.task`, `cy.setCookie`, `cy.visit` and the window of the page. The answer is what a page finds when it loads.
import { createRequire } from 'node:module'
import { answer } from './io.js'

function load(code, globals = {}) {
  const module = { exports: {} }
  const scope = { module, require: createRequire(import.meta.url), ...globals }
  new Function(...Object.keys(scope), code)(...Object.values(scope))
  return module.exports
}

function storage() {
  const items = {}
  return { items, setItem: (name, value) => (items[name] = value) }
}

function cypress(config, commands) {
  const { e2e } = load(config)
  const tasks = {}
  e2e.setupNodeEvents((event, handlers) => Object.assign(tasks, event === 'task' ? handlers : {}))
  const cookies = []
  const window = { localStorage: storage(), sessionStorage: storage() }
  const added = {}
  const visited = []
  load(commands, {
    Cypress: { Commands: { add: (name, command) => (added[name] = command) } },
    cy: {
      task: (name, argument) => ({ then: (use) => use(tasks[name](argument)) }),
      setCookie: (name, value, { log, ...options }) => cookies.push({ name, value, ...options }),
      visit: (path, { onBeforeLoad }) => {
        onBeforeLoad(window)
        visited.push({
          url: `${e2e.baseUrl}${path}`,
          cookies: [...cookies],
          localStorage: window.localStorage.items,
          sessionStorage: window.sessionStorage.items,
        })
      },
    },
  })
  added.startSignedIn()
  return visited
}

await answer(({ config, commands, storageState }) => {
  process.env.STORAGE_STATE = storageState
  return cypress(config, commands)
})

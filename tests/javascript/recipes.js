// The JavaScript of the recipes, loaded as the tools do: Playwright's configuration, and Cypress's with its command.
// Cypress itself is faked: `Cypress`, `cy.task`, `cy.visit` and the window of the page.
import { createRequire } from 'node:module'
import { answer } from './io.js'

function load(code, globals = {}) {
  const module = { exports: {} }
  const scope = { module, require: createRequire(import.meta.url), ...globals }
  new Function(...Object.keys(scope), code)(...Object.values(scope))
  return module.exports
}

function cypress(config, commands) {
  const { e2e } = load(config)
  const tasks = {}
  e2e.setupNodeEvents((event, handlers) => Object.assign(tasks, event === 'task' ? handlers : {}))
  const stored = []
  const window = { localStorage: { setItem: (name, value) => stored.push({ name, value }) } }
  const added = {}
  load(commands, {
    Cypress: { Commands: { add: (name, command) => (added[name] = command) } },
    cy: {
      task: (name, argument) => ({ then: (use) => use(tasks[name](argument)) }),
      visit: (path, { onBeforeLoad }) => onBeforeLoad(window),
    },
  })
  added.startSignedIn()
  return { baseUrl: e2e.baseUrl, stored }
}

await answer(({ playwright, cypressConfig, cypressCommands, storageState }) => {
  process.env.STORAGE_STATE = storageState
  return { playwright: load(playwright).use, cypress: cypress(cypressConfig, cypressCommands) }
})

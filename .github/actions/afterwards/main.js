// Saves the command for the post step.
const { appendFileSync } = require('node:fs')

appendFileSync(process.env.GITHUB_STATE, `command=${process.env.INPUT_RUN}\n`)

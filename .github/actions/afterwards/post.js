// Runs the command. One that could not be started or was killed has also failed.
const { spawnSync } = require('node:child_process')

const { status } = spawnSync('bash', ['-e', '-c', process.env.STATE_command], { stdio: 'inherit' })
process.exitCode = status ?? 1

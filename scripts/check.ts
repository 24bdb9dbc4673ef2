import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'

/** What must hold before a commit; each part by itself is one command. */
const parts: [name: string, command: string, args: string[]][] = [
  ['format and lint', 'biome', ['ci', '--colors=off', '--error-on-warnings', '.']],
  ['types', 'tsc', ['-p', '.']],
  ['dead code', 'knip', []],
  ['generated files', 'node', ['scripts/generate.ts', '--check']],
  ['compatibility', 'node', ['scripts/check-compatibility.ts']],
  ['architecture', 'vitest', ['run', '--project', 'unit', 'test/architecture.test.ts']],
]

const root = join(import.meta.dirname, '..')
// Also when it is not npm that runs this.
const path = [join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter)
const startedAt = Date.now()
const secondsSince = (at: number) => ((Date.now() - at) / 1_000).toFixed(1)

/** Every part runs, so that one look shows all that is wrong. */
const failed = parts.filter(([name, command, args]) => {
  const partStartedAt = Date.now()
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: path, NO_COLOR: '1' },
    maxBuffer: 64 * 1_048_576,
    // On Windows the commands of npm are scripts.
    shell: process.platform === 'win32',
  })
  const passed = status === 0
  process.stdout.write(`${passed ? 'ok  ' : 'FAIL'}  ${name.padEnd(18)}${secondsSince(partStartedAt).padStart(6)} s\n`)
  if (!passed) process.stdout.write(`${error ? `${error.message}\n` : ''}${stdout ?? ''}${stderr ?? ''}\n`)
  return !passed
})
const verdict = failed.length === 0 ? 'all checks passed' : `failed: ${failed.map(([name]) => name).join(', ')}`
process.stdout.write(`${verdict} in ${secondsSince(startedAt)} s\n`)
process.exitCode = failed.length === 0 ? 0 : 1

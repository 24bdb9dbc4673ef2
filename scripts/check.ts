import { spawnSync } from 'node:child_process'

/** What must hold before a commit; each part by itself is one command. */
const parts: [name: string, command: string, args: string[]][] = [
  ['format and lint', 'biome', ['ci', '--error-on-warnings', '.']],
  ['types', 'tsc', ['-p', '.']],
  ['dead code', 'knip', []],
  ['generated files', 'node', ['scripts/generate.ts', '--check']],
  ['architecture', 'vitest', ['run', '--project', 'unit', 'test/architecture.test.ts']],
]

const failed: string[] = []
for (const [name, command, args] of parts) {
  const startedAt = Date.now()
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  const seconds = ((Date.now() - startedAt) / 1_000).toFixed(1)
  process.stdout.write(`${status === 0 ? 'ok  ' : 'FAIL'}  ${name.padEnd(18)}${seconds.padStart(6)} s\n`)
  if (status === 0) continue
  failed.push(name)
  process.stdout.write(`${stdout}${stderr}\n`)
}
process.stdout.write(failed.length === 0 ? 'all checks passed\n' : `failed: ${failed.join(', ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1

import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectors } from '../../src/connectors/index.ts'
import { sources } from '../../src/sources/index.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)
let checkout: string

/** A checkout of its own: what is made is really made, and the repository stays as it is. */
beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'tillflow-scaffold-'))
  const parts = [
    'src',
    'scripts',
    'test',
    'migrations',
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
    'biome.json',
  ]
  for (const part of parts) await cp(join(root, part), join(checkout, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'))
})
afterAll(() => rm(checkout, { recursive: true }))

const tillflow = (...args: string[]) => run(process.execPath, ['src/main.ts', ...args], { cwd: checkout })
const tool = (path: string, ...args: string[]) =>
  run(process.execPath, [join(root, 'node_modules', path), ...args], {
    cwd: checkout,
    env: { ...process.env, CI: 'true' },
  })

const rooms = [
  ...connectors.map(({ name }) => ({ command: 'new-connector', folder: 'connectors', template: name })),
  ...sources.map(({ name }) => ({ command: 'new-source', folder: 'sources', template: name })),
]

describe('a room that is made by copying one', () => {
  it.each(rooms)('$command --from $template', async ({ command, folder, template }) => {
    const name = `new-${template}`
    const { stdout } = await tillflow(command, name, '--from', template, '--title', 'Made new', '--json')
    const { files } = JSON.parse(stdout) as { files: string[] }
    expect(files).toContain(`src/${folder}/index.ts`)
    const main = await readFile(join(checkout, `src/${folder}/${name}/${command.slice(4)}.ts`), 'utf8')
    expect(main).toContain(`name: '${name}'`)
    expect(main).toContain("title: 'Made new'")
  })

  it('passes its own suite, the types, the formatter and the architecture at once', async () => {
    const suites = rooms.map(({ folder, template }) => `src/${folder}/new-${template}/`)
    const args = [
      'run',
      '--project',
      'unit',
      '--reporter=json',
      '--outputFile=report.json',
      ...suites,
      'test/architecture.test.ts',
    ]
    await tool('vitest/vitest.mjs', ...args)
    const report = JSON.parse(await readFile(join(checkout, 'report.json'), 'utf8')) as {
      numPassedTests: number
      testResults: { name: string }[]
    }
    for (const suite of suites) expect(report.testResults.some(({ name }) => name.includes(suite))).toBe(true)
    expect(report.numPassedTests).toBeGreaterThan(100)
    await tool('typescript/bin/tsc', '-p', '.')
    await tool('@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', 'src/connectors', 'src/sources')
  })

  it.each([
    [['new-connector', 'webhook'], 'is there already'],
    [['new-connector', 'Acme'], 'small letters'],
    [['new-connector', '../acme'], 'small letters'],
    [['new-source', 'acme', '--from', 'nobody'], 'no source of the name'],
    [['new-source', 'acme', '--from', '../connectors/webhook'], 'no source of the name'],
  ])('is refused: %j', async (args, why) => {
    await expect(tillflow(...args)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(why) })
  })
})

it('outside a checkout nothing is made', async () => {
  const elsewhere = run(process.execPath, [join(root, 'src/main.ts'), 'new-source', 'acme'], { cwd: tmpdir() })
  await expect(elsewhere).rejects.toMatchObject({ stderr: expect.stringContaining('scaffold-refused') })
})

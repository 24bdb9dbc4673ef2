import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectors } from '../../src/connectors/index.ts'
import { createRoom } from '../../src/scaffold/create-room.ts'
import { connectorKind, type ScaffoldKind, sourceKind } from '../../src/scaffold/scaffold-kind.ts'
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

const lists = ['src/connectors/index.ts', 'src/sources/index.ts']
const templatesOf = (kind: ScaffoldKind, rooms: readonly { name: string }[]) =>
  rooms.map(({ name: template }) => ({ kind, name: `new-${template}`, template }))
const rooms = [...templatesOf(connectorKind, connectors), ...templatesOf(sourceKind, sources)]

async function expectRoom({ kind, name, files }: { kind: ScaffoldKind; name: string; files: string[] }): Promise<void> {
  expect(files).toContain(`src/${kind.folder}/index.ts`)
  const main = await readFile(join(checkout, `src/${kind.folder}/${name}/${kind.mainFile}`), 'utf8')
  expect(main).toContain(`name: '${name}'`)
  expect(main).toContain("title: 'Made new'")
}

describe('a room that is made by copying one', () => {
  it.each(rooms.filter(({ kind, template }) => template !== kind.template))(
    '$kind.kind from $template',
    async ({ kind, name, template }) => {
      const files = await createRoom(kind, { root: checkout, name, template, title: 'Made new' })
      await expectRoom({ kind, name, files })
    },
  )

  it.each([connectorKind, sourceKind])('$kind by its command, from $template', async (kind) => {
    const name = `new-${kind.template}`
    const { stdout } = await tillflow(
      `new-${kind.kind}`,
      name,
      '--from',
      kind.template,
      '--title',
      'Made new',
      '--json',
    )
    const { files } = JSON.parse(stdout) as { files: string[] }
    await expectRoom({ kind, name, files })
  })

  it('passes its own suite, the types, the formatter and the architecture at once', async () => {
    const suites = rooms.map(({ kind, name }) => `src/${kind.folder}/${name}/`)
    const args = ['run', '--project', 'unit', '--reporter=json', '--outputFile=report.json', ...suites]
    // Of the rest the types were seen before, and nothing of it has changed.
    const types = { extends: './tsconfig.json', compilerOptions: { incremental: false }, include: suites, files: lists }
    await writeFile(join(checkout, 'rooms.json'), JSON.stringify(types))
    await Promise.all([
      tool('vitest/vitest.mjs', ...args, 'test/architecture.test.ts'),
      tool('typescript/bin/tsc', '-p', 'rooms.json'),
      tool('@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', 'src/connectors', 'src/sources'),
    ])
    const report = JSON.parse(await readFile(join(checkout, 'report.json'), 'utf8')) as {
      numPassedTests: number
      testResults: { name: string }[]
    }
    for (const suite of suites) expect(report.testResults.some(({ name }) => name.includes(suite))).toBe(true)
    expect(report.numPassedTests).toBeGreaterThan(100)
  })

  it.each<[ScaffoldKind, string, string | undefined, string]>([
    [connectorKind, 'webhook', undefined, 'is there already'],
    [connectorKind, 'Acme', undefined, 'small letters'],
    [connectorKind, '../acme', undefined, 'small letters'],
    [sourceKind, 'acme', 'nobody', 'no source of the name'],
    [sourceKind, 'acme', '../connectors/webhook', 'no source of the name'],
  ])('is refused: $0.kind $1 from $2', async (kind, name, template, why) => {
    const request = { root: checkout, name, ...(template !== undefined && { template }) }
    await expect(createRoom(kind, request)).rejects.toMatchObject({
      code: 'scaffold-refused',
      message: expect.stringContaining(why),
    })
  })
})

it('outside a checkout nothing is made', async () => {
  const elsewhere = run(process.execPath, [join(root, 'src/main.ts'), 'new-source', 'acme'], { cwd: tmpdir() })
  await expect(elsewhere).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('scaffold-refused') })
})

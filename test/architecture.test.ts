import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const source = join(root, 'src')

/** Who may import whom, by the first folder under src. What is not listed is not allowed. */
const allowed: Record<string, readonly string[]> = {
  domain: [],
  contract: ['domain'],
  sources: ['contract', 'domain'],
  egress: ['contract'],
  'durable-files': [],
  connectors: ['contract', 'domain', 'egress', 'durable-files'],
  buses: ['contract', 'domain', 'database'],
  settings: ['contract', 'domain'],
  observability: ['contract'],
  database: ['contract'],
  privacy: ['contract', 'domain', 'database'],
  audit: ['contract', 'domain', 'database', 'durable-files', 'privacy', 'journal', 'intake'],
  identity: ['contract', 'domain', 'database', 'privacy', 'audit'],
  anonymise: ['contract', 'domain', 'privacy'],
  'file-drop': ['contract', 'database', 'durable-files', 'privacy'],
  journal: ['contract', 'domain', 'database', 'privacy'],
  'event-contracts': ['contract', 'domain', 'journal'],
  intake: ['contract', 'domain', 'database', 'privacy', 'journal'],
  files: ['contract', 'domain', 'database', 'privacy', 'audit'],
  delivery: ['contract', 'domain', 'database', 'privacy', 'audit', 'journal'],
  'store-day': ['contract', 'domain', 'database', 'privacy', 'journal', 'intake', 'delivery'],
  http: [
    'contract',
    'domain',
    'sources',
    'database',
    'privacy',
    'audit',
    'identity',
    'intake',
    'delivery',
    'store-day',
    'journal',
    'files',
  ],
  simulator: ['contract', 'domain'],
  testing: ['contract', 'domain', 'database'],
  scaffold: ['contract'],
  runtimes: [
    'contract',
    'domain',
    'connectors',
    'egress',
    'settings',
    'observability',
    'database',
    'privacy',
    'audit',
    'identity',
    'journal',
    'intake',
    'delivery',
    'store-day',
    'files',
    'http',
    'buses',
  ],
  cli: [
    'contract', 'domain', 'sources', 'anonymise', 'file-drop', 'connectors', 'buses', 'egress', 'settings', 'observability', 'database',
    'privacy', 'audit', 'identity', 'journal', 'intake', 'delivery', 'store-day', 'http', 'runtimes', 'demo', 'scaffold', 'simulator',
    'event-contracts',
  ], // biome-ignore format: a list reads better as a block
  demo: [
    'contract',
    'domain',
    'buses',
    'connectors',
    'settings',
    'database',
    'journal',
    'intake',
    'http',
    'simulator',
    'cli',
  ],
  'main.ts': ['cli'],
}

/** What tests may import besides: everyone's suites, and the other side of the line. */
const allowedInTests: Record<string, readonly string[]> = {
  connectors: ['simulator'],
}

const stages = ['intake', 'delivery', 'store-day', 'journal', 'files', 'identity']
const forbiddenNames = /(^|[/.-])(utils?|common|helpers?|managers?|services?|misc)([/.-]|$)/
const linesMax = 400

interface SourceFile {
  path: string
  text: string
}

function readSources(directory: string): SourceFile[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return { path: relative(source, path), text: readFileSync(path, 'utf8') }
    })
}

const roomOf = (path: string) => path.split('/')[0] ?? ''

/** Every rule that a file breaks, in words. */
function judge({ path, text }: SourceFile): string[] {
  const room = roomOf(path)
  // A stage's simulation is a test in several files; nothing else may import it.
  const isTest = path.endsWith('.test.ts') || path.includes('/simulation/')
  const mayImport = allowed[room]
  if (!mayImport) return [`${path}: the folder ${room} has no rule`]
  const rules = isTest ? [...mayImport, 'testing', ...(allowedInTests[room] ?? [])] : mayImport
  const broken: string[] = []
  if (text.split('\n').length > linesMax + 1) broken.push(`${path}: more than ${linesMax} lines`)
  if (forbiddenNames.test(path.replace(/(\.(db|service|peer))?\.test\.ts$/, '.ts')))
    broken.push(`${path}: a name that says nothing`)
  for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
    if (!fileName.startsWith('.')) {
      if (room === 'domain' && !isTest) broken.push(`${path}: the domain imports nothing, not even ${fileName}`)
      continue
    }
    broken.push(...judgeImport(path, join(dirname(path), fileName), isTest, rules))
  }
  return broken
}

function judgeImport(path: string, target: string, isTest: boolean, rules: readonly string[]): string[] {
  const [room, other] = [roomOf(path), roomOf(target)]
  if (target.startsWith('..')) return isTest ? [] : [`${path}: imports ${target} outside src`]
  if (!isTest && (target.endsWith('.test.ts') || target.includes('/simulation/'))) return [`${path}: imports a test`]
  if (['sources', 'connectors', 'buses'].includes(room) && other === room) {
    const [mine, theirs] = [path.split('/')[1], target.split('/')[1]]
    const isIndex = path === `${room}/index.ts`
    const isShared = theirs?.endsWith('.ts') ?? false
    if (mine !== theirs && !isIndex && !isShared) return [`${path}: imports another of ${room}: ${target}`]
  }
  if (room === other) return []
  if (!rules.includes(other)) return [`${path}: ${room} may not import ${other} (${target})`]
  if (stages.includes(other) && stages.includes(room) && /(^|\/)queries\.ts$/.test(target) && other !== 'journal') {
    return [`${path}: reads the tables of ${other} through its ${target}`]
  }
  return []
}

describe('the architecture', () => {
  const files = readSources(source)

  it('sees the whole house', () => {
    expect(files.length).toBeGreaterThan(150)
    expect(new Set(files.map(({ path }) => roomOf(path)))).toEqual(new Set(Object.keys(allowed)))
  })

  it('is kept by every file', () => {
    expect(files.flatMap(judge)).toEqual([])
  })

  it.each<[string, string, string]>([
    ['domain/x.ts', "import { readFile } from 'node:fs'", 'not even node:fs'],
    ['domain/x.ts', "import { z } from 'zod'", 'not even zod'],
    ['domain/x.ts', "import type { A } from '../contract/clock.ts'", 'domain may not import contract'],
    ['domain/x.ts', "export type A = import('../contract/clock.ts').Clock", 'domain may not import contract'],
    ['domain/x.test.ts', "import { a } from '../intake/read.ts'", 'domain may not import intake'],
    ['contract/x.ts', "import '../testing/receipts.ts'", 'contract may not import testing'],
    ['sources/a/x.ts', "import { b } from '../b/x.ts'", 'imports another of sources'],
    ['connectors/a/x.ts', "export { b } from '../b/x.ts'", 'imports another of connectors'],
    ['buses/a/x.ts', "import { b } from '../b/x.ts'", 'imports another of buses'],
    ['buses/a/x.ts', "import { b } from '../../journal/append.ts'", 'buses may not import journal'],
    ['connectors/a/x.ts', "export * from '../../settings/secret.ts'", 'connectors may not import settings'],
    ['delivery/x.ts', "const a = await import('../intake/read.ts')", 'delivery may not import intake'],
    ['delivery/x.ts', "import type { C } from '../connectors/index.ts'", 'delivery may not import connectors'],
    ['store-day/x.ts', "import { a } from '../intake/queries.ts'", 'reads the tables of intake'],
    ['http/x.ts', "import { a } from '../main.ts'", 'http may not import main.ts'],
    ['intake/x.ts', "import { a } from './x.test.ts'", 'imports a test'],
    ['intake/x.ts', "import { a } from './simulation/x.ts'", 'imports a test'],
    ['intake/x.ts', "import { a } from '../../scripts/check.ts'", 'outside src'],
    ['intake/helpers.ts', '', 'a name that says nothing'],
    ['intake/date-utils.ts', '', 'a name that says nothing'],
    ['intake/receipt.service.ts', '', 'a name that says nothing'],
    ['intake/common/x.ts', '', 'a name that says nothing'],
    ['intake/x.ts', '\n'.repeat(linesMax + 1), 'more than 400 lines'],
    ['nowhere/x.ts', '', 'has no rule'],
  ])('would not let %s do: %j', (path, text, complaint) => {
    const broken = judge({ path, text })
    expect(broken).toHaveLength(1)
    expect(broken[0]).toContain(complaint)
  })

  it.each<[string, string]>([
    ['domain/x.test.ts', "import { it } from 'vitest'\nimport { makeSale } from '../testing/receipts.ts'"],
    ['sources/index.ts', "import { a } from './a/source.ts'"],
    ['sources/a/x.ts', "import { b } from './deep/b.ts'"],
    ['store-day/x.ts', "import { a } from '../intake/read.ts'"],
    ['intake/x.service.test.ts', ''],
    ['domain/x.ts', "// import { a } from '../intake/read.ts'\nexport const a = 'from ../intake/read.ts'"],
    ['intake/x.ts', '\n'.repeat(linesMax)],
  ])('lets %s do: %j', (path, text) => {
    expect(judge({ path, text })).toEqual([])
  })
})

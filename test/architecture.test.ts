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
  connectors: ['contract', 'domain', 'egress'],
  settings: ['contract', 'domain'],
  observability: ['contract'],
  database: ['contract'],
  privacy: ['contract', 'domain', 'database'],
  journal: ['contract', 'domain', 'database'],
  intake: ['contract', 'domain', 'database', 'privacy', 'journal'],
  delivery: ['contract', 'domain', 'database', 'privacy', 'journal'],
  'store-day': ['contract', 'domain', 'database', 'privacy', 'journal', 'intake', 'delivery'],
  http: ['contract', 'domain', 'sources', 'privacy', 'intake', 'delivery', 'store-day', 'journal'],
  simulator: ['contract', 'domain'],
  testing: ['contract', 'domain', 'database'],
  runtimes: [
    'contract',
    'domain',
    'connectors',
    'egress',
    'settings',
    'observability',
    'database',
    'privacy',
    'journal',
    'intake',
    'delivery',
    'store-day',
    'http',
  ],
  cli: [
    'contract', 'domain', 'sources', 'connectors', 'egress', 'settings', 'observability', 'database', 'privacy', 'journal',
    'intake', 'delivery', 'store-day', 'http', 'runtimes', 'demo',
  ], // biome-ignore format: a list reads better as a block
  demo: ['contract', 'domain', 'connectors', 'settings', 'database', 'intake', 'http', 'simulator', 'cli'],
  'main.ts': ['cli'],
}

const stages = ['intake', 'delivery', 'store-day', 'journal']
const forbiddenNames = /(^|[/-])(utils?|common|helpers?|managers?|services?|misc)([/.-]|$)/
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
  const isTest = path.endsWith('.test.ts') || path.startsWith('testing/')
  const rules = allowed[room]
  if (!rules) return [`${path}: the folder ${room} has no rule`]
  const broken: string[] = []
  if (text.split('\n').length > linesMax + 1) broken.push(`${path}: more than ${linesMax} lines`)
  if (forbiddenNames.test(path.replace(/\.test\.ts$/, '.ts').replace('.service.ts', '.ts')))
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
  if ((room === 'sources' || room === 'connectors') && other === room) {
    const [mine, theirs] = [path.split('/')[1], target.split('/')[1]]
    const isIndex = path === `${room}/index.ts`
    const isShared = theirs?.endsWith('.ts') ?? false
    if (mine !== theirs && !isIndex && !isShared) return [`${path}: imports another of ${room}: ${target}`]
  }
  if (room === other) return []
  if (isTest && (other === 'testing' || room === 'testing')) return []
  // A test may put a stage together with its neighbours.
  if (isTest) return []
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

  it('notices each kind of breach', () => {
    const breaches: SourceFile[] = [
      { path: 'domain/x.ts', text: "import { readFile } from 'node:fs'" },
      { path: 'domain/x.ts', text: "import type { A } from '../contract/clock.ts'" },
      { path: 'sources/a/x.ts', text: "import { b } from '../b/x.ts'" },
      { path: 'connectors/a/x.ts', text: "export { b } from '../b/x.ts'" },
      { path: 'delivery/x.ts', text: "const a = await import('../intake/read.ts')" },
      { path: 'store-day/x.ts', text: "import { a } from '../intake/queries.ts'" },
      { path: 'intake/helpers.ts', text: '' },
      { path: 'intake/x.ts', text: '\n'.repeat(500) },
      { path: 'nowhere/x.ts', text: '' },
    ]
    expect(breaches.map((file) => judge(file).length)).toEqual(breaches.map(() => 1))
  })
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeGenerated } from './write-generated.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tillflow-generated-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const files = [
  { path: 'a.md', content: 'a\n' },
  { path: 'deep/er/b.json', content: '{}\n' },
]

it('writes what is missing or has drifted, and names it', async () => {
  expect(await writeGenerated(files, { root, check: false })).toEqual(['a.md', 'deep/er/b.json'])
  expect(await writeGenerated(files, { root, check: false })).toEqual([])
  writeFileSync(join(root, 'a.md'), 'edited by hand\n')
  expect(await writeGenerated(files, { root, check: false })).toEqual(['a.md'])
  expect(readFileSync(join(root, 'a.md'), 'utf8')).toBe('a\n')
})

it('names what has drifted and leaves it alone when it only checks', async () => {
  await writeGenerated(files, { root, check: false })
  writeFileSync(join(root, 'a.md'), 'edited by hand\n')
  rmSync(join(root, 'deep'), { recursive: true })
  expect(await writeGenerated(files, { root, check: true })).toEqual(['a.md', 'deep/er/b.json'])
  expect(readFileSync(join(root, 'a.md'), 'utf8')).toBe('edited by hand\n')
})

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { packageManifest } from './package-manifest.ts'

const repository = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
const manifest = packageManifest(repository) as Record<string, Record<string, unknown>>

it('runs the compiled program with the pinned dependencies of the repository, and no tools', () => {
  expect(manifest.bin).toEqual({ tillflow: 'lib/main.js' })
  expect(manifest.dependencies).toEqual(repository.dependencies)
  expect(manifest.optionalDependencies).toEqual(repository.optionalDependencies)
  expect(manifest).not.toHaveProperty('devDependencies')
  expect(manifest).not.toHaveProperty('scripts')
  expect(manifest).not.toHaveProperty('private')
})

it('asks for the tools of the conformance suites only where somebody uses them', () => {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = manifest
  expect(Object.keys(peerDependencies)).toEqual(['vitest', 'fast-check'])
  for (const tool of Object.keys(peerDependencies)) expect(peerDependenciesMeta[tool]).toEqual({ optional: true })
})

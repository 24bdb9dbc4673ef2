/** The repository's own manifest, as far as the package needs it. */
interface Manifest {
  name: string
  version: string
  description: string
  license: string
  engines: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  optionalDependencies: Record<string, string>
}

/** What the conformance suites of `tillflow/testing` run on; only who tests a connector of his own needs it. */
const testTools = ['vitest', 'fast-check']

/** The manifest of the published package: the same dependencies, the compiled program, and what others may import. */
export function packageManifest(repository: Manifest): object {
  const { name, version, description, license, engines, dependencies, devDependencies, optionalDependencies } =
    repository
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    engines,
    bin: { tillflow: 'lib/main.js' },
    exports: {
      './contract/*': './lib/contract/*.js',
      './domain/*': './lib/domain/*.js',
      './testing/*': './lib/testing/*.js',
      './package.json': './package.json',
    },
    files: ['lib', 'migrations', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md'],
    dependencies,
    optionalDependencies,
    peerDependencies: Object.fromEntries(testTools.map((tool) => [tool, `^${devDependencies[tool]}`])),
    peerDependenciesMeta: Object.fromEntries(testTools.map((tool) => [tool, { optional: true }])),
  }
}

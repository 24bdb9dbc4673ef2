import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { packageManifest } from './package-manifest.ts'

const root = join(import.meta.dirname, '../..')
const directory = join(root, 'dist/package')

/** Files of the repository that travel with the compiled program. */
const copied = ['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'migrations']

/**
 * Makes the package that is published: compiled, since Node.js runs no `.ts` under node_modules. Prints one JSON line with
 * the tarball's path and sizes.
 */
rmSync(join(root, 'dist'), { recursive: true, force: true })
mkdirSync(directory, { recursive: true })
run(join(root, 'node_modules/typescript/bin/tsc'), ['-p', 'tsconfig.package.json'], root)
for (const path of copied) cpSync(join(root, path), join(directory, path), { recursive: true })
const manifest = packageManifest(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
writeFileSync(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
chmodSync(join(directory, 'lib/main.js'), 0o755)

const npm = process.env.npm_execpath
if (npm === undefined) throw new Error('run this through npm: npm run package')
const packed = run(npm, ['pack', '--json', '--ignore-scripts', '--pack-destination', join(root, 'dist')], directory)
const [tarball] = Object.values(JSON.parse(packed) as Record<string, Packed> | Packed[])
if (!tarball) throw new Error('npm packed nothing')
const path = join(root, 'dist', tarball.filename)
const sizes = { packedBytes: statSync(path).size, unpackedBytes: tarball.unpackedSize, files: tarball.entryCount }
process.stdout.write(`${JSON.stringify({ tarball: relative(root, path), ...sizes })}\n`)

interface Packed {
  filename: string
  unpackedSize: number
  entryCount: number
}

function run(script: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${relative(root, script)} ended with ${status}\n${stdout}${stderr}`)
  return stdout
}

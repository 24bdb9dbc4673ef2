#!/usr/bin/env node
/**
 * The composition root: the program, with every command. It imports nothing before it has looked at Node.js: an old one would
 * stop in the middle of a module with an error nobody understands. Node.js 22 reaches this line; 20 cannot read `.ts` at all
 * and stops before it, which is why the npm scripts run the Node.js 24 that is installed with the dependencies.
 */
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(`error: Tillflow needs Node.js 24, this is ${process.versions.node} (node-too-old)\n`)
  process.stderr.write(
    '  next: run it through npm (npm start, npm run demo), which brings its own; install without --omit=optional\n',
  )
  process.exit(1)
}

// What is compiled once is kept for the next command, which then starts in a third of the time. In the user's own folder: what lies in
// that of temporary files may be somebody else's. Where nothing can be written, everything is compiled as ever.
const [{ enableCompileCache }, { homedir }, { join }] = await Promise.all([
  import('node:module'),
  import('node:os'),
  import('node:path'),
])
enableCompileCache(process.env.NODE_COMPILE_CACHE ?? join(homedir(), '.cache', 'tillflow', 'compiled'))

const { createProgram } = await import('./cli/program.ts')
const { surviveClosedPipes } = await import('./cli/closed-pipe.ts')
surviveClosedPipes()
await createProgram().parseAsync()

#!/usr/bin/env node
/** The composition root: the program, with every command. */
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(`error: Tillflow needs Node.js 24, this is ${process.versions.node} (node-too-old)\n`)
  process.stderr.write(
    '  next: run it through npm (npm start, npm run demo), which brings its own; install without --omit=optional\n',
  )
  process.exit(1)
}

const { createProgram } = await import('./cli/program.ts')
await createProgram().parseAsync()

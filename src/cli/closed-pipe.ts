/**
 * `tillflow settings | head -1` ends quietly when `head` does. Without its log (standard error) a hub goes on: nobody reads
 * it, but tills still send.
 */
export function surviveClosedPipes(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

import type { FileListener } from './file-report.ts'

const sizeWorthWatchingBytes = 8 * 1_048_576
const redrawMs = 200

interface Terminal {
  isTTY?: boolean
  write(text: string): unknown
}

/** Shows how far a large file is, where somebody looks: on a terminal, on standard error, gone when the file is read. */
export function withProgress(
  listener: FileListener,
  {
    sizeBytes,
    terminal = process.stderr,
    now = Date.now,
  }: { sizeBytes: number; terminal?: Terminal; now?: () => number },
): FileListener {
  if (!terminal.isTTY || sizeBytes < sizeWorthWatchingBytes) return listener
  let readBytes = 0
  let entries = 0
  let drawnAt = now()
  const draw = () => {
    if (now() - drawnAt < redrawMs) return
    drawnAt = now()
    terminal.write(`\r${Math.floor((readBytes / sizeBytes) * 100)} %, ${entries} transactions\x1b[K`)
  }
  return {
    begin: (file, source) => listener.begin(file, source),
    entry: (entry) => {
      entries += 1
      return listener.entry(entry)
    },
    bytes: (count) => {
      readBytes += count
      draw()
    },
    end: (refused) => {
      terminal.write('\r\x1b[K')
      return listener.end(refused)
    },
  }
}

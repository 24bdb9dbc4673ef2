import type { Fault } from '../fault.ts'

/** What happens to one HTTP exchange. `lose-answer`: it has its effect; `refuse` and `error-500`: it never arrives; `hang`: neither does an answer. */
export type Fate = 'pass' | 'lose-answer' | 'refuse' | 'error-500' | 'hang' | { delayMs: number }

const gatewayError = '<html>Internal Server Error</html>'
const gatewayAnswer = `HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/html\r\ncontent-length: ${gatewayError.length}\r\n\r\n${gatewayError}`

/** Decides about each HTTP/1.1 request by its body, once all of it is there. */
export function httpExchanges(decide: (body: string) => Fate, onForwarded: () => void = () => {}): Fault {
  return (line) => {
    let gathered: Buffer = Buffer.alloc(0)
    let fate: Fate = 'pass'
    let isAnswering = false
    return async (direction, bytes) => {
      if (direction === 'to-client') {
        if (fate === 'lose-answer') return line.cut()
        if (typeof fate === 'object' && !isAnswering) await line.rest({ fromMs: fate.delayMs, toMs: fate.delayMs })
        isAnswering = true
        return line.pass('to-client', bytes)
      }
      gathered = Buffer.concat([gathered, bytes])
      const length = requestLength(gathered)
      if (length === undefined) return
      const request = gathered.subarray(0, length)
      gathered = gathered.subarray(length)
      isAnswering = false
      fate = decide(request.subarray(request.indexOf('\r\n\r\n') + 4).toString())
      if (fate === 'refuse') return line.cut()
      if (fate === 'hang') return line.silence()
      if (fate === 'error-500') return line.pass('to-client', Buffer.from(gatewayAnswer))
      onForwarded()
      return line.pass('to-server', request)
    }
  }
}

/** Bytes of the first request, or undefined while some are missing. */
function requestLength(gathered: Buffer): number | undefined {
  const headEnd = gathered.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = gathered.subarray(0, headEnd).toString('latin1')
  if (/^transfer-encoding:.*chunked/im.test(head)) {
    const end = gathered.indexOf('0\r\n\r\n', headEnd + 2)
    return end < 0 ? undefined : end + 5
  }
  const length = headEnd + 4 + Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0)
  return gathered.length < length ? undefined : length
}

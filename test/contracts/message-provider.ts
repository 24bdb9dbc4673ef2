import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface ProvidedMessage {
  metadata: Record<string, string>
  contents: unknown
}

/** Makes the message that a description names, after the states that it needs. Rejects for a state that it does not know. */
export type MakeMessage = (wanted: { description: string; states: readonly string[] }) => Promise<ProvidedMessage>

/** What Pact's verifier asks for messages: it posts a description, and takes the message with its metadata in a header. */
export async function startMessageProvider(
  make: MakeMessage,
): Promise<{ url: string; port: number; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    try {
      const body = await buffer(request)
      const { description, providerStates = [] } = JSON.parse(body.toString()) as {
        description: string
        providerStates?: { name: string }[]
      }
      const message = await make({ description, states: providerStates.map(({ name }) => name) })
      response.writeHead(200, {
        'content-type': 'application/json',
        'pact-message-metadata': Buffer.from(JSON.stringify(message.metadata)).toString('base64'),
      })
      response.end(JSON.stringify(message.contents))
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

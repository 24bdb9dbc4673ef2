import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A site of somebody else, whose pages send what they like to the hub as soon as they are opened. */
export interface OtherSite {
  /** Address of a page that sends a form; `host` makes it another site than the hub, or another origin of the same site. */
  form(host: string, action: string): string
  /** Address of a page whose script asks the hub with the visitor's cookies, and shows what it may know of the answer. */
  script(host: string, url: string, request: RequestInit): string
  close(): void
}

export async function startOtherSite(): Promise<OtherSite> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://other.site')
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>Win a prize</title>
<form method="post" action="${searchParams.get('action') ?? ''}"><input name="form-token" value="guessed"></form><output></output>
<script>
const url = ${JSON.stringify(searchParams.get('url'))}
const tell = (text) => { document.querySelector('output').textContent = text }
if (url === null) document.forms[0].submit()
else fetch(url, ${searchParams.get('request') ?? '{}'}).then((answer) => tell('answered ' + answer.status), () => tell('no answer'))
</script>`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const page = (host: string, query: Record<string, string>) =>
    `http://${host}:${port}/?${new URLSearchParams(query).toString()}`
  return {
    form: (host, action) => page(host, { action }),
    script: (host, url, request) => page(host, { url, request: JSON.stringify(request) }),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Calls the administration of a provider. Throws with what it said unless it agreed. */
export async function callJson(
  url: string,
  request: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<{ headers: Headers; json(): unknown }> {
  const { method = 'GET', headers = {}, body } = request
  const isText = typeof body === 'string'
  const answer = await fetch(url, {
    method,
    headers: { ...(body !== undefined && !isText && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname} answered ${answer.status}: ${text.slice(0, 500)}`)
  return { headers: answer.headers, json: () => JSON.parse(text) }
}

/** By what a client of a hub comes in. */
export interface Credentials {
  /** Headers for one request; a new set for each. `path` is without a query. */
  headersFor(method: string, path: string): Promise<Record<string, string>>
  /** Told of every answer. True: it was refused for something that the next set of headers has right. */
  learn(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): boolean
}

/** An API token: the same with every request. */
export function bearerToken(token: string): Credentials {
  return { headersFor: async () => ({ authorization: `Bearer ${token}` }), learn: () => false }
}

/** The two kinds of rooms that are made by copying one: what their folder, their main file and their list are called. */
export interface ScaffoldKind {
  kind: 'connector' | 'source'
  /** Folder under `src`, with an `index.ts` that lists every room. */
  folder: string
  /** The file that names the room and holds no logic. */
  mainFile: string
  /** The list in `index.ts`. */
  list: string
  /** The room that is copied unless another one is named. */
  template: string
  /** What to write first, in the order of the work. */
  firstSteps: readonly string[]
}

export const connectorKind: ScaffoldKind = {
  kind: 'connector',
  folder: 'connectors',
  mainFile: 'connector.ts',
  list: 'connectors',
  template: 'reference-erp',
  firstSteps: [
    'connector.ts     its title and settings; what it promises (idempotent, lookUp)',
    'translate.ts     their words for our booking; samples/ has pairs to change first',
    'client.ts        its addresses, and what its answers mean; only a proof is `delivered`',
  ],
}

export const sourceKind: ScaffoldKind = {
  kind: 'source',
  folder: 'sources',
  mainFile: 'source.ts',
  list: 'sources',
  template: 'tillflow',
  firstSteps: [
    'source.ts        its title, media types, and how its first bytes are recognised',
    'samples/         what the vendor sends, written by hand; record ours with UPDATE_GOLDEN=1 and read it',
    'read-*.ts        their words -> our transaction; what nobody knows goes into extensions',
  ],
}

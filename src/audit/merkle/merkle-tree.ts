import { hash } from 'node:crypto'

const leafPrefix = Buffer.from([0x00])
const nodePrefix = Buffer.from([0x01])

/** Hash of a leaf: another prefix than that of a node, so that no node is ever taken for a leaf (RFC 6962, section 2.1). */
export function hashLeaf(data: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([leafPrefix, data]), 'buffer')
}

export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([nodePrefix, left, right]), 'buffer')
}

/**
 * Takes leaves one by one and gives the Merkle tree hash of all of them (RFC 6962, section 2.1; 32 bytes). It keeps the roots of
 * the full subtrees alone, at most one per bit of their number.
 */
export class MerkleTree {
  /** Roots of full subtrees, the largest first, with their sizes. */
  readonly #subtrees: { size: number; root: Buffer }[] = []

  add(data: Uint8Array): void {
    let added = { size: 1, root: hashLeaf(data) }
    let last = this.#subtrees.at(-1)
    while (last?.size === added.size) {
      added = { size: 2 * added.size, root: hashNode(last.root, added.root) }
      this.#subtrees.pop()
      last = this.#subtrees.at(-1)
    }
    this.#subtrees.push(added)
  }

  /** Of no leaf at all: the hash of nothing. */
  root(): Buffer {
    const [last, ...larger] = this.#subtrees.toReversed()
    if (!last) return hash('sha256', '', 'buffer')
    return larger.reduce((right, { root }) => hashNode(root, right), last.root)
  }
}

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashLeaf, hashNode, MerkleTree } from './merkle-tree.ts'

function rootOf(leaves: readonly Uint8Array[]): string {
  const tree = new MerkleTree()
  for (const leaf of leaves) tree.add(leaf)
  return tree.root().toString('hex')
}

/** The definition of RFC 6962, section 2.1, word by word: k is the largest power of two smaller than n. */
function defined(leaves: readonly Uint8Array[]): Buffer {
  const [only] = leaves
  if (!only) return createHash('sha256').digest()
  if (leaves.length === 1) return hashLeaf(only)
  let k = 1
  while (2 * k < leaves.length) k *= 2
  return hashNode(defined(leaves.slice(0, k)), defined(leaves.slice(k)))
}

/** The leaves and roots by which implementations of Certificate Transparency are compared with that of its authors. */
const published: [leaf: string, root: string][] = [
  ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  ['00', 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  ['10', 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  ['2021', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  ['3031', '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  ['40414243', '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  ['5051525354555657', 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  ['606162636465666768696a6b6c6d6e6f', '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
]

const leavesOf = fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 40 })

describe('the Merkle tree', () => {
  it('has the published roots', () => {
    const leaves = published.map(([leaf]) => Buffer.from(leaf, 'hex'))
    expect(rootOf([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(leaves.map((_, index) => rootOf(leaves.slice(0, index + 1)))).toEqual(published.map(([, root]) => root))
  })

  it('is what RFC 6962 defines, for every number of leaves', () => {
    fc.assert(
      fc.property(leavesOf, (leaves) => {
        expect(rootOf(leaves)).toBe(defined(leaves).toString('hex'))
      }),
    )
  })

  it('has another root when a leaf is changed, left out, added or elsewhere', () => {
    fc.assert(
      fc.property(leavesOf, fc.nat(), fc.nat(), fc.uint8Array({ maxLength: 8 }), (leaves, at, to, other) => {
        fc.pre(leaves.length > 0)
        const [i, j] = [at % leaves.length, to % leaves.length]
        const [one, two] = [Buffer.from(leaves[i] ?? []), Buffer.from(leaves[j] ?? [])]
        const root = rootOf(leaves)
        expect(rootOf(leaves.toSpliced(i, 1))).not.toBe(root)
        expect(rootOf(leaves.toSpliced(i, 0, other))).not.toBe(root)
        if (!one.equals(other)) expect(rootOf(leaves.with(i, other))).not.toBe(root)
        if (!one.equals(two)) expect(rootOf(leaves.with(i, two).with(j, one))).not.toBe(root)
      }),
    )
  })
})

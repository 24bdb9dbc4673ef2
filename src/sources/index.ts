import type { Source } from '../contract/source.ts'
import { poslog } from './poslog/source.ts'
import { shopify } from './shopify/source.ts'
import { square } from './square/source.ts'
import { tillflow } from './tillflow/source.ts'

/** Every source, in the order in which an unknown file is tried: any JSON may be ours, so ours is the last. */
export const sources: readonly Source[] = [poslog, shopify, square, tillflow]

export function findSource(name: string): Source | undefined {
  return sources.find((source) => source.name === name)
}

/** The source that recognises the first bytes of a file; its name decides between several. */
export function detectSource(head: Uint8Array, fileName = ''): Source | undefined {
  const fitting = sources.filter((source) => source.recognises(head))
  const extension = /\.[^.]+$/.exec(fileName.toLowerCase())?.[0] ?? ''
  return fitting.find((source) => source.features.fileExtensions.includes(extension)) ?? fitting[0]
}

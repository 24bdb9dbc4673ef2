import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Problem } from '../../contract/problem.ts'

const keyLengthBytes = 32

export interface MasterKeyOptions {
  /** 32 bytes as base64 or hexadecimal. Comes before the file. */
  masterKey?: string
  /** Read where it is; made with a new key, readable by the owner only, where it is not. */
  masterKeyFile: string
}

/**
 * The key that wraps all other keys. Who loses it loses every raw record, so it belongs into a backup of its own.
 *
 * Throws Problem `settings-invalid` when the key is not 32 bytes.
 */
export async function loadMasterKey(options: MasterKeyOptions): Promise<KeyObject> {
  if (options.masterKey !== undefined) return readKey(options.masterKey, 'The master key')
  const stored = (await readKeyFile(options.masterKeyFile)) ?? (await createKeyFile(options.masterKeyFile))
  return readKey(stored, 'The key in the master key file')
}

/** A key of its own for each purpose (RFC 5869), so that no two uses can be played against each other. */
export function deriveKey(masterKey: KeyObject, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, '', `tillflow ${purpose} v1`, keyLengthBytes)))
}

function readKey(text: string, title: string): KeyObject {
  const trimmed = text.trim()
  const isHexadecimal = /^[0-9a-fA-F]{64}$/.test(trimmed)
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)
  if (!isHexadecimal && !isBase64) {
    throw new Problem(
      'settings-invalid',
      `${title} is not 32 bytes as base64 or hexadecimal (openssl rand -base64 32 makes one).`,
    )
  }
  return createSecretKey(Buffer.from(trimmed, isHexadecimal ? 'hex' : 'base64'))
}

async function readKeyFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined
    throw new Problem('settings-invalid', 'The master key file cannot be read.', { cause: error })
  }
}

/** Durable before it is used, and never over another process's key: whoever links first wins, the other reads. */
async function createKeyFile(path: string): Promise<string> {
  const text = `${randomBytes(keyLengthBytes).toString('base64')}\n`
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, path)
    await syncDirectory(dirname(path))
    return text
  } catch (error) {
    if (isErrorCode(error, 'EEXIST')) return await readFile(path, 'utf8')
    throw error
  } finally {
    await unlink(draft)
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory, and makes links durable by itself.
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function isErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

import { describe, expect, it } from 'vitest'
import { isProblem } from '../contract/problem.ts'
import { checkTargetUrl } from './target-url.ts'

function isAllowed(url: string, allowPrivateNetwork: boolean): boolean {
  try {
    checkTargetUrl(url, { allowPrivateNetwork })
    return true
  } catch (error) {
    if (isProblem(error) && error.code === 'target-not-allowed') return false
    throw error
  }
}

const everywhere = [
  'https://hooks.example.com/in?token=1',
  'https://hooks.example.com./in',
  'https://hooks.example.com:8443',
  'https://93.184.215.14/in',
  'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/',
  'https://[::ffff:93.184.215.14]/',
]

const privateOnly = [
  'http://hooks.example.com',
  'http://127.0.0.1',
  'http://127.0.0.1:8069/api',
  'http://10.0.0.1:81',
  'https://erp.internal:444',
  'https://hooks.example.com:444',
  'https://127.0.0.1',
  'https://127.1',
  'https://127.0.0.1.',
  'https://0x7f.1',
  'https://0x7f000001',
  'https://0177.1',
  'https://0177.0.0.01',
  'https://2130706433',
  'https://１２７.0.0.1',
  'https://127。0。0。1',
  'https://%31%32%37.0.0.1',
  'https://[::1]',
  'https://[0:0:0:0:0:0:0:1]',
  'https://[::ffff:127.0.0.1]',
  'https://[::ffff:7f00:1]',
  'https://10.0.0.1',
  'https://172.16.5.4',
  'https://192.168.1.1',
  'https://[::ffff:10.0.0.1]',
  'https://100.64.0.1',
  'https://[fd12:3456:789a::1]',
  'https://localhost',
  'https://localhost.',
  'https://LOCALHOST:9000',
  'https://a.localhost',
  'https://erp',
  'https://erp.internal',
  'https://erp.local.',
  'https://erp.lan',
  'https://erp.home.arpa',
]

const nowhere = [
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_x',
  'ftp://example.com',
  'ws://example.com',
  'javascript:alert(1)',
  'data:text/plain,x',
  '//example.com',
  'example.com',
  '',
  'https://',
  'https://user@example.com',
  'https://user:secret@example.com',
  'https://:secret@example.com',
  'https://example.com@127.0.0.1',
  'https://example.com:22',
  'https://example.com:25',
  'https://example.com:6000',
  'http://127.0.0.1:22',
  'http://127.0.0.1:0',
  'http://10.0.0.1:25',
  'http://10.0.0.1:445',
  'http://127.0.0.1:6667',
  'https://0.0.0.0',
  'https://0',
  'https://[::]',
  'https://169.254.169.254/latest/meta-data',
  'https://2852039166',
  'https://0xa9fea9fe',
  'https://0251.0376.0251.0376',
  'https://[::ffff:169.254.169.254]',
  'https://[::ffff:a9fe:a9fe]',
  'https://[fd00:ec2::254]',
  'https://168.63.129.16',
  'https://100.100.100.200',
  'https://192.0.0.192',
  'https://metadata.google.internal/computeMetadata/v1',
  'https://metadata',
  'https://169.254.0.1',
  'https://[fe80::1]',
  'https://[fec0::1]',
  'https://[2002:7f00:1::]',
  'https://[2002:a9fe:a9fe::1]',
  'https://[64:ff9b::7f00:1]',
  'https://[64:ff9b:1::a00:1]',
  'https://[2001::1]',
  'https://[2001:db8::1]',
  'https://224.0.0.1',
  'https://[ff02::1]',
  'https://255.255.255.255',
  'https://240.0.0.1',
  'https://198.18.0.1',
  'https://192.0.2.1',
  'https://example.com..',
]

describe('the address of a target', () => {
  it.each(everywhere)('is allowed: %s', (url) => {
    expect([isAllowed(url, false), isAllowed(url, true)]).toEqual([true, true])
  })

  it.each(privateOnly)('is allowed only where private networks are: %s', (url) => {
    expect([isAllowed(url, false), isAllowed(url, true)]).toEqual([false, true])
  })

  it.each(nowhere)('is never allowed: %s', (url) => {
    expect([isAllowed(url, false), isAllowed(url, true)]).toEqual([false, false])
  })

  it('is not repeated in the refusal', () => {
    expect(() => checkTargetUrl('https://user:hunter2@example.com', { allowPrivateNetwork: false })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    )
  })
})

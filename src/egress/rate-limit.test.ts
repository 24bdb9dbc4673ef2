import { expect, it } from 'vitest'
import { readExhaustedForMs } from './rate-limit.ts'

const nowMs = Date.UTC(2026, 0, 1)
const seconds = nowMs / 1_000

it.each<[Record<string, string>, number]>([
  [{}, 0],
  [{ ratelimit: '"default";r=50;t=30' }, 0],
  [{ ratelimit: '"default";r=0;t=30' }, 30_000],
  [{ ratelimit: '"burst";r=5;t=1, "day";r=0;t=600' }, 600_000],
  [{ ratelimit: '"default"; r=0' }, 0],
  [{ ratelimit: 'limit=100, remaining=0, reset=20' }, 20_000],
  [{ ratelimit: 'limit=100, remaining=7, reset=20' }, 0],
  [{ 'ratelimit-limit': '10', 'ratelimit-remaining': '0', 'ratelimit-reset': '7' }, 7_000],
  [{ 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': '60' }, 0],
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' }, 60_000],
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(seconds + 90) }, 90_000],
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(nowMs + 1_500) }, 1_500],
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(seconds - 90) }, 0],
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '0.5', 'x-ratelimit-reset': '9' }, 500],
  [{ 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '2' }, 2_000],
  [{ 'x-ratelimit-remaining': '-1', 'x-ratelimit-reset': '2' }, 2_000],
  [{ 'x-ratelimit-remaining': '0, 0', 'x-ratelimit-reset': '2, 3' }, 2_000],
  [{ 'x-ratelimit-remaining': '0' }, 0],
  [{ 'x-ratelimit-remaining': 'none', 'x-ratelimit-reset': 'soon' }, 0],
  [{ 'x-shopify-shop-api-call-limit': '39/40' }, 0],
  [{ 'x-shopify-shop-api-call-limit': '40/40' }, 1_000],
  [{ 'x-shopify-shop-api-call-limit': '40/40', 'ratelimit-remaining': '0', 'ratelimit-reset': '7' }, 7_000],
  // Absurd ones end after a day.
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '999999999999999' }, 86_400_000],
  [{ ratelimit: '"default";r=0;t=999999999' }, 86_400_000],
])('headers %j hold for %d ms', (headers, expected) => {
  expect(readExhaustedForMs(headers, nowMs)).toBe(expected)
})

import assert from 'node:assert/strict'
import test from 'node:test'
import { clock, size } from '../words.js'

test('sizes are short', () => {
  assert.deepEqual([0, 999, 1000, 1536, 20_480, 5_242_880, 3 * 1024 ** 3].map(size), ['0 B', '999 B', '1.0 KiB', '1.5 KiB', '20 KiB', '5.0 MiB', '3.0 GiB'])
})

test('a time of another day has its day', () => {
  const now = new Date(2026, 10, 21, 14, 0).getTime()
  assert.ok(!/2026/.test(clock(now + 60_000, now)))
  assert.match(clock(now + 86_400_000, now), /2026/)
})

import assert from 'node:assert/strict'
import test from 'node:test'
import { cleaned, tokenIn } from '../account.js'

test('a token is taken from behind #token= and from nowhere else', () => {
  assert.equal(tokenIn('#token=a.b-c_d'), 'a.b-c_d')
  assert.equal(tokenIn('#token=a%2Eb'), 'a.b')
  assert.equal(tokenIn('#token=%zz'), '%zz')
  for (const hash of ['', '#/', '#/workflows/x', '#atoken=x', '#/?token=x']) assert.equal(tokenIn(hash), null)
})

test('a token is taken as people paste it', () => {
  for (const text of ['a.b.c', ' a.b.c\n', 'Bearer a.b.c', 'Authorization: Bearer a.b.c']) assert.equal(cleaned(text), 'a.b.c')
})

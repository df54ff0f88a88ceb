import assert from 'node:assert/strict'
import test from 'node:test'
import { Places, lineAndColumn, lineDifference, moved, replacement, tokens, wordDifference } from '../text.js'

const applied = (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove)

test('a replacement is as small as it can be', () => {
  assert.equal(replacement('same', 'same'), null)
  assert.deepEqual(replacement('a b c', 'a X c', 3), { at: 2, remove: 1, insert: 'X' })
  assert.deepEqual(replacement('', 'new'), { at: 0, remove: 0, insert: 'new' })
  assert.deepEqual(replacement('old', ''), { at: 0, remove: 3, insert: '' })
})

test('where letters repeat, the caret says which were typed', () => {
  assert.deepEqual(replacement('aaa', 'aaaa', 1), { at: 0, remove: 0, insert: 'a' })
  assert.deepEqual(replacement('aaa', 'aaaa', 3), { at: 2, remove: 0, insert: 'a' })
  assert.deepEqual(replacement('aaa', 'aa', 0), { at: 0, remove: 1, insert: '' })
})

test('surrogates stay together', () => {
  assert.deepEqual(replacement('😀', '😁', 2), { at: 0, remove: 2, insert: '😁' })
  assert.deepEqual(replacement('🐀', '😀', 2), { at: 0, remove: 2, insert: '😀' })
})

test('random edits are found, wherever the caret is', () => {
  let seed = 7
  const random = (limit) => (seed = (seed * 48271) % 2147483647) % limit
  for (let round = 0; round < 5000; round++) {
    const before = Array.from({ length: random(9) }, () => 'ab😀'.slice(random(3))).join('')
    const at = random(before.length + 1)
    const remove = random(before.length - at + 1)
    const insert = 'ab'.repeat(random(3))
    const after = applied(before, { at, remove, insert })
    const change = replacement(before, after, at + insert.length)
    assert.equal(change ? applied(before, change) : before, after)
    if (change) assert.ok(change.remove + change.insert.length <= remove + insert.length + 4)
  }
})

test('a caret stays with its letter', () => {
  assert.equal(moved(3, [{ insert: 'xx' }]), 5)
  assert.equal(moved(3, [{ retain: 3 }, { insert: 'xx' }]), 3)
  assert.equal(moved(3, [{ retain: 3 }, { insert: 'xx' }], true), 5)
  assert.equal(moved(3, [{ retain: 1 }, { delete: 5 }]), 1)
  assert.equal(moved(8, [{ retain: 1 }, { delete: 5 }, { insert: 'ab' }]), 5)
  assert.equal(moved(2, [{ retain: 4 }, { delete: 5 }]), 2)
})

test('letters of a copy are found in the text that others go on writing', () => {
  const places = new Places(2)
  places.follow([{ insert: 'xxx' }])
  assert.deepEqual(places.edited({ at: 0, remove: 2, insert: 'abc' }), { at: 3, runs: [[3, 5]] })
  places.follow([{ retain: 4 }, { insert: 'y' }])
  assert.deepEqual(places.places, [3, 5, 6])
  assert.equal(places.of(1), 4)
  assert.deepEqual(places.edited({ at: 0, remove: 3, insert: 'z' }), { at: 3, runs: [[3, 4], [5, 7]] })
})

test('whoever writes in a copy removes nothing but what is in it, whatever others do', () => {
  let seed = 11
  const random = (limit) => (seed = (seed * 48271) % 2147483647) % limit
  for (let round = 0; round < 2000; round++) {
    let name = 0
    const text = Array.from({ length: random(6) }, () => `c${name++}`)
    const copy = [...text]
    const places = new Places(copy.length)
    for (let step = 0; step < 8; step++) {
      const isMine = random(2) === 0
      const into = isMine ? copy : text
      const at = random(into.length + 1)
      const remove = random(into.length - at + 1)
      const added = Array.from({ length: random(3) }, () => `${isMine ? 'c' : 'o'}${name++}`)
      if (isMine) {
        const removed = new Set(copy.splice(at, remove, ...added))
        const { at: place, runs } = places.edited({ at, remove, insert: added.join('').slice(0, added.length) })
        for (const [from, to] of runs.reverse()) for (const each of text.splice(from, to - from)) assert.ok(removed.has(each))
        text.splice(place, 0, ...added)
        for (const each of removed) assert.ok(!text.includes(each))
      } else {
        text.splice(at, remove, ...added)
        places.follow([{ retain: at }, { delete: remove }, { insert: 'x'.repeat(added.length) }])
      }
      assert.deepEqual(places.places.map((place) => (place === null ? null : text[place])), copy.map((each) => (text.includes(each) ? each : null)))
    }
  }
})

test('texts differ by line', () => {
  assert.deepEqual(lineDifference('a\nb\nc', 'a\nX\nc'), [
    { kind: 'same', lines: ['a'] }, { kind: 'removed', lines: ['b'] }, { kind: 'added', lines: ['X'] }, { kind: 'same', lines: ['c'] },
  ])
  assert.deepEqual(lineDifference('same', 'same'), [{ kind: 'same', lines: ['same'] }])
  const kept = (parts, without) => parts.filter(({ kind }) => kind !== without).flatMap(({ lines }) => lines).join('\n')
  const [before, after] = ['a\nb\nc\nd\ne', 'b\nc\nx\nd\nd\nf']
  const parts = lineDifference(before, after)
  assert.equal(kept(parts, 'added'), before)
  assert.equal(kept(parts, 'removed'), after)
  assert.deepEqual(parts.filter(({ kind }) => kind === 'same').flatMap(({ lines }) => lines), ['b', 'c', 'd'])
})

test('lines that resemble each other differ by word', () => {
  assert.deepEqual(wordDifference("get('/patients')", "get('/visits')"), [
    { kind: 'same', text: "get('/" }, { kind: 'removed', text: 'patients' }, { kind: 'added', text: 'visits' }, { kind: 'same', text: "')" },
  ])
  assert.deepEqual(wordDifference('fn(state => state);', '  fn(state => state);'), [{ kind: 'added', text: '  ' }, { kind: 'same', text: 'fn(state => state);' }])
  assert.equal(wordDifference('one thing here', 'quite another matter'), null)
  assert.equal(wordDifference('', 'new'), null)
})

test('lines and columns count from one', () => {
  assert.deepEqual(lineAndColumn('ab\ncd', 0), { line: 1, column: 1 })
  assert.deepEqual(lineAndColumn('ab\ncd', 4), { line: 2, column: 2 })
})

test('pieces of code follow each other, and end where a text is not finished', () => {
  const code = "get('/x', 12) // note\n`open"
  assert.deepEqual(tokens(code).map(({ start, end, kind }) => [code.slice(start, end), kind]), [
    ['get', 'call'], ["'/x'", 'string'], ['12', 'number'], ['// note', 'comment'], ['`open', 'string'],
  ])
})

// The small files: primitives, messages and awareness, hostile input.
import {
  Y, Random, Session, awarenessProtocol, base64, encoding, hash, hex, json, newDoc, ordered, syncProtocol, tagged
} from './oracle.mjs'

const encoded = write => {
  const encoder = encoding.createEncoder()
  write(encoder)
  return encoding.toUint8Array(encoder)
}

export function * primitives () {
  for (const v of [0, 1, 127, 128, 255, 16383, 16384, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1]) {
    yield { t: 'varuint', v: String(v), hex: hex(encoded(e => encoding.writeVarUint(e, v))) }
  }
  for (const v of [0, -0, 1, -1, 63, 64, -63, -64, 8191, 8192, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, -(2 ** 53 - 1)]) {
    yield { t: 'varint', v: Object.is(v, -0) ? '-0' : String(v), hex: hex(encoded(e => encoding.writeVarInt(e, v))) }
  }
  for (const v of ['', 'a', 'é', '漢字', '🙂', '\uFEFFx', '\u0000', 'x'.repeat(200)]) {
    const utf16 = Array.from({ length: v.length }, (_, i) => v.charCodeAt(i))
    yield { t: 'varstring', utf16, len: v.length, hex: hex(encoded(e => encoding.writeVarString(e, v))) }
  }
  const any = [
    undefined, null, true, false, 0, -0, 1, -1, 64, 2 ** 31 - 1, -(2 ** 31 - 1), 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 0.5,
    0.1, NaN, Infinity, 1e300, 2n ** 62n, -5n, '', 'é🙂', [], [1, [null]], {}, { b: 1, a: { c: [true] } }, { $: 1 },
    new Uint8Array([1, 2, 255])
  ]
  for (const v of any) yield { t: 'any', v: tagged(v), hex: hex(encoded(e => encoding.writeAny(e, v))) }
  yield * columns()
}

/** The columns of format V2. */
function * columns () {
  const bytes = [[7], [7, 7], [0, 0, 0], [1, 1, 2], [9, 8, 7], [255, 255, 0, 0, 0, 255], Array(300).fill(3)]
  const numbers = [...bytes, [], [2 ** 32, 2 ** 32, 1], [5, 10, 15, 16, 17, 3, 3], [2 ** 53 - 1, 0]]
  const written = (encoder, values) => {
    for (const value of values) encoder.write(value)
    return hex(encoder.toUint8Array ? encoder.toUint8Array() : encoding.toUint8Array(encoder))
  }
  for (const v of bytes) yield { t: 'rleU8', v, hex: written(new encoding.RleEncoder(encoding.writeUint8), v) }
  for (const v of numbers) yield { t: 'uintOptRle', v, hex: written(new encoding.UintOptRleEncoder(), v) }
  for (const v of numbers.slice(0, -1)) {
    yield { t: 'intDiffOptRle', v, hex: written(new encoding.IntDiffOptRleEncoder(), v) }
  }
  for (const strings of [[], [''], ['ab', '', 'é', '🙂🙂', 'x'], ['a', 'b', 'c', 'c'], ['x'.repeat(100)]]) {
    const v = strings.map(string => Array.from({ length: string.length }, (_, i) => string.charCodeAt(i)))
    yield { t: 'stringColumn', v, hex: written(new encoding.StringEncoder(), strings) }
  }
}

const awarenessBytes = entries => encoded(e => {
  encoding.writeVarUint(e, entries.length)
  for (const [client, clock, state] of entries) {
    encoding.writeVarUint(e, client)
    encoding.writeVarUint(e, clock)
    encoding.writeVarString(e, typeof state === 'string' ? state : JSON.stringify(state))
  }
})

/** Runs a script of remote updates on the oracle. Its own client stays out of it, as a server has none. */
const awarenessCase = (id, steps, note) => {
  const self = 1000
  const doc = newDoc({ clientID: self })
  const awareness = new awarenessProtocol.Awareness(doc)
  awareness.setLocalState(null)
  let events = []
  awareness.on('update', event => events.push({ update: event }))
  const done = steps.map(step => {
    events = []
    const out = {}
    if (step.apply) {
      const bytes = awarenessBytes(step.apply)
      out.apply = base64(bytes)
      out.entries = step.apply
      awarenessProtocol.applyAwarenessUpdate(awareness, bytes, 'remote')
    } else if (step.remove) {
      out.remove = step.remove
      awarenessProtocol.removeAwarenessStates(awareness, step.remove, 'timeout')
    } else {
      out.encode = step.encode
      out.bytes = base64(awarenessProtocol.encodeAwarenessUpdate(awareness, step.encode))
    }
    out.events = events
    const clocks = Object.fromEntries([...awareness.meta].filter(([client]) => client !== self).map(([client, meta]) => [client, meta.clock]))
    out.after = { states: Object.fromEntries(awareness.getStates()), clocks }
    return out
  })
  events = []
  awareness.destroy()
  doc.destroy()
  return { id: `awareness/${id}`, self, ...(note ? { note } : {}), steps: done }
}

export function * protocol () {
  yield awarenessCase('clocks', [
    { apply: [[1, 1, { u: 'a' }]] }, { apply: [[1, 1, { u: 'again' }]] }, { apply: [[1, 3, { u: 'b' }], [2, 5, { v: 1 }]] },
    { apply: [[1, 2, { u: 'late' }]] }, { encode: [1, 2] }
  ])
  yield awarenessCase('removal', [
    { apply: [[1, 4, { u: 1 }], [2, 4, { u: 2 }]] }, { apply: [[1, 4, null]] }, { apply: [[1, 4, { u: 'same clock' }]] },
    { apply: [[2, 3, null]] }, { apply: [[2, 9, null]] }, { apply: [[2, 12, null]] }, { apply: [[1, 5, { u: 'back' }]] }, { encode: [1, 2] }
  ], 'a removal counts at the known clock, a return needs a higher one')
  yield awarenessCase('zero', [
    { apply: [[7, 0, { x: 1 }]] }, { apply: [[8, 0, null]] }, { apply: [[9, 3, null]] }, { apply: [[9, 3, { x: 1 }]] },
    { apply: [[9, 4, { x: 1 }]] }, { apply: [[7, 1, { x: 1 }]] }
  ], 'an unknown client counts as clock 0')
  yield awarenessCase('timeout', [
    { apply: [[3, 4, { a: 1 }], [4, 4, { b: 1 }]] }, { remove: [3] }, { encode: [3, 4] }, { apply: [[3, 4, { a: 1 }]] },
    { apply: [[3, 5, { a: 1 }]] }
  ], 'the server\'s own removal keeps the clock')
  const random = new Random(4242)
  for (let i = 0; i < 4; i++) {
    const steps = Array.from({ length: 25 }, () => random.chance(0.15)
      ? { remove: [random.between(1, 4)] }
      : {
          apply: Array.from({ length: random.between(1, 3) }, () => [
            random.between(1, 4), random.between(0, 12), random.chance(0.3) ? null : { n: random.below(3) }
          ])
        })
    yield awarenessCase(`random/${i}`, steps)
  }
  yield syncCase()
}

/** The handshake of a server and a client that both have something. */
const syncCase = () => {
  const server = newDoc({ clientID: 1 })
  const client = newDoc({ clientID: 2 })
  server.getText('t').insert(0, 'server text')
  client.getText('t').insert(0, 'client text')
  const framed = write => encoded(e => { encoding.writeVarUint(e, 0); write(e) })
  return {
    id: 'sync/handshake',
    roots: { t: 'text' },
    server: base64(Y.encodeStateAsUpdate(server)),
    client: base64(Y.encodeStateAsUpdate(client)),
    frames: {
      step1FromClient: base64(framed(e => syncProtocol.writeSyncStep1(e, client))),
      step2FromServer: base64(framed(e => syncProtocol.writeSyncStep2(e, server, Y.encodeStateVector(client)))),
      step1FromServer: base64(framed(e => syncProtocol.writeSyncStep1(e, server))),
      updateFromClient: base64(framed(e => syncProtocol.writeUpdate(e, Y.encodeStateAsUpdate(client))))
    }
  }
}

const newType = value => {
  if (value === null || typeof value !== 'object' || !('$new' in value)) return value
  if (value.$new === 'text') return new Y.Text(value.init)
  if (value.$new === 'array') return Y.Array.from(value.init)
  return new Y.Map(Object.entries(value.init))
}

export const perform = (doc, roots, { o, p, i, n, s, k, v, vs }) => {
  const [root, ...rest] = p
  const getters = { map: 'getMap', array: 'getArray', text: 'getText' }
  const type = rest.reduce((outer, part) => outer.get(part), doc[getters[roots[root]]](root))
  switch (o) {
    case 'tins': return type.insert(i, s)
    case 'tdel': return type.delete(i, n)
    case 'mset': return type.set(k, newType(v))
    case 'mdel': return type.delete(k)
    case 'ains': return type.insert(i, vs.map(newType))
    case 'apush': return type.push(vs.map(newType))
    case 'adel': return type.delete(i, n)
  }
}

const paths = (type, path) => {
  const children = type instanceof Y.Map ? [...type.entries()] : type instanceof Y.Array ? type.toArray().map((each, i) => [i, each]) : []
  return [{ type, path }, ...children.filter(([, child]) => child instanceof Y.AbstractType).flatMap(([key, child]) => paths(child, [...path, key]))]
}

/** A random edit of something in the document. Texts hold no surrogate pairs, so that any index will do. */
export const randomEdit = (random, doc, roots) => {
  const value = () => random.pick([1, -5, 2.5, 'é', null, true, [1, { a: 2 }], { b: 1 }, { $new: 'text', init: 'new' }, { $new: 'map', init: { x: 1 } }, { $new: 'array', init: [1, 'y'] }])
  const { type, path: p } = random.pick(Object.keys(roots).flatMap(root => paths(doc.share.get(root), [root])))
  if (type instanceof Y.Text) {
    const i = random.below(type.length + 1)
    if (type.length > i && random.chance(0.4)) return { o: 'tdel', p, i, n: Math.min(type.length - i, random.between(1, 5)) }
    return { o: 'tins', p, i, s: random.pick(['a', 'bc', 'é漢', 'typed text ']) }
  }
  if (type instanceof Y.Map) {
    const k = random.pick(['k', 'x', 'ключ'])
    return type.has(k) && random.chance(0.3) ? { o: 'mdel', p, k } : { o: 'mset', p, k, v: value() }
  }
  const i = random.below(type.length + 1)
  if (type.length > i && random.chance(0.4)) return { o: 'adel', p, i, n: Math.min(type.length - i, random.between(1, 3)) }
  const vs = Array.from({ length: random.between(1, 3) }, value)
  return random.chance(0.3) ? { o: 'apush', p, vs } : { o: 'ains', p, i, vs }
}

/** Edits and the very bytes that they must produce. */
export function * authoring () {
  const roots = { t: 'text', m: 'map', a: 'array' }
  for (let number = 0; number < 8; number++) {
    const random = new Random(3100 + number)
    const clients = [random.between(1, 200), random.between(201, 4294967000)]
    const session = new Session({ clients, roots })
    const steps = []
    for (let step = 0; step < 40; step++) {
      const c = random.below(2)
      if (random.chance(0.3)) {
        const missing = session.updates.map((_, i) => i).filter(i => !session.known[c].has(i))
        missing.forEach(i => steps.push({ c, recv: i }))
        session.catchUp(c)
      }
      const ops = []
      const before = session.updates.length
      session.edit(c, doc => {
        for (let count = random.between(1, 3); count > 0; count--) {
          const edit = randomEdit(random, doc, roots)
          ops.push(edit)
          perform(doc, roots, edit)
        }
      })
      steps.push({ c, ops, emit: session.updates.length > before ? before : null })
    }
    const final = session.docs.map(doc => {
      const reloaded = newDoc({ roots })
      Y.applyUpdate(reloaded, Y.encodeStateAsUpdate(doc))
      return {
        json: Object.fromEntries(Object.keys(roots).map(root => [root, json(doc.share.get(root))])),
        canon1: hash(ordered(Y.encodeStateAsUpdate(reloaded)))
      }
    })
    yield { id: `authoring/${number}`, roots, clients, updates: session.updates.map(update => ({ v1: base64(update) })), steps, final }
  }
}

/** An update with a bit of everything, to be damaged. */
const victim = () => {
  const session = new Session({ clients: [300, 7], roots: {} })
  session.edit(0, doc => {
    doc.getText('t').insert(0, 'base é🙂')
    doc.getMap('m').set('k', [1, 0.5, { a: null }])
    doc.getArray('a').insert(0, [new Y.Map([['x', 1]]), new Uint8Array([1, 2, 3])])
    doc.getText('t').insertEmbed(2, { e: 1 })
  })
  session.catchUp(1)
  session.edit(1, doc => {
    doc.getText('t').insert(1, 'XY')
    doc.getText('t').delete(0, 2)
    doc.getArray('a').get(0).set('x', 2)
    doc.getArray('a').delete(1, 1)
  })
  const doc = newDoc({ clientID: 9 })
  session.updates.forEach(update => Y.applyUpdate(doc, update))
  return ordered(Y.encodeStateAsUpdate(doc))
}

// `expect`: "reject" = an error and no change. "any" = no trap, no hang; what was accepted survives its own encoding.
export function * malformed () {
  const whole = victim()
  const baseDoc = newDoc({ clientID: 7 })
  baseDoc.getText('t').insert(0, 'base text')
  const base = base64(Y.encodeStateAsUpdate(baseDoc))
  const of = (id, bytes, expect, kind = 'v1') => ({ id, kind, base: kind === 'v1' ? base : undefined, bytes: base64(bytes), expect })
  for (let length = 0; length < whole.length; length++) yield of(`cut/${length}`, whole.subarray(0, length), 'reject')
  const random = new Random(99)
  for (let i = 0; i < 150; i++) {
    const bytes = whole.slice()
    for (let flips = random.between(1, 3); flips > 0; flips--) bytes[random.below(bytes.length)] ^= 1 << random.below(8)
    yield of(`flipped/${i}`, bytes, 'any')
  }
  for (let i = 0; i < 100; i++) {
    yield of(`noise/${i}`, Uint8Array.from({ length: random.between(1, 40) }, () => random.below(256)), 'any')
  }
  const whole2 = Y.convertUpdateFormatV1ToV2(whole)
  for (let length = 0; length < whole2.length; length++) yield of(`v2/cut/${length}`, whole2.subarray(0, length), 'any', 'v2')
  for (let i = 0; i < 150; i++) {
    const bytes = whole2.slice()
    for (let flips = random.between(1, 3); flips > 0; flips--) bytes[random.below(bytes.length)] ^= 1 << random.below(8)
    yield of(`v2/flipped/${i}`, bytes, 'any', 'v2')
  }
  // Columns that repeat themselves for ever: collected structs of length one, two thousand million of them.
  const bomb = [
    0, 0, 1, 5, 0, 0, 1, 0, 1, 0, 0, 0, 6, 0x41, 0xff, 0xff, 0xff, 0xff, 7, 1, 0xff, 0xff, 0xff, 0xff, 7, 0, 0
  ]
  yield of('v2/bomb/collected', bomb, 'reject', 'v2')
  const huge = [255, 255, 255, 255, 255, 255, 255, 15]
  const root = [1, 1, 0x74]
  const group = [1, 1, 5, 0]
  yield of('huge/clients', [...huge, 0], 'reject')
  yield of('huge/structs', [1, ...huge, 5, 0, 4, ...root, 1, 0x61, 0], 'reject')
  yield of('huge/string', [...group, 4, ...root, ...huge, 0x61, 0], 'reject')
  yield of('huge/any-count', [...group, 8, ...root, ...huge, 0x7e, 0], 'reject')
  yield of('huge/binary', [...group, 3, ...root, ...huge, 0x7e, 0], 'reject')
  yield of('huge/delete-clients', [0, ...huge], 'reject')
  yield of('huge/delete-ranges', [0, 1, 5, ...huge, 0, 1], 'reject')
  yield of('huge/clock-and-length', [1, 1, 5, ...huge, 0, ...huge, 0], 'reject')
  yield of('huge/integer', [1, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 4, ...root, 1, 0x61, 0], 'reject')
  yield of('string/not-utf8', [...group, 4, ...root, 2, 0xC3, 0x28, 0], 'reject')
  yield of('content/unknown', [...group, 31, ...root, 1, 0], 'reject')
  yield of('type/unknown', [...group, 7, ...root, 99, 0], 'reject')
  yield of('any/unknown-tag', [...group, 8, ...root, 1, 0x20, 0], 'reject')
  yield of('any/nested-too-deep', [...group, 8, ...root, 1, ...Array(2000).fill([117, 1]).flat(), 126, 0], 'reject')
  yield of('embed/not-json', [...group, 5, ...root, 1, 0x7B, 0], 'any')
  yield of('origin/itself', [1, 1, 5, 0, 0x84, 5, 0, 1, 0x61, 0], 'reject')
  yield of('origin/later-in-the-run', [1, 1, 5, 0, 0x84, 5, 9, 1, 0x61, 0], 'reject')
  for (const [id, bytes, expect] of [
    ['count', [...huge], 'reject'], ['cut', [2, 1, 1], 'reject'], ['empty-input', [], 'reject'],
    ['clock', [1, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], 'reject'], ['plain', [1, 5, 3], 'any']
  ]) yield of(`vector/${id}`, bytes, expect, 'sv')
  for (const [id, bytes] of [
    ['count', [...huge]], ['cut', [1, 1, 1]], ['text', [1, 1, 1, 200, 1, 123]], ['not-json', [1, 1, 1, 4, 123, 98, 97, 100]]
  ]) yield of(`awareness/${id}`, bytes, 'reject', 'awareness')
}

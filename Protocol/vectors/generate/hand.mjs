// Hand-picked cases: what a random history meets rarely or never.
import { Y, Random, Session, base64, bytesOf, encoding, inV2, ordered, orderedV2, replay } from './oracle.mjs'

const big = 4294967295
const everything = { t: 'text', m: 'map', a: 'array' }

/** Writes an update by hand. */
class Update {
  constructor () { this.encoder = encoding.createEncoder() }
  uint (...values) { values.forEach(value => encoding.writeVarUint(this.encoder, value)); return this }
  byte (...values) { values.forEach(value => encoding.writeUint8(this.encoder, value)); return this }
  string (value) { encoding.writeVarString(this.encoder, value); return this }
  any (value) { encoding.writeAny(this.encoder, value); return this }
  bytes () { return encoding.toUint8Array(this.encoder) }
}

/** One group of one client, one struct, no deletions. */
const single = (client, clock, write) => {
  const update = new Update().uint(1, 1, client, clock)
  write(update)
  return update.uint(0).bytes()
}

const inRoot = (update, ref, root, key) => {
  update.byte(ref | (key === undefined ? 0 : 0x20)).uint(1).string(root)
  return key === undefined ? update : update.string(key)
}

const permutations = list => list.length < 2 ? [list]
  : list.flatMap((item, i) => permutations([...list.slice(0, i), ...list.slice(i + 1)]).map(rest => [item, ...rest]))

const indices = list => list.map((_, i) => i)

/** In order, reversed, each twice, without each one in turn, and all orders where that is few. */
const usualOrders = updates => {
  const all = indices(updates)
  const orders = updates.length <= 3 ? permutations(all) : [all, all.slice().reverse(), new Random(updates.length).shuffled(all)]
  if (all.length > 0) orders.push(all.flatMap(i => [i, i]))
  if (all.length > 1 && all.length <= 4) all.forEach(i => orders.push(all.filter(j => j !== i)))
  return orders
}

const handCase = ({ id, updates, roots = everything, gc = true, orders = usualOrders(updates), note }) => {
  const outcomes = orders.map(order => replay({ updates, order, roots, gc }))
  const results = outcomes.map((outcome, k) => ({
    order: orders[k], json: outcome.json, sv: outcome.sv, ds: outcome.ds,
    ...(outcome.pending ? { pending: true } : { full: { v1: base64(outcome.full), v2: base64(outcome.full2) } }),
    ...merged(orders[k].map(index => updates[index])),
    svBytes: base64(outcome.svBytes), emitted: outcome.emitted
  }))
  const vectors = [new Map(), ...replayPrefixes(updates, roots, gc)]
  const diffs = outcomes.length === 0 || outcomes[0].pending ? [] : unique(vectors.map(vector => base64(Y.encodeStateVector(vector)))).map(sv => ({
    sv, ...difference(outcomes[0], bytesOf(sv))
  }))
  return {
    id, roots, gc, ...(note ? { note } : {}), updates: updates.map(update => ({ v1: base64(update), v2: inV2(update) })), results, diffs
  }
}

/** What a merge without a document makes of updates; nothing where the oracle refuses them. */
const merged = updates => {
  if (updates.length < 2) return {}
  try {
    const update = ordered(Y.mergeUpdates(updates))
    return { merged: { v1: base64(update), v2: inV2(update), sv: base64(Y.encodeStateVectorFromUpdate(update)) } }
  } catch {
    return {}
  }
}

/** The difference to a state, by a document and without one. */
const difference = (outcome, sv) => {
  const [v1, alone] = [Y.encodeStateAsUpdate(outcome.doc, sv), Y.diffUpdate(outcome.full, sv)].map(ordered)
  const diffUpdate = base64(v1) === base64(alone) ? 'same' : { v1: base64(alone), v2: inV2(alone) }
  return { v1: base64(v1), v2: base64(orderedV2(Y.encodeStateAsUpdateV2(outcome.doc, sv))), diffUpdate }
}

const unique = list => [...new Set(list)]

const replayPrefixes = (updates, roots, gc) => updates.slice(0, 6).map((_, i) => {
  const { doc } = replay({ updates, order: indices(updates).slice(0, i + 1), roots, gc })
  return Y.decodeStateVector(Y.encodeStateVector(doc))
})

/** Records what clients write. `script` gets the session. */
const recorded = (clients, script, { roots = everything, gc = true } = {}) => {
  const session = new Session({ clients, roots, gc })
  script(session)
  return session.updates
}

const values = [
  null, true, false, 0, 1, -1, 63, 64, -64, 127, 128, 8191, 8192, 2 ** 31 - 1, -(2 ** 31 - 1), 2 ** 31, -(2 ** 31),
  2 ** 32, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53, 0.5, 0.1, -1.5, 1e-300, 1e300, -0, NaN, Infinity, -Infinity,
  '', 'a', 'é漢🙂', '\u0000', '\uFEFFmark', [], {}, [[1], [2, [3]]], { a: { b: { c: null } } }, { 2: 'two', 1: 'one', b: 0 },
  { $: 'tag' }, [undefined, null], [2n ** 62n], [-1n], new Uint8Array([0, 255])
]

function * valueCases () {
  for (const [i, value] of values.entries()) {
    yield handCase({
      id: `value/${i}`, roots: { m: 'map' },
      updates: recorded([7], session => session.edit(0, doc => doc.getMap('m').set('k', value)), { roots: { m: 'map' } })
    })
  }
  for (const client of [0, 1, 127, 128, 2 ** 31, big, 2 ** 53 - 1]) {
    yield handCase({
      id: `client/${client}`,
      updates: recorded([client], session => {
        session.edit(0, doc => doc.getText('t').insert(0, 'ab'))
        session.edit(0, doc => doc.getText('t').insert(1, 'X'))
        session.edit(0, doc => doc.getText('t').delete(0, 2))
      })
    })
  }
}

function * lists () {
  for (const clients of [[1, 2, 3], [3, 2, 1], [200, 5, big]]) {
    const label = clients.join('-')
    yield handCase({
      id: `text/concurrent-head/${label}`,
      updates: recorded(clients, session => clients.forEach((_, i) => session.edit(i, doc => doc.getText('t').insert(0, 'abc'[i].repeat(i + 1)))))
    })
    yield handCase({
      id: `text/concurrent-middle/${label}`,
      updates: recorded(clients, session => {
        session.edit(0, doc => doc.getText('t').insert(0, 'left right'))
        clients.forEach((_, i) => session.catchUp(i))
        clients.forEach((_, i) => session.edit(i, doc => doc.getText('t').insert(4, `<${i}>`)))
        clients.forEach((_, i) => session.edit(i, doc => doc.getText('t').insert(4, `(${i})`)))
      })
    })
    yield handCase({
      id: `array/push-and-insert/${label}`,
      updates: recorded(clients, session => {
        session.edit(0, doc => doc.getArray('a').push([1, 2, 3]))
        clients.forEach((_, i) => session.catchUp(i))
        session.edit(0, doc => doc.getArray('a').delete(2, 1))
        session.edit(1, doc => doc.getArray('a').push(['pushed']))
        session.edit(2, doc => doc.getArray('a').insert(3, ['inserted']))
      })
    })
    yield handCase({
      id: `text/delete-and-insert/${label}`,
      updates: recorded(clients, session => {
        session.edit(0, doc => doc.getText('t').insert(0, 'abcdef'))
        clients.forEach((_, i) => session.catchUp(i))
        session.edit(0, doc => doc.getText('t').delete(1, 4))
        session.edit(1, doc => doc.getText('t').insert(3, 'kept'))
        session.edit(2, doc => doc.getText('t').delete(2, 2))
      })
    })
  }
  yield handCase({
    id: 'text/typing-backwards',
    updates: recorded([5, 6], session => {
      for (const letter of 'edcba') session.edit(0, doc => doc.getText('t').insert(0, letter))
      for (const letter of 'zyx') session.edit(1, doc => doc.getText('t').insert(0, letter))
    })
  })
  yield handCase({
    id: 'text/tombstones-right-of-the-insertion',
    updates: recorded([3, 4], session => {
      session.edit(0, doc => doc.getText('t').insert(0, 'abcdef'))
      session.edit(0, doc => doc.getText('t').delete(2, 2))
      session.edit(0, doc => doc.getText('t').insert(2, 'Q'))
      session.edit(0, doc => doc.getText('t').delete(0, 5))
      session.edit(0, doc => doc.getText('t').insert(0, 'again'))
    })
  })
  yield handCase({
    id: 'text/pairs-whole',
    updates: recorded([1, 2], session => {
      session.edit(0, doc => doc.getText('t').insert(0, 'a🙂b🙃c'))
      session.catchUp(1)
      session.edit(0, doc => doc.getText('t').delete(1, 2))
      session.edit(1, doc => doc.getText('t').insert(3, '漢'))
    })
  })
  yield handCase({
    id: 'text/pair-split-by-an-insertion', note: 'both halves become U+FFFD on every replica',
    updates: recorded([1], session => {
      session.edit(0, doc => doc.getText('t').insert(0, 'a🙂b'))
      session.edit(0, doc => doc.getText('t').insert(2, '-'))
    })
  })
  yield handCase({
    id: 'text/pair-split-by-a-deletion',
    updates: recorded([1], session => {
      session.edit(0, doc => doc.getText('t').insert(0, 'a🙂b'))
      session.edit(0, doc => doc.getText('t').delete(2, 1))
    })
  })
  yield handCase({
    id: 'text/embed', roots: { t: 'text' },
    updates: recorded([9], session => {
      session.edit(0, doc => doc.getText('t').insert(0, 'ab'))
      session.edit(0, doc => doc.getText('t').insertEmbed(1, { image: 'x.png' }))
      session.edit(0, doc => doc.getText('t').delete(0, 2))
    }, { roots: { t: 'text' } })
  })
}

function * maps () {
  for (const clients of [[1, 2], [2, 1], [127, 128], [big, 1]]) {
    const label = clients.join('-')
    const both = script => recorded(clients, session => {
      session.edit(0, doc => doc.getMap('m').set('k', 'common'))
      session.catchUp(1)
      script(session)
    })
    yield handCase({
      id: `map/concurrent-set/${label}`,
      updates: both(session => clients.forEach((_, i) => session.edit(i, doc => doc.getMap('m').set('k', i))))
    })
    yield handCase({
      id: `map/set-and-delete/${label}`,
      updates: both(session => {
        session.edit(0, doc => doc.getMap('m').delete('k'))
        session.edit(1, doc => doc.getMap('m').set('k', 'set'))
      })
    })
    yield handCase({
      id: `map/winner-deleted/${label}`, note: 'the loser does not come back when the winner is deleted',
      updates: both(session => {
        clients.forEach((_, i) => session.edit(i, doc => doc.getMap('m').set('k', i)))
        clients.forEach((_, i) => session.catchUp(i))
        session.edit(0, doc => doc.getMap('m').delete('k'))
      })
    })
    yield handCase({
      id: `map/two-containers-under-one-key/${label}`,
      updates: recorded(clients, session => clients.forEach((_, i) => {
        session.edit(i, doc => doc.getMap('m').set('k', new Y.Map([['from', i]])))
        session.edit(i, doc => doc.getMap('m').get('k').set('more', i))
      }))
    })
  }
  yield handCase({
    id: 'map/keys',
    updates: recorded([1], session => ['', '1', '__proto__', 'ключ', '🙂', 'x'.repeat(300)].forEach(key =>
      session.edit(0, doc => doc.getMap('m').set(key, key.length))))
  })
  yield handCase({
    id: 'map/many-in-one-transaction',
    updates: recorded([1], session => session.edit(0, doc => {
      for (let i = 0; i < 200; i++) doc.getMap('m').set(`k${i % 20}`, i)
    }))
  })
}

function * nesting () {
  const inner = { 'type/array': () => Y.Array.from([1, 'x', [2]]), 'type/map': () => new Y.Map([['a', 1]]), 'type/text': () => new Y.Text('héllo') }
  for (const [id, make] of Object.entries(inner)) {
    yield handCase({
      id,
      updates: recorded([1, 2], session => {
        session.edit(0, doc => doc.getMap('m').set('in map', make()))
        session.edit(0, doc => doc.getArray('a').insert(0, [make()]))
        session.catchUp(1)
        session.edit(1, doc => doc.getArray('a').insert(0, ['before']))
        session.edit(0, doc => doc.getMap('m').set('in map', 'replaced'))
      })
    })
  }
  yield handCase({
    id: 'type/ten-levels',
    updates: recorded([1], session => {
      session.edit(0, doc => doc.getMap('m').set('down', new Y.Map()))
      for (let depth = 1; depth <= 10; depth++) {
        session.edit(0, doc => {
          let map = doc.getMap('m')
          for (let i = 0; i < depth; i++) map = map.get('down')
          map.set('down', new Y.Map())
          map.set('depth', depth)
        })
      }
    })
  })
  yield handCase({
    id: 'type/late-child-of-a-deleted-parent',
    updates: recorded([1, 2], session => {
      session.edit(0, doc => doc.getMap('m').set('text', new Y.Text('gone soon')))
      session.catchUp(1)
      session.edit(1, doc => doc.getMap('m').get('text').insert(4, 'too late'))
      session.edit(0, doc => doc.getMap('m').delete('text'))
      session.edit(1, doc => doc.getMap('m').get('text').insert(0, 'and again '))
    })
  })
  yield handCase({
    id: 'type/delete-cascades',
    updates: recorded([1, 2], session => {
      session.edit(0, doc => doc.getArray('a').insert(0, [new Y.Map([['t', new Y.Text('deep')], ['l', Y.Array.from([1, 2])]])]))
      session.catchUp(1)
      session.edit(1, doc => doc.getArray('a').get(0).get('l').push([3]))
      session.edit(0, doc => doc.getArray('a').delete(0, 1))
    })
  })
  yield handCase({
    id: 'type/kept-without-collection', gc: false,
    updates: recorded([1, 2], session => {
      session.edit(0, doc => doc.getArray('a').insert(0, [new Y.Map([['t', new Y.Text('deep')]])]))
      session.catchUp(1)
      session.edit(1, doc => doc.getArray('a').get(0).get('t').insert(0, 'so '))
      session.edit(0, doc => doc.getArray('a').delete(0, 1))
    }, { gc: false })
  })
  yield handCase({
    id: 'type/xml', roots: { x: 'xmlfragment' },
    updates: recorded([1, 2], session => {
      session.edit(0, doc => doc.getXmlFragment('x').insert(0, [new Y.XmlElement('p')]))
      session.edit(0, doc => doc.getXmlFragment('x').get(0).setAttribute('class', 'lead'))
      session.edit(0, doc => doc.getXmlFragment('x').get(0).insert(0, [new Y.XmlText('hello')]))
      session.catchUp(1)
      session.edit(1, doc => doc.getXmlFragment('x').get(0).get(0).insert(5, ' world'))
    }, { roots: { x: 'xmlfragment' } })
  })
  yield handCase({
    id: 'type/subdocument', roots: { m: 'map' },
    updates: recorded([1], session => {
      session.edit(0, doc => doc.getMap('m').set('sub', new Y.Doc({ guid: 'a guid', autoLoad: true, meta: { a: 1 } })))
      session.edit(0, doc => doc.getMap('m').set('other', new Y.Doc({ guid: 'another' })))
      session.edit(0, doc => doc.getMap('m').delete('other'))
    }, { roots: { m: 'map' } })
  })
}

function * byHand () {
  yield handCase({ id: 'empty/document', updates: [] })
  yield handCase({ id: 'empty/update', updates: [new Uint8Array([0, 0])] })
  yield handCase({
    id: 'odd/longer-integers', note: 'integers spelt with more bytes than needed',
    updates: [new Uint8Array([0x81, 0x00, 0x81, 0x80, 0x00, 7, 0x80, 0x00, 4, 1, 1, 0x74, 2, 0x61, 0x62, 0x80, 0x00])]
  })
  yield handCase({
    id: 'odd/bytes-after-the-update',
    updates: [new Uint8Array([...single(7, 0, update => inRoot(update, 4, 't').string('ab')), 9, 9, 9])]
  })
  yield handCase({
    id: 'odd/groups-ascending', note: 'writers put the highest client first, readers take any order',
    updates: [new Update().uint(2)
      .uint(1, 1, 0).byte(4).uint(1).string('t').string('one')
      .uint(1, 2, 0).byte(0x84).uint(1, 2).string('two').uint(0).bytes()]
  })
  yield handCase({
    id: 'odd/delete-set-unsorted-and-overlapping', orders: [[0, 1], [0, 1, 1], [0]],
    note: 'the oracle loses such ranges when they have to wait',
    updates: [
      single(7, 0, update => inRoot(update, 4, 't').string('abcdefgh')),
      new Update().uint(0, 1, 7, 3, 4, 2, 0, 3, 1, 1).bytes()
    ]
  })
  yield handCase({
    id: 'odd/key-flag-with-an-origin', note: 'the flag may be set although no key follows',
    updates: [
      single(7, 0, update => inRoot(update, 8, 'm', 'k').uint(1).any('first')),
      single(7, 1, update => update.byte(0xA8).uint(7, 0).uint(1).any('second'))
    ]
  })
  yield handCase({
    id: 'content/legacy-json', roots: { a: 'array' },
    updates: [single(7, 0, update => inRoot(update, 2, 'a').uint(3).string('{"a":[1]}').string('undefined').string('"x"'))]
  })
  yield handCase({
    id: 'content/deleted',
    updates: [
      single(7, 0, update => inRoot(update, 1, 't').uint(5)),
      single(7, 5, update => update.byte(0x84).uint(7, 4).string('after'))
    ]
  })
  yield handCase({
    id: 'content/collected',
    updates: [
      single(7, 0, update => update.byte(0).uint(3)),
      single(7, 3, update => inRoot(update, 4, 't').string('after')),
      single(8, 0, update => update.byte(0x84).uint(7, 1).string('gone'))
    ]
  })
  yield handCase({
    id: 'content/skip', note: 'what stands behind a hole waits until the hole is filled',
    updates: [
      new Update().uint(1, 3, 7, 0).byte(4).uint(1).string('t').string('ab').byte(10).uint(2)
        .byte(0x84).uint(7, 3).string('ef').uint(0).bytes(),
      single(7, 2, update => update.byte(0x84).uint(7, 1).string('cd'))
    ]
  })
  yield handCase({
    id: 'content/overlap', note: 'only the unknown end of a run is taken',
    updates: [
      single(7, 0, update => inRoot(update, 4, 't').string('abc')),
      single(7, 0, update => inRoot(update, 4, 't').string('abcdef')),
      single(7, 4, update => update.byte(0x84).uint(7, 3).string('ef'))
    ]
  })
  yield handCase({
    id: 'wait/deletion-before-its-text',
    updates: [
      new Update().uint(0, 1, 7, 1, 1, 3).bytes(),
      single(7, 0, update => inRoot(update, 4, 't').string('abcdef'))
    ]
  })
  yield handCase({
    id: 'wait/chain-over-three-clients',
    updates: recorded([1, 2, 3], session => {
      session.edit(0, doc => doc.getMap('m').set('t', new Y.Text('a')))
      session.catchUp(1)
      session.edit(1, doc => doc.getMap('m').get('t').insert(1, 'b'))
      session.catchUp(2)
      session.edit(2, doc => doc.getMap('m').get('t').insert(2, 'c'))
      session.catchUp(0)
      session.edit(0, doc => doc.getMap('m').get('t').delete(1, 1))
    })
  })
  yield handCase({
    id: 'wait/overwrite-of-an-unseen-value',
    note: 'A sets k, A sets k2, B overwrites k: delivered last to first nothing may be lost',
    updates: recorded([10, 20], session => {
      session.edit(0, doc => doc.getMap('m').set('k', 'a'))
      session.edit(0, doc => doc.getMap('m').set('k2', 'a2'))
      session.catchUp(1)
      session.edit(1, doc => doc.getMap('m').set('k', 'b'))
    })
  })
  yield handCase({
    id: 'many/clients',
    updates: recorded(Array.from({ length: 40 }, (_, i) => 1000 - i), session => {
      for (let i = 0; i < 40; i++) {
        if (i % 4 === 0) session.catchUp(i)
        session.edit(i, doc => doc.getText('t').insert(0, String.fromCharCode(97 + (i % 26))))
      }
    })
  })
}

export function * hand () {
  yield * byHand()
  yield * valueCases()
  yield * lists()
  yield * maps()
  yield * nesting()
}

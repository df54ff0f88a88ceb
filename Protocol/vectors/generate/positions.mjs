// Relative positions, at every place of several types, and snapshots; each before and after more edits.
import { Y, Random, base64, json, newDoc, ordered } from './oracle.mjs'

const roots = { t: 'text', a: 'array', m: 'map' }
const words = ['a', 'be', 'xyz', '漢', '🙂']

const edit = (doc, random) => {
  const text = doc.getText('t')
  const array = doc.getArray('a')
  const map = doc.getMap('m')
  switch (random.below(7)) {
    case 0: case 1: return text.insert(random.between(0, text.length), random.pick(words))
    case 2: return text.length > 2 && text.delete(random.below(text.length - 1), random.between(1, 2))
    case 3: return array.insert(random.between(0, array.length), [random.below(100), 'x'])
    case 4: return array.length > 3 && array.delete(random.below(array.length), 1)
    case 5: return map.set(random.pick(['k', 'l']), random.below(100))
    case 6: return map.get('n').insert(random.between(0, map.get('n').length), random.pick(words))
  }
}

const places = doc => ({
  t: doc.getText('t'), a: doc.getArray('a'), 'a/2': doc.getArray('a').get(2), 'm/n': doc.getMap('m').get('n')
})

const positions = doc => Object.entries(places(doc)).flatMap(([name, type]) =>
  Array.from({ length: type.length + 1 }, (_, index) => index).flatMap(index => [0, -1, 1].map(assoc => {
    const position = Y.createRelativePositionFromTypeIndex(type, index, assoc)
    return { name, index, assoc, position }
  })))

const indexIn = (doc, position) => Y.createAbsolutePositionFromRelativePosition(position, doc)?.index ?? null

const twoClients = (random, edits) => {
  const docs = [1 + random.below(2 ** 31), 1 + random.below(2 ** 31)].map(clientID => newDoc({ roots, gc: false, clientID }))
  const synchronise = () => docs.forEach(doc => docs.forEach(other => Y.applyUpdate(doc, Y.encodeStateAsUpdate(other))))
  docs[0].transact(() => {
    docs[0].getText('t').insert(0, 'hello')
    docs[0].getArray('a').insert(0, [1, 2, new Y.Array()])
    docs[0].getMap('m').set('n', new Y.Text('inner'))
  })
  synchronise()
  const run = () => {
    for (let i = 0; i < edits; i++) {
      const doc = random.pick(docs)
      doc.transact(() => edit(doc, random))
    }
    synchronise()
  }
  return { docs, run }
}

const content = doc => Object.fromEntries(Object.keys(roots).map(name => [name, json(doc.share.get(name))]))

/** What single updates bring, and from which states on. */
const updateMeta = () => {
  const { docs, run } = twoClients(new Random(900), 15)
  const updates = []
  for (const doc of docs) doc.on('update', (update, origin) => { if (origin === null) updates.push(update) })
  run()
  const state = Y.encodeStateAsUpdate(docs[0])
  const clocks = map => Object.fromEntries(map)
  return {
    id: 'update-meta',
    updates: [...updates.slice(0, 20), ordered(state)].map(update => {
      const [v2, { from, to }] = [Y.convertUpdateFormatV1ToV2(update), Y.parseUpdateMeta(update)]
      return {
        v1: base64(update), v2: base64(v2), from: clocks(from), to: clocks(to),
        sv: base64(Y.encodeStateVectorFromUpdate(update)), svV2: base64(Y.encodeStateVectorFromUpdateV2(v2))
      }
    })
  }
}

export function * positionCases () {
  for (let number = 0; number < 12; number++) {
    const { docs: [doc], run } = twoClients(new Random(500 + number), 15)
    run()
    if (doc.getArray('a').get(2) instanceof Y.AbstractType === false) continue
    const state1 = base64(ordered(Y.encodeStateAsUpdate(doc)))
    const made = positions(doc).map(each => ({ ...each, at1: indexIn(doc, each.position) }))
    run()
    yield {
      id: `positions/${number}`, roots, gc: false, state1, state2: base64(ordered(Y.encodeStateAsUpdate(doc))),
      positions: made.map(({ name, index, assoc, position, at1 }) => ({
        type: name, index, assoc, bytes: base64(Y.encodeRelativePosition(position)), json: JSON.parse(JSON.stringify(position)),
        at1, at2: indexIn(doc, position)
      }))
    }
  }
  yield { id: 'relative-no-assoc-legacy', bytes: base64(Uint8Array.of(0, 1, 2)) }
  for (let number = 0; number < 20; number++) {
    const { docs: [doc], run } = twoClients(new Random(700 + number), 12)
    run()
    const first = Y.snapshot(doc)
    run()
    const restored = Y.createDocFromSnapshot(doc, first)
    for (const [name, kind] of Object.entries(roots)) restored.get(name, { text: Y.Text, array: Y.Array, map: Y.Map }[kind])
    yield {
      id: `snapshots/${number}`, roots, gc: false, state2: base64(ordered(Y.encodeStateAsUpdate(doc))),
      snaps: [first, Y.snapshot(doc)].map(written),
      restored1: content(restored), restored1State: base64(ordered(Y.encodeStateAsUpdate(restored))),
      empty: { v1: base64(Y.encodeSnapshot(Y.emptySnapshot)), v2: base64(Y.encodeSnapshotV2(Y.emptySnapshot)) }
    }
  }
  yield updateMeta()
}

/** A snapshot with its clients in descending order, as newer versions write them. */
const written = ({ ds, sv }) => {
  const descending = map => new Map([...map].sort((a, b) => b[0] - a[0]))
  const deletions = Object.assign(Object.create(Object.getPrototypeOf(ds)), { clients: descending(ds.clients) })
  const snapshot = new Y.Snapshot(deletions, descending(sv))
  const numbers = map => [...map].sort((a, b) => a[0] - b[0])
  return {
    v1: base64(Y.encodeSnapshot(snapshot)),
    v2: base64(Y.encodeSnapshotV2(snapshot)),
    sv: Object.fromEntries(numbers(sv)),
    ds: Object.fromEntries(numbers(ds.clients).map(([client, runs]) => [client, runs.map(run => [run.clock, run.len])]))
  }
}

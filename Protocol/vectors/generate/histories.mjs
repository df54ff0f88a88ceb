// Random edits of several clients, and every order of delivery that must end the same.
import { Y, Random, Session, base64, hash, newDoc, replay, ordered } from './oracle.mjs'

const words = ['a', 'é', '漢字', 'quick brown', '\n', '12', '🙂', 'x'.repeat(40), 'ключ', ' ']
const keys = ['k1', 'k2', 'name', 'body', 'ключ', '', '7']
const scalars = random => random.pick([
  null, true, false, 0, -1, 63, 64, 1.5, -0.1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 1e300,
  random.below(1000), random.pick(words), [1, 'two', { z: null }], { b: 1, a: [true] }, new Uint8Array([1, 2, 255])
])

/** A place to cut a text: never inside a surrogate pair. */
const boundary = (random, string) => {
  const i = random.below(string.length + 1)
  const isInside = i > 0 && i < string.length && /[\uDC00-\uDFFF]/.test(string[i]) && /[\uD800-\uDBFF]/.test(string[i - 1])
  return isInside ? i - 1 : i
}

const editText = (random, text) => {
  const string = text.toString()
  const at = boundary(random, string)
  if (string.length > 0 && random.chance(0.35)) {
    let end = Math.min(string.length, at + random.between(1, 12))
    if (end < string.length && /[\uDC00-\uDFFF]/.test(string[end]) && /[\uD800-\uDBFF]/.test(string[end - 1])) end += 1
    if (end > at) text.delete(at, end - at)
  } else {
    text.insert(at, random.pick(words))
  }
}

const editMap = (random, map, values) => {
  const key = random.pick(keys)
  if (map.has(key) && random.chance(0.25)) map.delete(key)
  else map.set(key, values(random))
}

const editArray = (random, array, values) => {
  if (array.length > 0 && random.chance(0.3)) {
    const at = random.below(array.length)
    array.delete(at, Math.min(array.length - at, random.between(1, 4)))
  } else if (random.chance(0.3)) {
    array.push([values(random)])
  } else {
    array.insert(random.below(array.length + 1), Array.from({ length: random.between(1, 3) }, () => values(random)))
  }
}

const nested = random => random.chance(0.5)
  ? scalars(random)
  : random.pick([
    () => new Y.Text(random.pick(words)),
    () => Y.Array.from([random.below(9), random.pick(words)]),
    () => new Y.Map([['n', random.below(9)], ['s', random.pick(words)]])
  ])()

/** A shared type reached by walking down at random. */
const descend = (random, type) => {
  while (random.chance(0.7)) {
    const children = (type instanceof Y.Map ? [...type.values()] : type instanceof Y.Array ? type.toArray() : [])
      .filter(child => child instanceof Y.AbstractType)
    if (children.length === 0) break
    type = random.pick(children)
  }
  return type
}

const editAny = (random, type, values) => {
  if (type instanceof Y.Text) editText(random, type)
  else if (type instanceof Y.Map) editMap(random, type, values)
  else editArray(random, type, values)
}

const editWorkflow = (random, doc) => {
  const jobs = doc.getArray('jobs')
  if (jobs.length === 0 || random.chance(0.08)) {
    const job = new Y.Map()
    jobs.push([job])
    job.set('id', `job-${random.below(1e6)}`)
    job.set('name', random.pick(words))
    job.set('body', new Y.Text('fn(state => state)'))
  } else if (random.chance(0.05)) {
    jobs.delete(random.below(jobs.length), 1)
  } else if (random.chance(0.15)) {
    doc.getMap('positions').set(random.pick(['a', 'b', 'c']), { x: random.below(500), y: -random.below(500) })
  } else if (random.chance(0.2)) {
    random.pick(jobs.toArray()).set('name', random.pick(words))
  } else {
    const body = random.pick(jobs.toArray()).get('body')
    if (body instanceof Y.Text) editText(random, body)
  }
}

const families = {
  map: { roots: { m: 'map' }, edit: (random, doc) => editMap(random, doc.getMap('m'), scalars) },
  array: { roots: { a: 'array' }, edit: (random, doc) => editArray(random, doc.getArray('a'), scalars) },
  text: { roots: { t: 'text' }, edit: (random, doc) => editText(random, doc.getText('t')) },
  nested: {
    roots: { m: 'map', a: 'array' },
    edit: (random, doc) => editAny(random, descend(random, random.pick([doc.getMap('m'), doc.getArray('a')])), nested)
  },
  mixed: {
    roots: { m: 'map', a: 'array', t: 'text' },
    edit: (random, doc) => {
      for (let i = random.between(1, 3); i > 0; i--) {
        editAny(random, descend(random, random.pick([doc.getMap('m'), doc.getArray('a'), doc.getText('t')])), nested)
      }
    }
  },
  workflow: { roots: { jobs: 'array', positions: 'map' }, edit: editWorkflow }
}

/** Orders of 0..<n by what a network does to them. */
const deliveryOrders = (random, n, authors) => {
  const seq = Array.from({ length: n }, (_, i) => i)
  const shuf = random.shuffled([...seq, ...seq.filter(() => random.chance(0.08))])
  const byClient = seq.slice().sort((a, b) => authors[a] - authors[b] || a - b)
  return { seq, rev: seq.slice().reverse(), byClient, shuf }
}

/** The case of a recorded history: what every complete delivery must end with. */
export const historyCase = ({ id, family, roots, clients, updates, authors, random, orderNames }) => {
  const all = deliveryOrders(random, updates.length, authors)
  const orders = Object.fromEntries(Object.entries(all).filter(([name]) => orderNames.includes(name)))
  const outcomes = Object.fromEntries(Object.entries(orders).map(([name, order]) => [name, replay({ updates, order, roots })]))
  const first = outcomes.seq
  const results = {}
  for (const [name, outcome] of Object.entries(outcomes)) {
    for (const part of ['json', 'sv', 'ds', 'canonical']) {
      const same = JSON.stringify(sorted(outcome[part])) === JSON.stringify(sorted(first[part]))
      if (!same) throw new Error(`${id}: the oracle's ${part} depends on the order (${name})`)
    }
    results[name] = { canon1: hash(outcome.canonical), v1: hash(outcome.full), v2: hash(outcome.full2) }
  }
  const lossyOrder = all.shuf.filter(() => !random.chance(1 / 7))
  const lossy = replay({ updates, order: lossyOrder, roots })
  results.lossy = { json: lossy.json, sv: lossy.sv }
  const diffs = [0.25, 0.6, 0.9].map(part => {
    const upTo = Math.floor(updates.length * part)
    const { svBytes } = replay({ updates, order: all.seq.slice(0, upTo), roots })
    return { upTo, sv: base64(svBytes), canon1: hash(ordered(Y.encodeStateAsUpdate(first.reloaded, svBytes))) }
  })
  return {
    id, family, roots, clients, v: 1, n: updates.length, updates: updates.map(base64),
    orders: { shuf: all.shuf, lossy: lossyOrder },
    results,
    expect: { json: first.json, sv: first.sv, ds: first.ds },
    merged: { sha: hash(ordered(Y.mergeUpdates(updates))) },
    diffs
  }
}

const sorted = value => value instanceof Uint8Array ? base64(value)
  : Array.isArray(value) ? value.map(sorted)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, sorted(v)]))
      : value

const record = (family, seed) => {
  const random = new Random(seed)
  const clients = Array.from({ length: random.between(2, 5) }, () => random.chance(0.4) ? random.between(1, 300) : random.below(4294967295))
  const unique = [...new Set(clients)]
  const session = new Session({ clients: unique, roots: families[family].roots })
  for (let step = random.between(60, 110); step > 0; step--) {
    const index = random.below(unique.length)
    if (random.chance(0.35)) session.catchUp(index)
    session.edit(index, doc => families[family].edit(random, doc))
  }
  return { random, clients: unique, updates: session.updates, authors: session.authors }
}

export function * histories () {
  let seed = 20260
  for (const family of Object.keys(families)) {
    for (let i = 0; i < 4; i++) {
      const { random, clients, updates, authors } = record(family, seed++)
      yield historyCase({
        id: `${family}/${i}`, family, roots: families[family].roots, clients, updates, authors, random,
        orderNames: ['seq', 'rev', 'byClient', 'shuf']
      })
    }
  }
}

/** Judges histories that pycrdt recorded (see yrs.py). */
export function * yrsAuthored (lines) {
  let seed = 777
  for (const line of lines) {
    const { id, roots, clients, updates, authors } = JSON.parse(line)
    yield historyCase({
      id, family: 'yrs-authored', roots, clients, updates: updates.map(text => new Uint8Array(Buffer.from(text, 'base64'))),
      authors, random: new Random(seed++), orderNames: ['seq', 'rev', 'byClient', 'shuf']
    })
  }
}

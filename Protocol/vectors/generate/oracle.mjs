// The oracle (Debian's node-yjs) and what every family of vectors needs of it.
import { createRequire } from 'node:module'
import Module from 'node:module'
import crypto from 'node:crypto'

// Debian installs its packages outside of every node_modules.
process.env.NODE_PATH = [process.env.NODE_PATH, '/usr/share/nodejs'].filter(Boolean).join(':')
Module._initPaths()
const require = createRequire(import.meta.url)

export const Y = require('yjs')
export const version = require('yjs/package.json').version
export const encoding = require('lib0/encoding')
export const decoding = require('lib0/decoding')
export const awarenessProtocol = require('y-protocols/awareness')
export const syncProtocol = require('y-protocols/sync')

export const base64 = bytes => Buffer.from(bytes).toString('base64')
export const hex = bytes => Buffer.from(bytes).toString('hex')
export const bytesOf = text => new Uint8Array(Buffer.from(text, 'base64'))
export const hash = bytes => crypto.createHash('sha256').update(bytes).digest('hex').slice(0, 32)

/** A small deterministic random number generator (mulberry32). */
export class Random {
  constructor (seed) { this.state = seed >>> 0 }

  next () {
    this.state = (this.state + 0x6D2B79F5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  below (n) { return Math.floor(this.next() * n) }
  between (low, high) { return low + this.below(high - low + 1) }
  chance (p) { return this.next() < p }
  pick (list) { return list[this.below(list.length)] }

  shuffled (list) {
    const copy = list.slice()
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [copy[i], copy[j]] = [copy[j], copy[i]]
    }
    return copy
  }
}

/** JSON with tags for the values that JSON does not have. */
export const tagged = value => {
  if (value === undefined) return { $: 'undef' }
  if (typeof value === 'bigint') return { $: 'big', v: String(value) }
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { $: 'num', v: Object.is(value, -0) ? '-0' : String(value) }
  }
  if (value instanceof Uint8Array) return { $: 'bin', v: base64(value) }
  if (value instanceof Y.Doc) return { $: 'doc', guid: value.guid }
  if (value instanceof Y.AbstractType) return json(value)
  if (Array.isArray(value)) return value.map(tagged)
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).map(([key, part]) => [key, tagged(part)])
    return '$' in value ? { $: 'obj', v: entries } : Object.fromEntries(entries)
  }
  return value
}

const isXml = type => type instanceof Y.XmlFragment || type instanceof Y.XmlText || type instanceof Y.XmlHook

/** The content of a shared type, down to the leaves. */
export const json = type => {
  if (isXml(type)) return String(type)
  if (type instanceof Y.Text) return type.toString()
  if (type instanceof Y.Array) return type.toArray().map(tagged)
  if (type instanceof Y.Map) return Object.fromEntries([...type.entries()].map(([key, value]) => [key, tagged(value)]))
  throw new Error('unexpected type')
}

const rootGetters = { map: 'getMap', array: 'getArray', text: 'getText', xmlfragment: 'getXmlFragment' }

export const newDoc = ({ roots = {}, gc = true, clientID } = {}) => {
  const doc = new Y.Doc({ gc })
  if (clientID !== undefined) doc.clientID = clientID
  for (const [name, kind] of Object.entries(roots)) doc[rootGetters[kind]](name)
  return doc
}

export const stateVector = doc => Object.fromEntries([...Y.decodeStateVector(Y.encodeStateVector(doc))].sort((a, b) => a[0] - b[0]))

const runsOf = ({ clients }) => Object.fromEntries(
  [...clients].sort((a, b) => a[0] - b[0]).map(([client, runs]) => [client, runs.map(run => [run.clock, run.len])]))

/**
 * An update of the oracle with the clients of its delete set in descending order, as newer versions write them. What
 * comes before the delete set stays as it is; the delete set has the same length in any order.
 */
export const ordered = update => {
  const encoder = encoding.createEncoder()
  const clients = [...Y.decodeUpdate(update).ds.clients].sort((a, b) => b[0] - a[0])
  encoding.writeVarUint(encoder, clients.length)
  for (const [client, runs] of clients) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, runs.length)
    for (const run of runs) {
      encoding.writeVarUint(encoder, run.clock)
      encoding.writeVarUint(encoder, run.len)
    }
  }
  const tail = encoding.toUint8Array(encoder)
  return new Uint8Array([...update.subarray(0, update.length - tail.length), ...tail])
}

/** The same for an update V2. */
export const orderedV2 = update => {
  const encoder = encoding.createEncoder()
  const clients = [...Y.decodeUpdateV2(update).ds.clients].sort((a, b) => b[0] - a[0])
  encoding.writeVarUint(encoder, clients.length)
  for (const [client, runs] of clients) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, runs.length)
    let end = 0
    for (const run of runs) {
      encoding.writeVarUint(encoder, run.clock - end)
      encoding.writeVarUint(encoder, run.len - 1)
      end = run.clock + run.len
    }
  }
  const tail = encoding.toUint8Array(encoder)
  return new Uint8Array([...update.subarray(0, update.length - tail.length), ...tail])
}

/** An update in format V2; null where V2 cannot say the same: it knows no empty, unordered or overlapping deletions. */
export const inV2 = update => {
  try {
    const converted = Y.convertUpdateFormatV1ToV2(update)
    return base64(Y.convertUpdateFormatV2ToV1(converted)) === base64(update) ? base64(converted) : null
  } catch {
    return null
  }
}

const hasPending = doc => doc.store.pendingStructs !== null || doc.store.pendingDs !== null

/** Applies updates in an order to a fresh document that never writes, and tells what came of it. */
export const replay = ({ updates, order, roots, gc = true }) => {
  const doc = newDoc({ roots, gc, clientID: 4294967294 })
  const emitted = []
  for (const index of order) {
    const events = []
    const listener = update => events.push(base64(ordered(update)))
    doc.on('update', listener)
    Y.applyUpdate(doc, updates[index])
    doc.off('update', listener)
    emitted.push(events.length === 0 ? null : events.length === 1 ? events[0] : events)
  }
  const full = ordered(Y.encodeStateAsUpdate(doc))
  const reloaded = newDoc({ roots, gc })
  Y.applyUpdate(reloaded, full)
  return {
    doc,
    reloaded,
    json: Object.fromEntries(Object.keys(roots).map(name => [name, json(doc.share.get(name))])),
    sv: stateVector(doc),
    ds: runsOf(Y.createDeleteSetFromStructStore(doc.store)),
    full,
    full2: orderedV2(Y.encodeStateAsUpdateV2(doc)),
    canonical: ordered(Y.encodeStateAsUpdate(reloaded)),
    svBytes: Y.encodeStateVector(doc),
    emitted,
    pending: hasPending(doc)
  }
}

/** Several clients that edit at once; every transaction that changes something is recorded. */
export class Session {
  constructor ({ clients, roots, gc = true }) {
    this.updates = []
    this.authors = []
    this.docs = clients.map(clientID => {
      const doc = newDoc({ roots, gc, clientID })
      doc.on('update', (update, origin) => {
        if (origin === this) return
        this.updates.push(ordered(update))
        this.authors.push(clientID)
      })
      return doc
    })
    this.known = this.docs.map(() => new Set())
  }

  /** Client `index` edits in one transaction. */
  edit (index, body) {
    const before = this.updates.length
    this.docs[index].transact(() => body(this.docs[index]))
    for (let i = before; i < this.updates.length; i++) this.known[index].add(i)
  }

  /** Client `index` receives every update so far. */
  catchUp (index) {
    for (let i = 0; i < this.updates.length; i++) {
      if (this.known[index].has(i)) continue
      this.known[index].add(i)
      Y.applyUpdate(this.docs[index], this.updates[i], this)
    }
  }
}

// A real client for tests: node-yjs with the WebsocketProvider of y-websocket, or with `hocuspocus` or `phoenix` as its argument
// with a provider of that protocol, driven by one JSON object per line.
// See README.md beside this file for the commands.
'use strict'
const Module = require('module')
// Debian installs its packages outside of every node_modules.
process.env.NODE_PATH = [process.env.NODE_PATH, '/usr/share/nodejs'].filter(Boolean).join(':')
Module._initPaths()
const readline = require('readline')
const WebSocket = require('ws')
const Y = require('yjs')
const { WebsocketProvider } = require('y-websocket')
const { HocuspocusProvider } = require('./hocuspocus-provider.cjs')
const { PhoenixProvider, payloadOf } = require('./phoenix-provider.cjs')
const encoding = require('lib0/encoding')
const decoding = require('lib0/decoding')

const isHocuspocus = process.argv[2] === 'hocuspocus'
const isPhoenix = process.argv[2] === 'phoenix'
/** Whether every edit is answered once it is stored, unasked. */
const answersEdits = isHocuspocus || isPhoenix
const syncStatus = 102
const event = 103
const rootKinds = { workflow: 'Map', jobs: 'Array', triggers: 'Array', edges: 'Array', positions: 'Map', errors: 'Map' }

let doc = null
let provider = null
let acknowledged = 0
let lastCounter = 0
let undoManager = null
const events = []
const cursors = {}
// What was edited here and has not come back, as y-websocket 4 counts it: only where the server is asked for that.
let unconfirmed = null
const seen = { closes: [], denied: [], frames: {}, updates: 0, largestFrame: 0 }
const waiters = new Set()

/** Conditions are looked at again after everything that may have changed one. */
const changed = () => { for (const waiter of [...waiters]) waiter() }

const root = name => {
  const [plain, kind] = name.split(':')
  return doc['get' + (kind || rootKinds[plain] || 'Map')](plain)
}

/** Walks down a path: root name (with `:Kind` if it is none of the usual ones), keys, indexes, `{"id": …}` for an element. */
const at = path => path.slice(1).reduce((type, part) => {
  if (part !== null && typeof part === 'object') {
    const found = type.toArray().find(each => each.get('id') === part.id)
    if (!found) throw new Error(`no element with id ${part.id}`)
    return found
  }
  return type.get(part)
}, root(path[0]))

const plain = value => value instanceof Y.AbstractType ? value.toJSON() : value

const valueAt = path => {
  try { return plain(at(path)) } catch { return undefined }
}

/** `{"$text": …}`, `{"$map": …}` and `{"$array": …}` make shared types. */
const fresh = value => {
  if (value === null || typeof value !== 'object') return value
  if ('$text' in value) return new Y.Text(value.$text)
  if ('$array' in value) return Y.Array.from(value.$array.map(fresh))
  if ('$map' in value) return new Y.Map(Object.entries(value.$map).map(([key, each]) => [key, fresh(each)]))
  if ('$repeat' in value) return value.$repeat.repeat(value.count)
  return value
}

const edit = ({ path, set, unset, insert, push, remove, value, values, text, count }) => {
  const type = at(path)
  if (set !== undefined) type.set(set, fresh(value))
  else if (unset !== undefined) type.delete(unset)
  else if (push !== undefined) type.push(push.map(fresh))
  else if (insert !== undefined) {
    if (type instanceof Y.Text) type.insert(insert < 0 ? type.length : insert, fresh(text))
    else type.insert(insert, values.map(fresh))
  } else if (remove !== undefined) type.delete(remove, count)
}

const equal = (a, b) => {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b
  const [left, right] = [Object.keys(a), Object.keys(b)]
  return Array.isArray(a) === Array.isArray(b) && left.length === right.length && left.every(key => equal(a[key], b[key]))
}

const stateVector = () => Object.fromEntries(Y.decodeStateVector(Y.encodeStateVector(doc)))

const states = () => Object.fromEntries(provider.awareness.getStates())

const holds = condition => {
  if ('any' in condition) return condition.any.some(holds)
  if ('synced' in condition) return provider.synced === condition.synced
  if ('connected' in condition) return provider.wsconnected === condition.connected
  if ('path' in condition) {
    const value = valueAt(condition.path)
    if ('contains' in condition) return typeof value === 'string' && value.includes(condition.contains)
    if ('length' in condition) return value !== undefined && value !== null && value.length === condition.length
    if ('absent' in condition) return value === undefined
    if ('present' in condition) return value !== undefined
    return value !== undefined && equal(value, condition.equals)
  }
  if ('covers' in condition) {
    const own = stateVector()
    return Object.entries(condition.covers).every(([client, clock]) => (own[client] || 0) >= clock)
  }
  if ('client' in condition) return equal(states()[condition.client] ?? null, condition.state)
  if ('clients' in condition) return Object.values(states()).length === condition.clients
  // What is refused is answered, too.
  if ('acknowledged' in condition) return (answersEdits ? provider.stored + provider.refused : acknowledged) >= condition.acknowledged
  if ('event' in condition) {
    return events.filter(each => each.type === condition.event).length >= (condition.count ?? 1)
  }
  if ('closes' in condition) return seen.closes.length >= condition.closes
  if ('unsynced' in condition) return provider.unsyncedChanges === condition.unsynced
  if ('refused' in condition) return provider.refused >= condition.refused
  if ('scope' in condition) return provider.scope === condition.scope
  if ('denied' in condition) return seen.denied.length >= condition.denied
  if ('unconfirmed' in condition) return unconfirmed.size === condition.unconfirmed
  throw new Error(`unknown condition ${JSON.stringify(condition)}`)
}

const waitFor = (condition, limit) => new Promise((resolve, reject) => {
  const look = () => {
    let isDone
    try { isDone = holds(condition) } catch (error) { return finish(() => reject(error)) }
    if (isDone) finish(() => resolve(true))
  }
  const finish = then => { waiters.delete(look); clearTimeout(timer); then() }
  const timer = setTimeout(() => finish(() => reject(new Error(
    `not within ${limit} ms: ${JSON.stringify(condition).slice(0, 300)}; ` +
    `it is ${JSON.stringify('path' in condition ? valueAt(condition.path) : summary())?.slice(0, 600)}`))), limit)
  waiters.add(look)
  look()
})

const summary = () => ({
  ...(answersEdits && { scope: provider.scope, unsynced: provider.unsyncedChanges, refused: provider.refused }),
  ...(unconfirmed && { unconfirmed: unconfirmed.size }),
  acknowledged: answersEdits ? provider.stored : acknowledged,
  connected: provider.wsconnected,
  synced: provider.synced,
  states: states(),
  stateVector: stateVector(),
  ...seen
})

/** The clocks that an update has: what it adds, and what it deletes. */
const idsOf = update => {
  const { structs, ds } = Y.decodeUpdate(update)
  const ids = []
  const add = (kind, client, clock, length) => { for (let i = 0; i < length; i++) ids.push(`${kind} ${client} ${clock + i}`) }
  for (const { id, length } of structs) add('add', id.client, id.clock, length)
  for (const [client, ranges] of ds.clients) for (const { clock, len } of ranges) add('delete', client, clock, len)
  return ids
}

/** Takes what has come back from what has not. */
const confirm = bytes => {
  const decoder = decoding.createDecoder(bytes)
  if (decoding.readVarUint(decoder) !== 0 || decoding.readVarUint(decoder) === 0) return
  for (const id of idsOf(decoding.readVarUint8Array(decoder))) unconfirmed.delete(id)
}

const messageIn = frame => {
  if (isPhoenix) return payloadOf(frame)
  return isHocuspocus ? frame.subarray(frame[0] + 1) : frame
}

const count = frame => {
  const bytes = messageIn(frame)
  if (bytes === null) return
  const type = bytes[0] === 0 ? `0/${bytes[1]}` : String(bytes[0])
  seen.frames[type] = (seen.frames[type] || 0) + 1
  seen.largestFrame = Math.max(seen.largestFrame, frame.length)
  if (unconfirmed) confirm(bytes)
}

/** Counts what arrives, before the provider reads it. */
class CountingWebSocket extends WebSocket {
  set onmessage (handler) {
    super.onmessage = event => {
      if (typeof event.data !== 'string') count(new Uint8Array(event.data))
      handler(event)
      changed()
    }
  }

  get onmessage () { return super.onmessage }
}

const open = ({ url, room, clientID, connect = true, params = {} }) => {
  doc = new Y.Doc()
  if (clientID !== undefined) doc.clientID = clientID
  Object.keys(rootKinds).forEach(root)
  const openProvider = isPhoenix ? openPhoenix : isHocuspocus ? openHocuspocus : openWebsocket
  provider = openProvider(url, room, params)
  provider.on('connection-close', event => { seen.closes.push({ code: event.code, reason: event.reason }); changed() })
  provider.on('status', changed)
  provider.on('synced', changed)
  if (params.echo === '1') unconfirmed = new Set()
  doc.on('update', (update, origin) => {
    seen.updates += 1
    if (unconfirmed && origin !== provider) for (const id of idsOf(update)) unconfirmed.add(id)
    changed()
  })
  provider.awareness.on('update', changed)
  if (connect) provider.connect()
  return doc.clientID
}

/** The addresses differ in nothing else. */
const openHocuspocus = (url, room, { token }) => {
  const provider = new HocuspocusProvider(
    url.replace(/\/collab$/, '/hocuspocus'), room, doc, { WebSocketPolyfill: CountingWebSocket, token })
  provider.on('denied', reason => { seen.denied.push(reason); changed() })
  provider.on('stateless', text => { events.push(JSON.parse(text)); changed() })
  return provider
}

const openPhoenix = (url, room, params) => {
  const provider = new PhoenixProvider(
    url.replace(/\/collab$/, '/socket'), room, doc, { WebSocketPolyfill: CountingWebSocket, ...params })
  provider.on('denied', reason => { seen.denied.push(reason); changed() })
  provider.on('event', (name, payload) => {
    // Our own events are those of the other protocols; the others are told apart by their names.
    events.push(name.startsWith('heddle:') ? payload : { type: name, ...payload })
    changed()
  })
  return provider
}

const openWebsocket = (url, room, params) => {
  const provider = new WebsocketProvider(url, room, doc, { connect: false, WebSocketPolyfill: CountingWebSocket, disableBc: true, params })
  provider.messageHandlers[2] = (_encoder, decoder) => {
    decoding.readVarUint(decoder)
    seen.denied.push(decoding.readVarString(decoder))
  }
  provider.messageHandlers[syncStatus] = (_encoder, decoder) => {
    acknowledged = Math.max(acknowledged, decoding.readVarUint(decoding.createDecoder(decoding.readVarUint8Array(decoder))))
  }
  provider.messageHandlers[event] = (_encoder, decoder) => {
    events.push(JSON.parse(decoding.readVarString(decoder)))
  }
  return provider
}

/** Connects anew with another token. */
const comeBack = async ({ token }) => {
  await cut()
  if (answersEdits) provider.token = token
  else provider.url = provider.url.replace(/token=[^&]*/, `token=${encodeURIComponent(token)}`)
  provider.connect()
  return true
}

/** Cuts the connection, and waits until everybody here knows. */
const cut = () => new Promise(resolve => {
  provider.shouldConnect = false
  const ws = provider.ws
  if (!ws || ws.readyState === WebSocket.CLOSED) return resolve(true)
  ws.on('close', () => setImmediate(resolve, true))
  ws.terminate()
})

/** Forgets the document, and everything that was seen: the next `open` begins anew. */
const reset = async () => {
  await cut()
  provider.destroy()
  doc.destroy()
  doc = provider = undoManager = unconfirmed = null
  acknowledged = lastCounter = 0
  events.length = 0
  Object.assign(seen, { closes: [], denied: [], frames: {}, updates: 0, largestFrame: 0 })
  return true
}

/** Asks for an acknowledgement of everything sent so far. Some protocols have it for every edit, unasked. */
const ask = () => {
  if (answersEdits) return provider.sent
  lastCounter += 1
  const counter = encoding.createEncoder()
  encoding.writeVarUint(counter, lastCounter)
  const message = encoding.createEncoder()
  encoding.writeVarUint(message, syncStatus)
  encoding.writeVarUint8Array(message, encoding.toUint8Array(counter))
  provider.ws.send(encoding.toUint8Array(message))
  return lastCounter
}

/** What is answered within one connection: resolves with whether that happened before the connection ended. */
const answered = async (closes, limit, condition) => {
  await waitFor({ any: [condition, { closes: closes + 1 }] }, limit)
  return seen.closes.length === closes
}

/**
 * Waits until all of this document is stored, over as many connections as it takes. What a client brings when it comes back is its
 * answer to the server's step 1, so where acknowledgements are asked for, the second one of a connection is the one that counts.
 */
const confirmAll = async ({ limit }) => {
  const end = Date.now() + limit
  const rest = () => Math.max(1, end - Date.now())
  for (;;) {
    await waitFor({ synced: true }, rest())
    const closes = seen.closes.length
    if (provider.ws?.readyState !== WebSocket.OPEN) {
      await waitFor({ any: [{ synced: false }, { closes: closes + 1 }] }, rest())
      continue
    }
    if (isPhoenix) await Promise.race([provider.request('request_current_user'), answered(closes, rest(), { closes: closes + 1 })])
    if (answersEdits) {
      if (await answered(closes, rest(), { unsynced: 0 })) return true
    } else if (await answered(closes, rest(), { acknowledged: ask() }) && provider.ws?.readyState === WebSocket.OPEN &&
      await answered(closes, rest(), { acknowledged: ask() })) return true
  }
}

/** Asks for events. */
const subscribe = () => {
  if (isPhoenix) return true
  if (isHocuspocus) { provider.stateless('heddle:events'); return true }
  const message = encoding.createEncoder()
  encoding.writeVarUint(message, event)
  encoding.writeVarString(message, '')
  provider.ws.send(encoding.toUint8Array(message))
  return true
}

/** A cursor as editors keep it: an id, not an offset. */
const placeCursor = ({ name, path, index }) => {
  cursors[name] = Y.createRelativePositionFromTypeIndex(at(path), index)
  return true
}

/** Where a cursor is now; null if what it was in is gone. */
const cursor = ({ name, path }) => {
  const found = Y.createAbsolutePositionFromRelativePosition(cursors[name], doc)
  return found && found.type === at(path) ? found.index : null
}

/** Every edit becomes a step of its own; what the provider applies is none of ours. */
const trackUndo = ({ paths }) => {
  undoManager = new Y.UndoManager(paths.map(at), { captureTimeout: 0 })
  return true
}

const undoDepth = () => [undoManager.undoStack.length, undoManager.redoStack.length]

const commands = {
  open,
  placeCursor,
  cursor,
  trackUndo,
  undoDepth,
  undo: () => { undoManager.undo(); return undoDepth() },
  redo: () => { undoManager.redo(); return undoDepth() },
  comeBack,
  reset,
  connect: () => { provider.connect(); return true },
  // Without a goodbye: the awareness of this client stays until the server notices.
  drop: () => { provider.shouldConnect = false; provider.ws.terminate(); return true },
  disconnect: () => { provider.disconnect(); return true },
  edit: ({ edits }) => { doc.transact(() => edits.forEach(edit)); return stateVector() },
  get: ({ path }) => valueAt(path) ?? null,
  json: () => Object.fromEntries(Object.keys(rootKinds).map(name => [name, root(name).toJSON()])),
  stateVector,
  state: () => Buffer.from(Y.encodeStateAsUpdate(doc)).toString('base64'),
  awareness: ({ state }) => { provider.awareness.setLocalState(state); return provider.awareness.meta.get(doc.clientID).clock },
  states,
  summary,
  send: ({ bytes }) => { provider.ws.send(Buffer.from(bytes, 'base64')); return true },
  ask,
  subscribe,
  // Over Phoenix channels only.
  request: ({ event, payload }) => provider.request(event, payload),
  events: () => events,
  confirm: confirmAll,
  acknowledge: async ({ limit }) => { const counter = ask(); return waitFor({ acknowledged: counter }, limit) },
  wait: ({ for: condition, limit }) => waitFor(condition, limit)
}

readline.createInterface({ input: process.stdin }).on('line', async line => {
  const { id, do: name, ...rest } = JSON.parse(line)
  let answer
  try {
    answer = { id, ok: (await commands[name](rest)) ?? null }
  } catch (error) {
    answer = { id, error: error.message }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}).on('close', () => process.exit(0))

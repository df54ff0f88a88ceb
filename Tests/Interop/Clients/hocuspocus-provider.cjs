// A provider of the Hocuspocus protocol, for tests: Debian has none. It does what providers of that protocol do, and is used
// like y-websocket's. One websocket, one document; `extra` frames of others can be sent over it.
'use strict'
const Y = require('yjs')
const { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } = require('y-protocols/awareness')
const sync = require('y-protocols/sync')
const { Observable } = require('lib0/observable')
const encoding = require('lib0/encoding')
const decoding = require('lib0/decoding')

const kind = { sync: 0, awareness: 1, auth: 2, queryAwareness: 3, stateless: 5, close: 7, syncStatus: 8 }
const auth = { token: 0, denied: 1, authenticated: 2 }

class HocuspocusProvider extends Observable {
  constructor (url, name, doc, { WebSocketPolyfill, token = '' }) {
    super()
    Object.assign(this, { url, name, doc, token, Socket: WebSocketPolyfill })
    this.awareness = new Awareness(doc)
    this.shouldConnect = false
    this.wsconnected = false
    this.synced = false
    this.scope = null
    this.ws = null
    // Of this connection: edits sent, those told to be stored, and those told to be refused.
    this.sent = this.stored = this.refused = 0
    // As the protocol's own client counts what is not stored: its answer to step 1 is one from the start.
    this.unsyncedChanges = 0
    doc.on('update', (update, origin) => {
      if (origin === this) return
      this.unsyncedChanges += 1
      this.send(kind.sync, encoder => sync.writeUpdate(encoder, update), true)
    })
    this.awareness.on('update', ({ added, updated, removed }) => {
      this.sendAwareness(added.concat(updated, removed))
    })
  }

  send (type, write, isEdit = false) {
    if (!this.ws || this.ws.readyState !== 1) return
    const encoder = encoding.createEncoder()
    encoding.writeVarString(encoder, this.name)
    encoding.writeVarUint(encoder, type)
    write(encoder)
    if (isEdit) this.sent += 1
    this.ws.send(encoding.toUint8Array(encoder))
  }

  sendAwareness (clients) {
    this.send(kind.awareness, encoder => encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(this.awareness, clients)))
  }

  stateless (text) {
    this.send(kind.stateless, encoder => encoding.writeVarString(encoder, text))
  }

  connect () {
    this.shouldConnect = true
    if (this.ws) return
    const ws = this.ws = new this.Socket(this.url)
    ws.binaryType = 'arraybuffer'
    this.sent = this.stored = this.refused = 0
    ws.onopen = () => this.opened()
    ws.onmessage = event => this.received(new Uint8Array(event.data))
    ws.onerror = () => {}
    ws.onclose = event => this.closed(event)
  }

  opened () {
    this.wsconnected = true
    this.emit('status', [{ status: 'connected' }])
    this.send(kind.auth, encoder => {
      encoding.writeVarUint(encoder, auth.token)
      encoding.writeVarString(encoder, this.token)
    })
    this.unsyncedChanges = 1
    this.send(kind.sync, encoder => sync.writeSyncStep1(encoder, this.doc))
    if (this.awareness.getLocalState() !== null) this.sendAwareness([this.doc.clientID])
  }

  closed (event) {
    this.ws = null
    this.wsconnected = this.synced = false
    removeAwarenessStates(this.awareness, [...this.awareness.getStates().keys()].filter(id => id !== this.doc.clientID), this)
    this.emit('connection-close', [event])
    if (this.shouldConnect) setTimeout(() => this.shouldConnect && this.connect(), 100)
  }

  received (bytes) {
    const decoder = decoding.createDecoder(bytes)
    const name = decoding.readVarString(decoder)
    if (name !== this.name) return
    const type = decoding.readVarUint(decoder)
    if (type === kind.sync) this.receivedSync(decoder)
    else if (type === kind.awareness) applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), this)
    else if (type === kind.auth) this.receivedAuth(decoder)
    else if (type === kind.stateless) this.emit('stateless', [decoding.readVarString(decoder)])
    else if (type === kind.syncStatus) this.receivedStatus(decoding.readVarInt(decoder) === 1)
    else if (type === kind.close) this.emit('connection-close', [{ code: 1000, reason: decoding.readVarString(decoder) }])
    else throw new Error(`message of unknown type ${type}`)
  }

  receivedSync (decoder) {
    const reply = encoding.createEncoder()
    const type = sync.readSyncMessage(decoder, reply, this.doc, this)
    if (encoding.length(reply) > 0) {
      this.send(kind.sync, encoder => encoding.writeUint8Array(encoder, encoding.toUint8Array(reply)), true)
    }
    if (type === 1 && !this.synced) {
      this.synced = true
      this.emit('synced', [true])
    }
  }

  receivedAuth (decoder) {
    const type = decoding.readVarUint(decoder)
    const text = decoding.readVarString(decoder)
    if (type === auth.denied) this.emit('denied', [text])
    if (type === auth.authenticated) this.scope = text
    this.emit('status', [{ status: 'connected' }])
  }

  receivedStatus (isStored) {
    if (isStored) {
      this.stored += 1
      this.unsyncedChanges -= 1
    } else {
      this.refused += 1
    }
    this.emit('status', [{ status: 'connected' }])
  }

  destroy () {
    this.disconnect()
    this.awareness.destroy()
  }

  disconnect () {
    this.shouldConnect = false
    removeAwarenessStates(this.awareness, [this.doc.clientID], 'leaving')
    if (this.ws) this.ws.close()
  }
}

module.exports = { HocuspocusProvider }

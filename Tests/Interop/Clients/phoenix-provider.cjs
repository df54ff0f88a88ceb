// A provider over Phoenix channels, serializer version 2, for tests: none can be installed where they run. It does what the
// channels' own client and a Yjs provider on top of it do, and is used like y-websocket's. One websocket, one topic.
'use strict'
const http = require('http')
const { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } = require('y-protocols/awareness')
const sync = require('y-protocols/sync')
const { Observable } = require('lib0/observable')
const encoding = require('lib0/encoding')
const decoding = require('lib0/decoding')

const message = { sync: 0, awareness: 1 }
const kind = { push: 0, reply: 1, broadcast: 2 }

const ascii = text => [...text].map(letter => letter.charCodeAt(0))

/** A binary push of a client. */
const encodePush = (joinRef, ref, topic, event, payload) => {
  const texts = [joinRef, ref, topic, event]
  return Uint8Array.from([kind.push, ...texts.map(text => text.length), ...texts.flatMap(ascii), ...payload])
}

/** A binary frame of a server: its texts in order, and the payload. */
const decodeFrame = bytes => {
  const count = { [kind.push]: 3, [kind.reply]: 4, [kind.broadcast]: 2 }[bytes[0]]
  if (count === undefined) throw new Error(`binary frame of kind ${bytes[0]}`)
  let start = 1 + count
  const texts = [...bytes.subarray(1, start)].map(length => {
    const text = String.fromCharCode(...bytes.subarray(start, start + length))
    start += length
    return text
  })
  return { kind: bytes[0], texts, payload: bytes.subarray(start) }
}

/** The message that a frame carries; null for frames that are about something else. */
const payloadOf = bytes => {
  const { kind: type, payload } = decodeFrame(bytes)
  return type === kind.reply ? null : payload
}

const get = (url, token) => new Promise((resolve, reject) => {
  http.get(url, { headers: token ? { authorization: `Bearer ${token}` } : {} }, response => {
    let text = ''
    response.on('data', part => { text += part })
    response.on('end', () => resolve(JSON.parse(text)))
  }).on('error', reject)
})

/** The project of a workflow, with which a client joins. Applications know it. */
const findProject = async (server, workflow, token) => {
  let after = ''
  for (;;) {
    const { data } = await get(`${server}/api/projects?limit=200${after}`, token)
    const found = data?.find(project => project.workflows.some(each => each.id === workflow))
    if (found) return found.id
    if (!data?.length) return '00000000-0000-4000-8000-000000000000'
    after = `&after=${data[data.length - 1].id}`
  }
}

class PhoenixProvider extends Observable {
  constructor (url, document, doc, { WebSocketPolyfill, token = '', project = null, action = 'edit' }) {
    super()
    const [, ...rest] = document.split(':')
    Object.assign(this, { url, doc, token, project, action, workflow: rest[0], Socket: WebSocketPolyfill })
    this.topic = `workflow:collaborate:${rest.join(':')}`
    this.awareness = new Awareness(doc)
    this.shouldConnect = false
    this.wsconnected = false
    this.synced = false
    this.isJoined = false
    this.ws = null
    this.lastRef = 0
    this.joinRef = null
    this.waiting = new Map()
    // Of this membership: edits sent, those answered as stored, and those answered as refused.
    this.sent = this.stored = this.refused = 0
    doc.on('update', (update, origin) => {
      if (origin !== this) this.sendMessage('yjs', message.sync, encoder => sync.writeUpdate(encoder, update), true)
    })
    this.awareness.on('update', ({ added, updated, removed }) => this.sendAwareness(added.concat(updated, removed)))
  }

  get unsyncedChanges () { return this.sent - this.stored }

  // MARK: The channel

  nextRef () { return String(++this.lastRef) }

  /** Asks something in JSON; the promise is of the answer. */
  request (event, payload = {}) {
    return new Promise(resolve => this.ask(this.nextRef(), event, payload, resolve))
  }

  ask (ref, event, payload, answered) {
    this.waiting.set(ref, answered)
    this.ws.send(JSON.stringify([this.joinRef, ref, this.topic, event, payload]))
  }

  sendMessage (event, type, write, isEdit = false) {
    if (!this.ws || this.ws.readyState !== 1 || !this.isJoined) return
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, type)
    write(encoder)
    const ref = this.nextRef()
    if (isEdit) {
      this.sent += 1
      this.waiting.set(ref, answer => { answer.status === 'ok' ? (this.stored += 1) : (this.refused += 1) })
    }
    this.ws.send(encodePush(this.joinRef, ref, this.topic, event, encoding.toUint8Array(encoder)))
  }

  sendAwareness (clients) {
    this.sendMessage('yjs', message.awareness, encoder =>
      encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(this.awareness, clients)))
  }

  async connect () {
    this.shouldConnect = true
    if (this.ws) return
    this.project ??= await findProject(this.url.replace(/^ws(.*)\/socket$/, 'http$1'), this.workflow, this.token)
    if (!this.shouldConnect || this.ws) return
    const token = this.token ? `&token=${this.token}` : ''
    const ws = this.ws = new this.Socket(`${this.url}/websocket?vsn=2.0.0${token}`)
    ws.binaryType = 'arraybuffer'
    ws.onopen = () => this.join()
    ws.onmessage = event => this.received(event.data)
    ws.onerror = () => {}
    ws.onclose = event => this.closed(event)
    this.heartbeat = setInterval(() => ws.send(JSON.stringify([null, this.nextRef(), 'phoenix', 'heartbeat', {}])), 30000)
  }

  join () {
    this.wsconnected = true
    this.isJoined = false
    this.sent = this.stored = this.refused = 0
    this.waiting.clear()
    this.joinRef = this.nextRef()
    this.emit('status', [{ status: 'connected' }])
    this.ask(this.joinRef, 'phx_join', { project_id: this.project, action: this.action }, answer => this.joined(answer))
  }

  joined (answer) {
    if (answer.status !== 'ok') return this.emit('denied', [answer.response.reason])
    this.isJoined = true
    this.sendMessage('yjs_sync', message.sync, encoder => sync.writeSyncStep1(encoder, this.doc))
    if (this.awareness.getLocalState() !== null) this.sendAwareness([this.doc.clientID])
  }

  closed (event) {
    clearInterval(this.heartbeat)
    this.ws = null
    this.ended()
    this.wsconnected = false
    this.emit('connection-close', [event])
    if (this.shouldConnect) setTimeout(() => this.shouldConnect && this.connect(), 100)
  }

  ended () {
    this.isJoined = this.synced = false
    removeAwarenessStates(this.awareness, [...this.awareness.getStates().keys()].filter(id => id !== this.doc.clientID), this)
  }

  // MARK: From the server

  received (data) {
    if (typeof data !== 'string') return this.receivedBinary(new Uint8Array(data))
    const [joinRef, ref, topic, event, payload] = JSON.parse(data)
    if (topic !== this.topic || (joinRef !== null && joinRef !== this.joinRef)) return
    if (event === 'phx_reply') {
      const answer = this.waiting.get(ref)
      this.waiting.delete(ref)
      answer?.(payload)
      this.emit('status', [{ status: 'connected' }])
    } else if (event === 'phx_error' || event === 'phx_close') {
      this.ended()
      this.emit('connection-close', [{ code: 1000, reason: event }])
      if (event === 'phx_error') setTimeout(() => this.ws?.readyState === 1 && this.join(), 100)
    } else if (event === 'heddle:permission_denied' || event === 'heddle:access_lost') {
      this.emit('denied', [payload.reason])
    } else {
      this.emit('event', [event, payload])
    }
  }

  receivedBinary (bytes) {
    const { kind: type, texts, payload } = decodeFrame(bytes)
    const [topic, event] = texts.slice(-2)
    if (topic !== this.topic || (type === kind.push && texts[0] !== this.joinRef)) return
    if (event !== 'yjs') throw new Error(`binary event ${event}`)
    const decoder = decoding.createDecoder(payload)
    const content = decoding.readVarUint(decoder)
    if (content === message.sync) this.receivedSync(decoder)
    else if (content === message.awareness) applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), this)
    else throw new Error(`message of unknown type ${content}`)
  }

  receivedSync (decoder) {
    const reply = encoding.createEncoder()
    const type = sync.readSyncMessage(decoder, reply, this.doc, this)
    if (encoding.length(reply) > 0) {
      this.sendMessage('yjs', message.sync, encoder => encoding.writeUint8Array(encoder, encoding.toUint8Array(reply)), true)
    }
    if (type === 1 && !this.synced) {
      this.synced = true
      this.emit('synced', [true])
    }
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

module.exports = { PhoenixProvider, payloadOf }

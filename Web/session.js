// One open workflow: its document, the connection, who else is here, and what the server has said of it. Protocol/collab.md.

import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'
import * as encoding from 'lib0/encoding'
import * as decoding from 'lib0/decoding'
import * as api from './api.js'
import { HERE, read, unsaved, without } from './model.js'

const SYNC = 0
const DENIED = 2
const ACKNOWLEDGEMENT = 102
const EVENT = 103
/** How long edits are gathered before the server is asked whether they are stored. */
const ASK_AFTER = 120
/** How long an answer may take before it is asked whether the server can store at all, and how often. */
const LATE_AFTER = 2500
/** How long after a connection was lost another one is made: doubled each time in vain, and not the same for everybody. */
const BACK_AFTER = { least: 100, most: 5000 }

export class Session {
  /** `version` is the number of a saved version, which nobody can change, or null for the live document. */
  constructor(workflow, { me, account, version = null }) {
    Object.assign(this, { workflow, account, version, attempts: 0, wasSynced: false })
    this.listeners = { content: new Set(), state: new Set(), people: new Set(), event: new Set() }
    this.doc = new Y.Doc()
    this.state = {
      connection: 'connecting', synced: false, denied: null, canStore: true, lineage: null, access: null,
      base: null, lockVersion: null, conflicts: new Map(), branches: [], errors: {}, edits: 0, stored: 0,
    }
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const name = version === null ? `workflow:${workflow}` : `workflow:${workflow}:v${version}`
    this.provider = new WebsocketProvider(`${scheme}://${location.host}/collab`, name, this.doc, {
      // Every tab has its own connection, so that what is acknowledged is what this tab has sent.
      disableBc: true, connect: false,
    })
    this.address = this.provider.url
    this.awareness = this.provider.awareness
    this.awareness.setLocalState({ user: { ...me } })
    this.listen()
    this.connect()
  }

  on(what, listener) {
    this.listeners[what].add(listener)
    return () => this.listeners[what].delete(listener)
  }

  tell(what, value) {
    for (const listener of this.listeners[what]) listener(value)
  }

  change(members) {
    Object.assign(this.state, members)
    this.tell('state')
  }

  listen() {
    const { provider, doc } = this
    const sync = provider.messageHandlers[SYNC]
    provider.messageHandlers[SYNC] = (encoder, decoder, ...rest) => {
      const isStep1 = decoder.arr[decoder.pos] === 0
      sync(encoder, decoder, ...rest)
      // Only who may write is asked for what he has.
      if (isStep1 && this.state.access && !this.may('edit') && this.version === null) this.allowed()
    }
    provider.messageHandlers[DENIED] = (_, decoder) => this.denied(decoder)
    provider.messageHandlers[ACKNOWLEDGEMENT] = (_, decoder) => this.acknowledged(decoder)
    provider.messageHandlers[EVENT] = (_, decoder) => this.received(JSON.parse(decoding.readVarString(decoder)))
    provider.on('status', ({ status }) => this.connectionChanged(status))
    provider.on('connection-close', () => {
      provider.shouldConnect = false
      this.connectLater()
    })
    this.stopListening = this.account.on(() => this.account.state === 'in' && this.retry())
    provider.on('sync', (synced) => {
      this.wasSynced ||= synced
      if (synced) this.attempts = 0
      this.change({ synced })
      if (synced) this.askWhetherStored()
      this.watch()
    })
    doc.on('update', (_, origin) => {
      if (origin !== provider) this.edited()
      this.content = null
      if (this.isTold) return
      this.isTold = true
      // Many changes at once are shown once.
      queueMicrotask(() => {
        this.isTold = false
        if (!this.isClosed) this.tell('content')
      })
    })
    this.awareness.on('change', () => this.tell('people'))
    this.leaving = (event) => {
      if (this.waiting > 0) event.preventDefault()
    }
    addEventListener('beforeunload', this.leaving)
  }

  // Connecting

  /**
   * Opens the websocket where that is allowed, with a token of its own where the server wants one. Who is refused does not come back before
   * something has changed; otherwise it is tried again.
   */
  async connect() {
    if (this.isConnecting || this.isClosed || this.provider.wsconnected) return
    clearTimeout(this.connecting)
    this.isConnecting = true
    try {
      const [access, token] = await Promise.all([api.access(this.workflow), this.account.actor ? api.connectionToken() : null])
      if (this.isClosed) return
      this.change({ access, denied: null })
      this.provider.url = token ? `${this.address}?token=${encodeURIComponent(token)}` : this.address
      this.provider.connect()
    } catch (refusal) {
      this.refused(refusal)
    } finally {
      this.isConnecting = false
    }
  }

  connectLater() {
    if (this.isClosed || this.isTurnedAway) return
    const delay = Math.min(BACK_AFTER.least * 2 ** this.attempts++, BACK_AFTER.most)
    clearTimeout(this.connecting)
    this.connecting = setTimeout(() => this.connect(), delay * (0.5 + Math.random() / 2))
  }

  /** What the server says by its status: it wants another token, one may not, or it cannot answer now. */
  refused(refusal) {
    if (this.isClosed) return
    this.isTurnedAway = refusal.status >= 400 && refusal.status < 500
    if (!this.isTurnedAway) return this.connectLater()
    this.change({ connection: 'refused', access: { role: null, may: [] }, denied: refusal.status === 401 ? null : refusal.message })
    this.hangUp()
  }

  /** Comes back although it was turned away, or as somebody else. */
  retry() {
    this.isTurnedAway = false
    this.attempts = 0
    if (this.provider.ws) this.hangUp()
    else this.connect()
  }

  /** Ends the connection; without a refusal there will be another one. */
  hangUp() {
    const { ws } = this.provider
    this.provider.disconnect()
    // The provider goes on sending while it is being closed, of which browsers complain.
    if (ws) ws.send = () => {}
  }

  // What one may do

  /** Whether one may do this; nothing before the server has said so. */
  may(verb) {
    return this.state.access?.may.includes(verb) ?? false
  }

  get mayEdit() {
    return this.version === null && this.may('edit')
  }

  /** One may write again, or for the first time: what was written before is on its way. */
  async allowed() {
    try {
      this.change({ access: await api.access(this.workflow) })
      this.askWhetherStored()
    } catch (refusal) {
      this.refused(refusal)
    }
  }

  connectionChanged(status) {
    if (status === 'connected') {
      this.change({ connection: 'connected' })
      this.send(EVENT, (encoder) => encoding.writeVarString(encoder, ''))
    } else if (!this.isTurnedAway) {
      this.change({ connection: this.wasSynced ? 'reconnecting' : 'connecting' })
    }
    this.watch()
  }

  /** The document as plain values; read anew only where something has changed. */
  get current() {
    return (this.content ??= read(this.doc))
  }

  /** Whether there is a document and nothing was saved yet. */
  get isNew() {
    return this.state.lockVersion === 0
  }

  get unsaved() {
    return this.version === null && this.wasSynced ? unsaved(this.current, this.state.base) : []
  }

  send(type, write) {
    const { ws, wsconnected } = this.provider
    if (!wsconnected || ws?.readyState !== WebSocket.OPEN) return
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, type)
    write(encoder)
    ws.send(encoding.toUint8Array(encoder))
  }

  // Durable or not

  /** Edits of this tab that the server has not acknowledged. */
  get waiting() {
    return this.state.edits - this.state.stored
  }

  edited() {
    this.change({ edits: this.state.edits + 1 })
    this.asking ??= setTimeout(() => {
      this.asking = undefined
      this.askWhetherStored()
    }, ASK_AFTER)
    this.watch()
  }

  askWhetherStored() {
    if (!this.state.synced || this.waiting === 0) return
    const number = encoding.createEncoder()
    encoding.writeVarUint(number, this.state.edits)
    this.send(ACKNOWLEDGEMENT, (encoder) => encoding.writeVarUint8Array(encoder, encoding.toUint8Array(number)))
  }

  acknowledged(decoder) {
    const stored = decoding.readVarUint(decoding.createDecoder(decoding.readVarUint8Array(decoder)))
    if (stored > this.state.stored) this.change({ stored, canStore: true })
  }

  /** Where the server is slow to store or to open the document, finds out whether it can. */
  watch() {
    const isLate = () => this.state.connection === 'connected' && (this.waiting > 0 || !this.state.synced)
    if (this.watching || this.isClosed || !isLate()) return
    this.watching = setTimeout(async () => {
      if (isLate()) {
        const canStore = await api.canStore()
        if (canStore !== null && canStore !== this.state.canStore) this.change({ canStore })
      }
      this.watching = undefined
      this.watch()
    }, LATE_AFTER)
  }

  // What the server says

  /** There is no such document, or one may not read it, or not write in it: which of these it is, the server says over HTTP. */
  async denied(decoder) {
    decoding.readVarUint(decoder)
    const reason = decoding.readVarString(decoder)
    try {
      const access = await api.access(this.workflow)
      if (this.isClosed) return
      const isOpen = this.state.synced || this.account.actor
      this.change({ access, denied: isOpen ? null : reason })
      // The token for the connection is over, or was never good; there may be another one.
      if (!this.state.synced && this.account.actor && !this.state.lineage) this.hangUp()
    } catch (refusal) {
      this.refused(refusal)
    }
  }

  received(event) {
    const changes = {}
    if (this.version !== null) return
    if (event.workflow !== undefined) changes.base = event.workflow
    if (event.lock_version !== undefined) changes.lockVersion = event.lock_version
    const conflicts = new Map(this.state.conflicts)
    if (event.type === 'state') conflicts.clear()
    const open = Array.isArray(event.conflicts) ? event.conflicts : []
    for (const conflict of [...open, ...(event.new_conflicts ?? [])]) conflicts.set(conflict.id, conflict)
    for (const id of event.decided_conflicts ?? []) conflicts.delete(id)
    for (const { id } of event.closed ?? []) conflicts.delete(id)
    changes.conflicts = conflicts
    if (event.type === 'saved' || event.type === 'reset') changes.errors = {}
    if (event.type === 'lineage') changes.lineage = event
    this.change(changes)
    if (['state', 'branch', 'recovered'].includes(event.type)) this.refreshBranches().catch(() => {})
    this.tell('event', event)
  }

  // What people do

  edit(body) {
    this.doc.transact(body, HERE)
  }

  show(members) {
    for (const [key, value] of Object.entries(members)) this.awareness.setLocalStateField(key, value)
  }

  /** Everybody else, by client id. */
  get others() {
    return [...this.awareness.getStates()].filter(([client, state]) => client !== this.doc.clientID && state?.user)
      .map(([client, state]) => ({ client, ...state }))
  }

  /** Saves for everybody, and returns the version. */
  async save() {
    try {
      const { lock_version: lockVersion } = await api.save(this.workflow)
      this.change({ errors: {}, lockVersion })
      return lockVersion
    } catch (refusal) {
      if (refusal.type === 'validation_error') this.change({ errors: refusal.errors })
      throw refusal
    }
  }

  /** Messages about a field: what the last save said, and what the document says. */
  errorsOf(collection, id, field) {
    const { errors } = this.state
    const said = collection === 'workflow' ? errors[field] : errors[collection]?.[id]?.[field]
    const shared = this.current.errors[collection]
    const written = collection === 'workflow' ? shared?.[field] : shared?.[id]?.[field]
    return [...new Set([...(said ?? []), ...(Array.isArray(written) ? written : [])])]
  }

  /** The fields of something that have messages. */
  wrongFields(collection, id) {
    const { [collection]: said } = this.state.errors
    return new Set([...Object.keys(said?.[id] ?? {}), ...Object.keys(this.current.errors[collection]?.[id] ?? {})])
  }

  /** What a save said of a field does not hold any more once somebody has changed it, for nobody. */
  forget(collection, id, field) {
    const path = collection === 'workflow' ? [field] : [collection, id, field]
    this.change({ errors: without(this.state.errors, path) })
    const shared = this.doc.getMap('errors')
    const section = shared.get(collection)
    const left = section && without(section, collection === 'workflow' ? [field] : [id, field])
    if (left === section) return
    this.edit(() => (Object.keys(left).length > 0 ? shared.set(collection, left) : shared.delete(collection)))
  }

  async refreshConflicts(list) {
    const open = list ?? (await api.conflicts(this.workflow))
    this.change({ conflicts: new Map(open.map((conflict) => [conflict.id, conflict])) })
  }

  async refreshBranches() {
    const branches = await api.branches(this.workflow)
    if (!this.isClosed) this.change({ branches })
  }

  close() {
    this.isClosed = true
    this.stopListening()
    clearTimeout(this.connecting)
    clearTimeout(this.watching)
    clearTimeout(this.asking)
    removeEventListener('beforeunload', this.leaving)
    this.provider.destroy()
    this.awareness.destroy()
    this.doc.destroy()
  }
}

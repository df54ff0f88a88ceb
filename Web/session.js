// One open workflow: its document, the connection, who else is here, and what the server has said of it. Protocol/collab.md.

import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'
import * as encoding from 'lib0/encoding'
import * as decoding from 'lib0/decoding'
import * as api from './api.js'
import { HERE, read, unsaved } from './model.js'

const DENIED = 2
const ACKNOWLEDGEMENT = 102
const EVENT = 103
/** How long edits are gathered before the server is asked whether they are stored. */
const ASK_AFTER = 120
/** How long an answer may take before it is asked whether the server can store at all, and how often. */
const LATE_AFTER = 2500

export class Session {
  constructor(workflow, person) {
    this.workflow = workflow
    this.listeners = { content: new Set(), state: new Set(), people: new Set(), event: new Set() }
    this.doc = new Y.Doc()
    this.state = {
      connection: 'connecting', synced: false, denied: null, canStore: true, lineage: null,
      base: null, lockVersion: null, conflicts: new Map(), branches: [], errors: {}, edits: 0, stored: 0,
    }
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    this.provider = new WebsocketProvider(`${scheme}://${location.host}/collab`, `workflow:${workflow}`, this.doc, {
      // Every tab has its own connection, so that what is acknowledged is what this tab has sent.
      disableBc: true, connect: false,
    })
    this.awareness = this.provider.awareness
    this.awareness.setLocalState({ user: person })
    this.listen()
    this.provider.connect()
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
    provider.messageHandlers[DENIED] = (_, decoder) => this.denied(decoder)
    provider.messageHandlers[ACKNOWLEDGEMENT] = (_, decoder) => this.acknowledged(decoder)
    provider.messageHandlers[EVENT] = (_, decoder) => this.received(JSON.parse(decoding.readVarString(decoder)))
    provider.on('status', ({ status }) => this.connectionChanged(status))
    provider.on('sync', (synced) => {
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

  connectionChanged(status) {
    if (status === 'connected') {
      this.change({ connection: 'connected', denied: null })
      this.send(EVENT, (encoder) => encoding.writeVarString(encoder, ''))
    } else {
      this.change({ connection: this.wasSynced ? 'reconnecting' : 'connecting' })
    }
    this.watch()
  }

  /** The document as plain values; read anew only where something has changed. */
  get current() {
    return (this.content ??= read(this.doc))
  }

  get unsaved() {
    return this.state.synced || this.wasSynced ? unsaved(this.current, this.state.base) : []
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

  denied(decoder) {
    decoding.readVarUint(decoder)
    this.change({ denied: decoding.readVarString(decoder) })
  }

  received(event) {
    const changes = {}
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

  get wasSynced() {
    return this.state.base !== null
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

  /** What a save said of a field does not hold any more once somebody has changed it. */
  forget(collection, id, field) {
    const errors = structuredClone(this.state.errors)
    const fields = collection === 'workflow' ? errors : errors[collection]?.[id]
    if (!fields?.[field]) return
    delete fields[field]
    if (collection !== 'workflow' && Object.keys(fields).length === 0) delete errors[collection][id]
    this.change({ errors })
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
    clearTimeout(this.watching)
    clearTimeout(this.asking)
    removeEventListener('beforeunload', this.leaving)
    this.provider.destroy()
    this.awareness.destroy()
    this.doc.destroy()
  }
}

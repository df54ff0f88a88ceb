// For those who run the server: its rooms, who is in them and how they are, and what was merged lately. Protocol/http.md.

import * as api from './api.js'
import { brand } from './brand.js'
import { h, icon, replace, say } from './dom.js'
import { Me } from './me.js'
import { nameOf } from './people.js'
import { ago, author, clock, count, gathered, Names, sentence, size } from './words.js'

const RENEW_EVERY = 3000

export class Operations {
  constructor({ account, me, signOut }) {
    this.unfolded = new Set()
    this.state = h('p', { class: 'hint', role: 'status' }, 'Loading…')
    this.tiles = h('dl', { class: 'tiles' })
    this.rooms = h('section', { 'aria-labelledby': 'rooms-title' })
    this.merges = h('section', { 'aria-labelledby': 'merges-title' })
    this.element = h('div', { class: 'home operations' },
      h('header', { class: 'bar' }, brand(), h('div', { class: 'grow' }), new Me({ me, account, signOut }).element),
      h('main', { tabindex: -1 }, h('div', { class: 'operations-head' }, h('h1', {}, 'Operations'), this.state), this.tiles, this.rooms, this.merges))
    document.title = 'Operations – Heddle'
    this.load()
    this.renewing = setInterval(() => document.visibilityState === 'visible' && this.load(), RENEW_EVERY)
  }

  /** Rooms come from the server's memory, what was merged from the database, which may be away. */
  async load() {
    if (this.isLoading) return
    this.isLoading = true
    const [rooms, merges] = await Promise.allSettled([api.rooms(), api.recentReconciliations()])
    this.isLoading = false
    if (this.isClosed) return
    if (rooms.status === 'fulfilled') Object.assign(this, { answer: rooms.value, asOf: Date.now() })
    if (merges.status === 'fulfilled') this.records = merges.value
    this.failure = rooms.reason?.message ?? null
    this.failedMerges = merges.reason?.message ?? null
    this.draw()
  }

  draw() {
    say(this.state, this.failure ? `${sentence(this.failure)}${this.asOf ? `; as of ${clock(this.asOf)}` : ''}` : 'Renewed every 3 seconds')
    this.state.classList.toggle('errors', Boolean(this.failure))
    if (this.answer) {
      this.drawTiles(this.answer.server)
      this.drawRooms(this.answer)
    }
    this.drawMerges()
  }

  drawTiles(server) {
    const tile = (name, value, isBad = false) => h('div', { class: `tile${isBad ? ' bad' : ''}` }, h('dt', {}, name), h('dd', {}, value))
    this.redraw(this.tiles, server, () => [
      tile('Rooms', String(server.rooms)), tile('Members', String(server.members)), tile('Websockets', String(server.connections)),
      tile('Slow readers', String(server.lagging_connections), server.lagging_connections > 0),
      tile('To be sent', size(server.queued_bytes)), tile('To be committed', size(server.pending_bytes)),
      tile('Database', server.database_reachable ? 'reachable' : 'away', !server.database_reachable)])
  }

  drawRooms({ data, server }) {
    this.redraw(this.rooms, [data, [...this.unfolded]], () => [
      h('h2', { id: 'rooms-title' }, 'Rooms'),
      data.length === 0 ? h('p', { class: 'empty' }, 'Nobody has a document open here.') : h('div', { class: 'table', tabindex: 0, role: 'group', 'aria-labelledby': 'rooms-title' },
        h('table', {}, h('thead', {}, h('tr', {}, COLUMNS.map(([name, about, kind]) => h('th', { scope: 'col', title: about, class: kind }, name)))),
          h('tbody', {}, data.map((room) => this.room(room))))),
      data.length < server.rooms && h('p', { class: 'hint' }, `${server.rooms - data.length} more with fewer members.`)])
  }

  room(room) {
    const isOpen = this.unfolded.has(room.document)
    const name = room.workflow.name ?? room.document
    const slow = room.members.filter((member) => member.lagging).length
    const unfold = () => {
      if (!this.unfolded.delete(room.document)) this.unfolded.add(room.document)
      this.draw()
    }
    const cell = (index, content, kind = '') => h('td', { class: `${COLUMNS[index][2] ?? ''} ${kind}`, 'data-label': COLUMNS[index][0] }, content)
    return [h('tr', {},
      h('th', { scope: 'row' }, h('a', { href: `#/workflows/${room.workflow.id}${room.version === null ? '' : `/versions/${room.version}`}`, 'data-key': `to-${room.document}` }, name),
        room.version !== null && h('span', { class: 'pill' }, `version ${room.version}`), room.phase !== 'serving' && h('span', { class: 'pill warn' }, room.phase.replace('_', ' '))),
      cell(1, h('button', { class: 'link', 'aria-expanded': String(isOpen), 'data-key': `members-${room.document}`, 'aria-label': `${count(room.member_count, 'member')} of ${name}`, onclick: unfold },
        String(room.member_count), slow > 0 && h('span', { class: 'pill warn' }, `${slow} slow`))),
      cell(2, [String(room.sequence), room.behind > 0 && h('span', { class: 'pill warn' }, `${room.behind} behind`)]),
      cell(3, room.pending_updates > 0 ? `${count(room.pending_updates, 'update')}, ${size(room.bytes.pending)}` : '–', room.pending_updates > 0 ? 'warn' : ''),
      cell(4, room.dirty === null ? '–' : room.dirty ? 'yes' : 'no'),
      cell(5, String(room.open_conflicts), room.open_conflicts > 0 ? 'warn' : ''),
      cell(6, room.bytes.document === null ? '–' : size(room.bytes.document)),
      cell(7, size(room.bytes.queued + room.bytes.early)),
      cell(8, String(room.counts.reconciles))),
    isOpen && h('tr', { class: 'members' }, h('td', { colspan: COLUMNS.length }, this.members(room), room.version === null && this.recordOf(room)))]
  }

  /** What the room did in its last minutes, for `heddle replay`. Its texts are replaced. */
  recordOf(room) {
    const state = h('span', { class: 'hint', role: 'status' })
    const download = async () => {
      say(state, 'Made ready…')
      try {
        const url = URL.createObjectURL(await api.record(room.workflow.id))
        h('a', { href: url, download: `${room.workflow.id}.record.jsonl` }).click()
        setTimeout(() => URL.revokeObjectURL(url), 60_000)
        say(state, 'Downloaded')
      } catch (error) {
        say(state, sentence(error.message))
      }
    }
    return h('p', {}, h('button', { class: 'link', 'data-key': `record-${room.document}`, title: 'What happened here in the last minutes, with other texts in place of its own; heddle replay shows it', onclick: download }, 'Record'), state)
  }

  members({ members, member_count: total }) {
    if (total === 0) return h('p', { class: 'hint' }, 'Nobody; it closes soon.')
    return h('ul', {}, members.map((member) => h('li', {},
      h('strong', {}, member.actor?.name ?? nameOf(member)), [
        member.read_only && 'reads', member.waiting && 'waits for the database', member.stranger && 'has an earlier document', member.queued_bytes > 0 && `${size(member.queued_bytes)} to be sent`,
      ].filter(Boolean).map((text) => h('span', { class: 'hint' }, text)), member.lagging && h('span', { class: 'pill warn' }, 'slow'))),
    members.length < total && h('li', { class: 'hint' }, `and ${total - members.length} more`))
  }

  drawMerges() {
    this.redraw(this.merges, [this.records, this.failedMerges], () => [
      h('h2', { id: 'merges-title' }, 'Lately merged'),
      this.failedMerges && h('p', { class: 'errors' }, sentence(this.failedMerges)),
      this.records?.length === 0 && h('p', { class: 'empty' }, 'Nothing has come in from outside yet.'),
      h('ol', { class: 'records' }, (this.records ?? []).map((record) => this.merge(record)))])
  }

  merge(record) {
    const lines = gathered(record.changes, new Names())
    return h('li', { class: 'record' },
      h('div', { class: 'record-head' }, h('div', { class: 'record-title' }, h('a', { href: `#/workflows/${record.workflow.id}` }, record.workflow.name ?? 'A workflow that is gone')), h('time', { datetime: record.recorded_at }, ago(record.recorded_at))),
      h('p', { class: 'hint' }, [author(record), `version ${record.lock_version}`, lines.length > 0 ? count(record.change_count, 'change') : 'nothing changed'].join(' · '),
        record.conflicts > 0 && [' ', h('span', { class: 'pill warn' }, icon('alert', 12), count(record.conflicts, 'conflict'))]))
  }

  /** Draws a part anew only where something of it is another: people read and select here. */
  redraw(part, what, make) {
    const key = JSON.stringify(what) ?? ''
    if (part.shown === key) return
    part.shown = key
    replace(part, make())
  }

  close() {
    this.isClosed = true
    clearInterval(this.renewing)
  }
}

/** Name, what it says, and the class of its cells. */
const COLUMNS = [
  ['Workflow', 'The document'],
  ['Members', 'Who has it open here', 'number-cell'],
  ['Log', 'The newest entry of the log that is in the document, and how many were heard of that are not', 'number-cell'],
  ['To commit', 'Updates that wait for the database', 'number-cell'],
  ['Unsaved', 'Whether the document holds edits that the rows do not have'],
  ['Conflicts', 'That nobody has decided', 'number-cell'],
  ['Size', 'The document as one update: what a new member is sent. In memory it takes more', 'number-cell'],
  ['In queues', 'What waits to be sent to members, or to be taken in', 'number-cell'],
  ['Merges', 'Changes of rows merged since the room was opened', 'number-cell'],
]

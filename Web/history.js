// What the server did to the document, newest first; what an import brought can be taken back.

import * as api from './api.js'
import { h, icon, replace } from './dom.js'
import { ago, author, count, gathered } from './words.js'

export class History {
  constructor(session, { names, notices }) {
    Object.assign(this, { session, names, notices, records: [], isOver: false })
    this.element = h('div', { class: 'history' })
  }

  /** Reads the newest records, or those before the oldest that is shown. */
  async load(more = false) {
    try {
      const page = await api.reconciliations(this.session.workflow, more ? this.records.at(-1)?.number : undefined)
      this.records = more ? this.records.concat(page) : page
      this.isOver = page.length < 20
      this.failure = null
    } catch (refusal) {
      this.failure = refusal.message
    }
    this.draw()
  }

  draw() {
    replace(this.element,
      h('header', { class: 'details-head' }, h('p', { class: 'kind' }, 'History'), h('h2', { tabindex: -1 }, 'Saves and imports')),
      this.failure && h('p', { class: 'errors' }, this.failure),
      this.records.length === 0 && !this.failure && h('p', { class: 'empty' }, 'Nothing has been saved or imported since this workflow was first opened.'),
      h('ol', { class: 'records' }, this.records.map((record) => this.record(record))),
      !this.isOver && this.records.length > 0 && h('button', { class: 'small', 'data-key': 'more', onclick: () => this.load(true) }, 'Earlier ones'))
  }

  record(record) {
    const lines = gathered(record.changes, this.names)
    return h('li', { class: `record ${record.kind}` },
      h('div', { class: 'record-head' }, h('strong', {}, author(record)),
        h('time', { datetime: record.recorded_at, title: new Date(record.recorded_at).toLocaleString() }, ago(record.recorded_at))),
      h('p', { class: 'hint' }, [
        record.lock_version !== null && record.lock_version !== undefined && `Version ${record.lock_version}`,
        record.change_count > 0 ? count(record.change_count, 'change') : record.kind === 'reconcile' && 'nothing changed in the document', record.conflicts > 0 && count(record.conflicts, 'conflict'),
        record.commit && `commit ${record.commit.slice(0, 8)}`,
      ].filter(Boolean).join(' · ')),
      lines.length > 0 && h('details', {}, h('summary', {}, 'What changed'), h('ul', { class: 'lines' }, lines.map(({ label }) => h('li', {}, label)))),
      record.kind === 'reconcile' && record.change_count > 0 && h('button', {
        class: 'small', 'data-key': `revert-${record.number}`, 'aria-label': `Take back: ${author(record)}, ${ago(record.recorded_at)}`,
        onclick: (event) => this.revert(record, event.currentTarget),
      }, icon('back', 16), 'Take back'))
  }

  async revert(record, button) {
    button.disabled = true
    try {
      const { reverted, kept } = await api.revert(this.session.workflow, record.number)
      const left = kept.length > 0 ? ` ${count(kept.length, 'thing was', 'things were')} changed since and stayed.` : ''
      this.notices.show({ kind: 'good', title: 'Taken back', body: [reverted.length > 0 ? `${count(reverted.length, 'change')} undone; unsaved edits stayed.${left}` : `There was nothing left to undo.${left}`] })
    } catch (refusal) {
      this.notices.show({ kind: 'bad', title: 'It could not be taken back', body: [refusal.message] })
    }
    await this.load()
  }
}

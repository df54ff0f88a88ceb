// What became of the workflow, newest first: versions to look at, compare and go back to, and what an import brought, to be taken back.

import * as api from './api.js'
import { Comparison } from './compare.js'
import { h, icon, replace } from './dom.js'
import { timeline } from './timeline.js'
import { ago, author, count, gathered } from './words.js'

const PAGE = { versions: 50, records: 20 }

export class History {
  constructor(session, { names, notices }) {
    Object.assign(this, { session, names, notices, versions: [], records: [], moreVersions: false, moreRecords: false })
    this.element = h('div', { class: 'history' })
  }

  /** Reads the newest of everything, or what comes before what is shown. */
  async load(more = false) {
    const { workflow } = this.session
    try {
      const [versions, records] = await Promise.all([
        more && !this.moreVersions ? [] : api.versions(workflow, more ? this.versions.at(-1).lock_version : undefined),
        more && !this.moreRecords ? [] : api.reconciliations(workflow, more ? this.records.at(-1).number : undefined),
      ])
      if (!more || this.moreVersions) this.moreVersions = versions.length === PAGE.versions
      if (!more || this.moreRecords) this.moreRecords = records.length === PAGE.records
      this.versions = more ? this.versions.concat(versions) : versions
      this.records = more ? this.records.concat(records) : records
      this.failure = null
    } catch (refusal) {
      this.failure = refusal.message
    }
    this.draw()
  }

  get latest() {
    return this.versions.find((version) => version.is_latest)?.lock_version
  }

  /** The document was edited, or what one may do has changed. */
  update() {
    this.comparison?.update()
    const key = `${this.session.may('decide')}`
    if (this.key === key) return
    this.key = key
    this.draw()
  }

  draw() {
    if (this.comparison) return
    const entries = timeline(this.versions, this.records, this)
    replace(this.element,
      h('header', { class: 'details-head' }, h('p', { class: 'kind' }, 'History'), h('h2', { tabindex: -1 }, 'Versions, saves and imports')),
      this.failure && h('p', { class: 'errors' }, this.failure),
      entries.length === 0 && !this.failure && h('p', { class: 'empty' }, 'Nothing has been saved or imported yet.'),
      h('ol', { class: 'records' }, entries.map((entry) => this.entry(entry))),
      (this.moreVersions || this.moreRecords) && h('button', { class: 'small', 'data-key': 'more', onclick: () => this.load(true) }, 'Earlier ones'))
  }

  entry({ time, version, record }) {
    const by = version?.source || record ? author(record ?? version) : 'Who made it is not recorded'
    const lines = gathered(record?.changes ?? [], this.names)
    const number = version?.lock_version
    const title = version
      ? [h('strong', {}, `Version ${number}`), version.is_latest && h('span', { class: 'pill' }, 'latest'), this.session.version === number && h('span', { class: 'pill' }, 'shown')]
      : h('strong', {}, by)
    return h('li', { class: `record${version ? ' saved-version' : ''}`, 'aria-label': version ? `Version ${number}` : by },
      h('div', { class: 'record-head' }, h('div', { class: 'record-title' }, title), h('time', { datetime: time, title: new Date(time).toLocaleString() }, ago(time))),
      h('p', { class: 'hint' }, [version && by, ...about(record, version)].filter(Boolean).join(' · ')),
      lines.length > 0 && h('details', {}, h('summary', {}, 'What changed'), h('ul', { class: 'lines' }, lines.map(({ label }) => h('li', {}, label)))),
      h('div', { class: 'record-buttons' }, version && this.versionButtons(version), this.revertButton(record, time)))
  }

  versionButtons({ lock_version: number, is_latest: isLatest }) {
    const { workflow, version } = this.session
    return [
      version !== number && h('a', { class: 'button small', href: `#/workflows/${workflow}/versions/${number}`, 'data-key': `open-${number}`, 'aria-label': `Open version ${number}` }, 'Open'),
      h('button', { class: 'small', 'data-key': `compare-${number}`, 'aria-label': `Compare version ${number} with now`, onclick: () => this.compare(number) }, 'Compare'),
      !isLatest && this.session.may('decide') && h('button', { class: 'small', 'data-key': `restore-${number}`, 'aria-label': `Go back to version ${number}`, onclick: (event) => this.restore(number, event.currentTarget) }, 'Go back to it'),
    ]
  }

  revertButton(record, time) {
    if (record?.kind !== 'reconcile' || record.change_count === 0 || !this.session.may('decide')) return null
    return h('button', {
      class: 'small', 'data-key': `revert-${record.number}`, 'aria-label': `Take back: ${author(record)}, ${ago(time)}`,
      onclick: (event) => this.revert(record, event.currentTarget),
    }, icon('back', 16), 'Take back')
  }

  // Comparing

  compare(from, to = 'live') {
    this.comparison?.close()
    this.comparison = new Comparison(this.session, {
      names: this.names, versions: this.versions, from, to, restore: (version, button) => this.restore(version, button), close: () => this.leaveComparison(from),
    })
    replace(this.element, this.comparison.element)
    this.comparison.heading.focus()
  }

  leaveComparison(from) {
    if (!this.comparison) return
    this.comparison.close()
    this.comparison = null
    this.draw()
    if (from !== undefined) this.element.querySelector(`[data-key="compare-${from}"]`)?.focus()
  }

  // Going back

  /** The rows go back to a version, as a new one; what people have not saved stays, or waits as a conflict. */
  async restore(number, button) {
    button.disabled = true
    const { latest } = this
    try {
      const answer = await api.restore(this.session.workflow, number, latest)
      this.notices.show({ kind: 'good', key: 'restore', stays: answer.incomplete.length > 0, title: this.restoredTitle(number, answer.lock_version, latest), body: this.incomplete(answer.incomplete) })
      this.leaveComparison()
    } catch (refusal) {
      const isOld = refusal.type === 'workflow_moved_on'
      this.notices.show({ kind: 'bad', key: 'restore', title: `It did not go back to version ${number}`, body: [isOld ? 'Somebody has saved or imported meanwhile. Look at what differs now, and try again.' : refusal.message] })
    }
    button.disabled = false
    await this.load()
  }

  restoredTitle(number, made, latest) {
    return made === latest ? `Version ${number} is what is saved already` : `Back at version ${number}, as version ${made}`
  }

  incomplete(units) {
    if (units.length === 0) return ['Unsaved edits stayed.']
    return [h('p', {}, 'These triggers came back without their user name and password:'), h('ul', { class: 'lines' }, units.map((unit) => h('li', {}, this.names.unit(unit))))]
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

  close() {
    this.comparison?.close()
  }
}

function about(record, version) {
  if (!record) return []
  return [
    !version && record.lock_version !== null && record.lock_version !== undefined && `at version ${record.lock_version}`,
    record.change_count > 0 ? count(record.change_count, 'change') : record.kind === 'reconcile' && 'nothing changed in the document',
    record.conflicts > 0 && count(record.conflicts, 'conflict'),
    record.commit && `commit ${record.commit.slice(0, 8)}`,
  ]
}

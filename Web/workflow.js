// One workflow: the bar with its state, the diagram, and the panel beside it.

import * as api from './api.js'
import { Bar } from './bar.js'
import { Details } from './details.js'
import { Diagram } from './diagram.js'
import { h, replace, say, set } from './dom.js'
import { History } from './history.js'
import { Inbox } from './inbox.js'
import { COLLECTIONS } from './model.js'
import { Session } from './session.js'
import { Names, author, count, fieldName, gathered, sentence } from './words.js'

const MAXIMUM_LINES = 8

export class WorkflowView {
  /** `version` is the number of a saved version, or null for the live document. */
  constructor(id, { me, account, notices, signOut, version = null, selection, reopen }) {
    Object.assign(this, { id, notices, account, version, reopen, selection: selection ?? null, tab: 'details', names: new Names() })
    this.session = new Session(id, { me, account, version })
    const select = (...selection) => this.select(...selection)
    this.bar = new Bar(this.session, { me, account, signOut, names: this.names, save: () => this.save(), reset: () => this.reset(), show: (tab) => this.show(tab) })
    this.diagram = new Diagram(this.session, { select })
    this.panels = {
      details: new Details(this.session, { select, names: this.names, placeOf: (node) => this.diagram.places.get(node) }),
      conflicts: new Inbox(this.session, { names: this.names, notices, select }),
      history: new History(this.session, { names: this.names, notices }),
    }
    this.element = this.build()
    this.listen()
  }

  build() {
    const tab = (name, label) => h('button', {
      role: 'tab', id: `tab-${name}`, 'aria-controls': `panel-${name}`, 'data-tab': name, onclick: () => this.show(name), onkeydown: (event) => this.tabPressed(event),
    }, label)
    this.number = h('span', { class: 'number' })
    this.tabs = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Panel' }, tab('details', 'Details'), this.version === null && tab('conflicts', ['Conflicts', this.number]), tab('history', 'History'))
    this.side = h('aside', { class: 'side-panel', 'aria-label': 'Panel' }, this.tabs,
      Object.entries(this.panels).map(([name, panel]) => h('div', { class: 'panel', role: 'tabpanel', id: `panel-${name}`, 'aria-labelledby': `tab-${name}` }, panel.element)))
    this.show('details')
    this.banner = h('div', { class: 'banner', role: 'alert', hidden: true })
    this.note = h('div', { class: 'banner calm', role: 'status' })
    this.main = h('main', { tabindex: -1, class: 'workspace' }, this.diagram.element, this.side)
    return h('div', { class: 'workflow' }, this.bar.element, this.banner, this.note, this.main)
  }

  listen() {
    const { session } = this
    session.on('content', () => this.later())
    session.on('state', () => this.later())
    session.on('people', () => this.later())
    session.on('event', (event) => this.told(event))
    this.keys = (event) => this.pressed(event)
    addEventListener('keydown', this.keys)
  }

  opened() {
    this.update()
  }

  /** Many changes of the state at once are shown once. */
  later() {
    this.frame ??= requestAnimationFrame(() => this.update())
  }

  update() {
    cancelAnimationFrame(this.frame)
    this.frame = undefined
    if (this.isClosed) return
    const { session } = this
    const content = session.current
    this.names.see(content)
    const changed = session.unsaved
    const { selection } = this
    if (selection && session.state.synced && !content[selection.collection].some((each) => each.id === selection.id)) this.selection = null
    this.bar.update(changed)
    this.diagram.update(this.selection, changed)
    this.panels.details.update(this.selection, changed)
    this.panels.conflicts.update()
    this.panels.history.update()
    const conflicts = session.state.conflicts.size + session.state.branches.length
    say(this.number, conflicts > 0 ? String(conflicts) : '')
    const tab = this.tabs.querySelector('[data-tab=conflicts]')
    if (tab) set(tab, { 'aria-label': conflicts > 0 ? `Conflicts, ${conflicts} open` : 'Conflicts' })
    document.title = `${changed.length > 0 ? '• ' : ''}${content.workflow.name ?? 'Workflow'}${this.version === null ? '' : `, version ${this.version}`} – Heddle`
    this.warn()
    this.explain()
  }

  /** From now on it is used by whoever has signed in. */
  become(identity) {
    this.bar.become(identity)
    this.session.show({ user: { ...identity.me } })
  }

  /** Says why nothing can be changed here, and what can be done instead. */
  explain() {
    const { session, version, id } = this
    const untaken = session.state.access && !session.mayEdit ? session.waiting : 0
    const isReader = version === null && session.state.access && session.may('read') && !session.mayEdit
    const key = [version, isReader, untaken, session.may('decide')].join()
    if (this.note.dataset.key === key) return
    this.note.dataset.key = key
    this.note.hidden = version === null && !isReader
    replace(this.note, version === null ? this.readerNote(untaken) : [
      h('span', {}, `This is version ${version}, as it was saved. It cannot be changed.`),
      h('button', { class: 'small', onclick: () => (this.show('history'), this.panels.history.compare(version)) }, 'Compare with now'),
      h('a', { class: 'button small', href: `#/workflows/${id}` }, 'Back to the live workflow')])
  }

  readerNote(untaken) {
    if (untaken === 0) return h('span', {}, 'You may read this workflow and not change it. Who manages the project can make you an editor.')
    return [h('span', {}, `You may not change this workflow any more, and ${untaken === 1 ? 'your last edit was' : `your last ${untaken} edits were`} not taken: only this tab shows ${untaken === 1 ? 'it' : 'them'}.`),
      h('button', { class: 'small', onclick: () => this.reopen(this.selection) }, 'Show what is there')]
  }

  warn() {
    const { denied, lineage } = this.session.state
    const text = lineage ? `This document was made anew since this tab opened it, and what only this tab has cannot be kept: ${lineage.message ?? ''}` : sentence(denied ?? '')
    this.banner.hidden = text === ''
    if (this.banner.dataset.text === text) return
    this.banner.dataset.text = text
    replace(this.banner, h('span', {}, text), lineage && h('button', { class: 'small', onclick: () => this.reopen(this.selection) }, 'Open it anew'),
      !lineage && [h('button', { class: 'small', onclick: () => this.session.retry() }, 'Try again'), h('a', { href: '#/' }, 'All workflows')])
  }

  // The panel

  /** Selects what the diagram shows, and opens it in the panel. */
  select(collection, id, { focus } = {}) {
    this.selection = collection ? { collection, id } : null
    this.session.show({ focus: this.selection })
    this.show('details')
    this.update()
    if (focus === 'diagram') this.diagram.focus(this.diagram.stop)
    else if (focus) this.panels.details.focusField(focus === true ? 'title' : focus)
    // On a phone the panel is below the diagram.
    if (matchMedia('(max-width: 600px)').matches) (collection ? this.side : this.bar.element).scrollIntoView({ behavior: 'smooth', block: 'start' })
  }

  show(name) {
    this.tab = name
    for (const tab of this.tabs.children) set(tab, { 'aria-selected': String(tab.dataset.tab === name), tabindex: tab.dataset.tab === name ? 0 : -1 })
    for (const panel of this.side.querySelectorAll(':scope > .panel')) panel.hidden = panel.id !== `panel-${name}`
    if (name === 'history') this.panels.history.load()
    else this.panels.history.leaveComparison()
  }

  tabPressed(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const tabs = [...this.tabs.children]
    const next = tabs[(tabs.indexOf(event.currentTarget) + step + tabs.length) % tabs.length]
    this.show(next.dataset.tab)
    next.focus()
  }

  pressed(event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 's') {
      event.preventDefault()
      if (this.session.mayEdit) this.save()
    } else if (event.key === 'Escape' && this.selection && !event.defaultPrevented && !event.target.closest?.('textarea, dialog, .notice')) {
      this.diagram.stop = this.selection.id
      this.select(null, null, { focus: 'diagram' })
    }
  }

  // Saving

  async save() {
    if (this.isSaving) return
    this.isSaving = true
    this.bar.busy(true)
    try {
      this.savedHere = await this.session.save()
      this.notices.close('save')
      this.notices.show({ kind: 'good', key: 'save', title: `Saved as version ${this.savedHere}` })
    } catch (refusal) {
      this.refused(refusal)
    }
    this.bar.busy(false)
    this.isSaving = false
  }

  refused(refusal) {
    const places = refusal.type === 'validation_error' ? wrongPlaces(refusal.errors) : []
    const line = ({ collection, id, field, messages }) => h('li', {}, h('button', { class: 'link', onclick: () => this.go(collection, id, field) },
      `${collection === 'workflow' ? 'Workflow' : this.names.of(id, 'A job')}: ${fieldName(field)}`), ` – ${messages.join(', ')}`)
    this.notices.show({ kind: 'bad', key: 'save', title: places.length > 0 ? `Not saved: ${count(places.length, 'thing')} to put right` : 'Not saved',
      body: places.length > 0 ? [h('ul', { class: 'lines' }, places.slice(0, MAXIMUM_LINES).map(line))] : [refusal.message] })
    if (places.length > 0) this.go(places[0].collection, places[0].id, places[0].field)
  }

  go(collection, id, field) {
    this.select(collection === 'workflow' ? null : collection, id, { focus: field })
  }

  reset() {
    const changed = gathered(this.session.unsaved, this.names)
    const dialog = h('dialog', { 'aria-labelledby': 'reset-title', onclose: () => dialog.remove() },
      h('h2', { id: 'reset-title' }, 'Give up what is not saved?'),
      h('p', {}, 'Everybody’s unsaved edits of this workflow go, and it is again what was last saved or imported.'),
      h('ul', { class: 'lines' }, changed.slice(0, MAXIMUM_LINES).map(({ label }) => h('li', {}, label)), changed.length > MAXIMUM_LINES && h('li', {}, `and ${changed.length - MAXIMUM_LINES} more`)),
      h('footer', {}, h('button', { onclick: () => dialog.close() }, 'Keep editing'), h('button', { class: 'danger', onclick: () => (dialog.close(), this.doReset()) }, 'Give up')))
    document.body.append(dialog)
    dialog.showModal()
  }

  async doReset() {
    try {
      await api.reset(this.id)
    } catch (refusal) {
      this.notices.show({ kind: 'bad', key: 'save', title: 'Not reset', body: [refusal.message] })
    }
  }

  // What the server tells

  told(event) {
    // The event comes behind the change that it is about, which is shown first, with its names.
    this.update()
    if (event.type === 'reconciled') this.reconciled(event)
    else if (event.type === 'saved' && !this.isSaving && event.lock_version !== this.savedHere) this.notices.show({ kind: 'good', key: 'save', title: `Saved by somebody as version ${event.lock_version}` })
    else if (event.type === 'reset') this.notices.show({ kind: 'good', key: 'save', title: 'Taken back to what was saved' })
    else if (event.type === 'branch') this.oldTab('A tab with an earlier document came back', 'What only it had is kept')
    else if (event.type === 'lineage' && event.outcome !== 'refused') this.madeAnew(event)
    if (this.tab === 'history' && event.type !== 'state') this.panels.history.load()
  }

  /** The document has got another history. What only this tab had is at the server; the tab opens what there is now. */
  madeAnew({ outcome }) {
    const { reopen, selection } = this
    if (outcome === 'recovered') this.oldTab('This document was made anew', 'What only this tab had is kept')
    else this.notices.show({ key: 'branch', title: 'This document was made anew', body: ['Everything that this tab had is in it.'] })
    reopen(selection)
  }

  oldTab(title, text) {
    this.notices.show({ key: 'branch', title, body: [`${text}, and waits for a decision.`], actions: [{ label: 'Show it', primary: true, run: () => document.querySelector('#tab-conflicts')?.click() }] })
  }

  /** An import, or any other writer of the rows: what it changed, and where it met people's edits. */
  reconciled(event) {
    const lines = gathered(event.changes, this.names)
    const conflicts = event.new_conflicts.length
    const item = ({ unit, kind, label }) => h('li', {}, COLLECTIONS.includes(unit[0]) && kind !== 'removed'
      ? h('button', { class: 'link', onclick: () => this.select(unit[0], unit[1], { focus: true }) }, label) : label)
    this.notices.show({
      key: `reconciled-${event.number}`,
      title: `${author(event)} changed ${count(event.change_count, 'thing')}`,
      body: [
        h('ul', { class: 'lines' }, lines.slice(0, MAXIMUM_LINES).map(item), lines.length > MAXIMUM_LINES && h('li', {}, `and ${lines.length - MAXIMUM_LINES} more`)),
        h('p', { class: 'hint' }, conflicts > 0 ? `${count(conflicts, 'conflict')} with edits that were not saved.` : 'Unsaved edits are kept.'),
      ],
      actions: conflicts > 0 ? [{ label: count(conflicts, 'conflict') + ' to decide', primary: true, run: () => this.show('conflicts') }] : [],
    })
    this.later()
    this.diagram.flash(event.changes.map(({ unit }) => unit[1]))
  }

  close() {
    this.isClosed = true
    removeEventListener('keydown', this.keys)
    this.panels.details.close()
    this.panels.history.close()
    this.session.close()
  }
}

/** The fields that a save found wrong, in the order of the document. */
function wrongPlaces(errors) {
  const places = []
  for (const [field, value] of Object.entries(errors)) {
    if (Array.isArray(value)) places.push({ collection: 'workflow', id: 'workflow', field, messages: value })
    else {
      for (const [id, fields] of Object.entries(value)) {
        for (const [name, messages] of Object.entries(fields)) places.push({ collection: field, id, field: name, messages })
      }
    }
  }
  return places
}

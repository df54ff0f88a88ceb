// The bar above a workflow: its name, who is here, whether it is stored and saved, and the buttons for that.

import { brand } from './brand.js'
import { h, replace, say, set } from './dom.js'
import { Me } from './me.js'
import { avatar, nameOf } from './people.js'
import { count, gathered } from './words.js'

const MAXIMUM_SHOWN = 5

export class Bar {
  constructor(session, { me, account, signOut, names, save, reset, show }) {
    Object.assign(this, { session, names })
    this.become({ me, account, signOut })
    this.name = h('h1', {}, '')
    this.connection = h('span', { class: 'connection', role: 'status', 'aria-label': 'Connection' }, h('i', { 'aria-hidden': 'true' }), (this.connectionText = h('span', {})))
    this.version = h('span', { class: 'version' })
    this.conflicts = h('button', { class: 'pill warn', hidden: true, onclick: () => show('conflicts') })
    this.people = h('ul', { class: 'people', 'aria-label': 'People here' })
    this.resetButton = h('button', { class: 'quiet', onclick: reset }, 'Reset')
    this.saveButton = h('button', { class: 'primary', onclick: save, title: 'Ctrl+S', 'aria-keyshortcuts': 'Control+S' }, 'Save')
    this.readOnly = h('span', { class: 'pill read-only' }, 'Read-only')
    this.element = h('header', { class: 'bar' }, brand(), h('div', { class: 'title' }, this.name, this.version), this.connection,
      h('div', { class: 'grow' }), this.conflicts, this.people, this.me.element, h('div', { class: 'buttons' }, this.readOnly, this.resetButton, this.saveButton))
  }

  /** Shows who uses the page. */
  become({ me, account, signOut }) {
    const before = this.me?.element
    this.me = new Me({ me, account, signOut, renamed: () => this.session.show({ user: { ...me } }) })
    before?.replaceWith(this.me.element)
  }

  update(changed) {
    const { session } = this
    const { state } = session
    say(this.name, session.current.workflow.name || 'Workflow')
    this.showConnection()
    say(this.version, this.versionText(changed))
    this.me.showRole(state.access?.role)
    this.readOnly.hidden = !state.access || session.mayEdit
    this.resetButton.hidden = this.saveButton.hidden = !session.mayEdit
    this.version.classList.toggle('dirty', changed.length > 0 || session.isNew)
    this.conflicts.hidden = state.conflicts.size === 0
    say(this.conflicts, count(state.conflicts.size, 'conflict'))
    this.resetButton.disabled = changed.length === 0 || session.isNew
    this.saveButton.disabled = this.isBusy || !state.synced || (changed.length === 0 && !session.isNew)
    this.showPeople()
  }

  versionText(changed) {
    const { state, version } = this.session
    if (version !== null) return `Version ${version}`
    if (state.lockVersion === null) return ''
    if (this.session.isNew) return 'Not saved yet'
    return `Version ${state.lockVersion} · ${changed.length > 0 ? count(gathered(changed, this.names).length, 'unsaved change') : 'saved'}`
  }

  busy(isBusy) {
    this.isBusy = isBusy
    say(this.saveButton, isBusy ? 'Saving…' : 'Save')
    this.update(this.session.unsaved)
  }

  showConnection() {
    const [kind, text] = connectionOf(this.session)
    set(this.connection, { class: `connection ${kind}` })
    say(this.connectionText, text)
  }

  showPeople() {
    const others = this.session.others
    const key = others.map(({ client, user }) => `${client} ${nameOf(user)} ${user.color}`).join()
    if (key === this.shown) return
    this.shown = key
    replace(this.people, others.slice(0, MAXIMUM_SHOWN).map(({ user }) => h('li', {}, avatar(user))),
      others.length > MAXIMUM_SHOWN && h('li', {}, h('span', { class: 'avatar more' }, `+${others.length - MAXIMUM_SHOWN}`)))
  }
}

/** The state of the connection and of what was typed here, plainly. */
function connectionOf(session) {
  const { state, waiting } = session
  const edits = count(waiting, 'edit')
  if (state.denied) return ['bad', 'Not open']
  if (state.connection === 'refused') return ['bad', waiting > 0 ? `Signed out; ${edits} kept here` : 'Signed out']
  if (state.connection === 'connecting') return ['wait', 'Connecting…']
  if (state.connection === 'reconnecting') return ['bad', waiting > 0 ? `Reconnecting… ${edits} kept here` : 'Reconnecting… edits are kept here']
  if (!state.canStore) return ['bad', waiting > 0 ? `The server cannot store; ${edits} kept here` : 'The server cannot store']
  if (!state.synced) return ['wait', 'Opening…']
  if (waiting > 0) return session.mayEdit ? ['wait', 'Storing…'] : ['bad', `${edits} not taken`]
  return ['good', session.mayEdit ? 'Connected, all stored' : 'Connected']
}

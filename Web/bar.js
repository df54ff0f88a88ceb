// The bar above a workflow: its name, who is here, whether it is stored and saved, and the buttons for that.

import { brand } from './brand.js'
import { h, replace, say, set } from './dom.js'
import { avatar, initials, keep, nameOf } from './people.js'
import { count, gathered } from './words.js'

const MAXIMUM_SHOWN = 5

export class Bar {
  constructor(session, { me, names, save, reset, show }) {
    Object.assign(this, { session, me, names })
    this.name = h('h1', {}, '')
    this.connection = h('span', { class: 'connection', role: 'status', 'aria-label': 'Connection' }, h('i', { 'aria-hidden': 'true' }), (this.connectionText = h('span', {})))
    this.version = h('span', { class: 'version' })
    this.conflicts = h('button', { class: 'pill warn', hidden: true, onclick: () => show('conflicts') })
    this.people = h('ul', { class: 'people', 'aria-label': 'People here' })
    this.resetButton = h('button', { class: 'quiet', onclick: reset }, 'Reset')
    this.saveButton = h('button', { class: 'primary', onclick: save, title: 'Ctrl+S', 'aria-keyshortcuts': 'Control+S' }, 'Save')
    this.element = h('header', { class: 'bar' }, brand(), h('div', { class: 'title' }, this.name, this.version), this.connection,
      h('div', { class: 'grow' }), this.conflicts, this.people, this.myself(), h('div', { class: 'buttons' }, this.resetButton, this.saveButton))
  }

  /** Oneself, with a field for one's name. */
  myself() {
    const picture = avatar(this.me)
    const input = h('input', { type: 'text', 'aria-label': 'Your name', maxlength: 60, value: this.me.name, autocomplete: 'off' })
    const renamed = () => {
      const name = input.value.trim()
      if (!name) return
      this.me.name = name
      keep(this.me)
      this.session.show({ user: { ...this.me } })
      say(picture.firstChild, initials(name))
      say(picture.lastChild, name)
      set(picture, { title: name })
    }
    input.addEventListener('change', renamed)
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== 'Escape') return
      event.stopPropagation()
      details.open = false
      summary.focus()
    })
    const summary = h('summary', { 'aria-label': 'You', title: 'You' }, picture)
    const details = h('details', { class: 'me' }, summary, h('div', { class: 'me-card' }, h('label', {}, 'Your name, as others see it', input)))
    return details
  }

  update(changed) {
    const { session } = this
    const { state } = session
    say(this.name, session.current.workflow.name || 'Workflow')
    this.showConnection()
    say(this.version, state.lockVersion === null ? '' : `Version ${state.lockVersion}${changed.length > 0 ? ` · ${count(gathered(changed, this.names).length, 'unsaved change')}` : ' · saved'}`)
    this.version.classList.toggle('dirty', changed.length > 0)
    this.conflicts.hidden = state.conflicts.size === 0
    say(this.conflicts, count(state.conflicts.size, 'conflict'))
    this.resetButton.disabled = changed.length === 0
    this.saveButton.disabled = this.isBusy || !state.synced || changed.length === 0
    this.showPeople()
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
  if (state.connection === 'connecting') return ['wait', 'Connecting…']
  if (state.connection === 'reconnecting') return ['bad', waiting > 0 ? `Reconnecting… ${edits} kept here` : 'Reconnecting… edits are kept here']
  if (!state.canStore) return ['bad', waiting > 0 ? `The server cannot store; ${edits} kept here` : 'The server cannot store']
  if (!state.synced) return ['wait', 'Opening…']
  if (waiting > 0) return ['wait', 'Storing…']
  return ['good', 'Connected, all stored']
}

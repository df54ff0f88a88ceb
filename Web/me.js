// Oneself, in the corner of every view: one's name, and where one has to sign in who one is and may do.

import { h, replace, say, set } from './dom.js'
import { avatar, initials, keep } from './people.js'
import { clock } from './words.js'

const ROLES = { viewer: 'You may read this workflow.', editor: 'You may edit this workflow.', admin: 'You may edit and import this workflow.', owner: 'You may edit and import this workflow.' }

export class Me {
  /** `renamed` is called with a new name, `signOut` where somebody wants to. */
  constructor({ me, account, renamed = () => {}, signOut }) {
    Object.assign(this, { me, account, renamed, signOut })
    this.picture = avatar(me)
    this.role = h('div', { class: 'role' })
    this.summary = h('summary', { 'aria-label': 'You', title: 'You' }, this.picture)
    this.element = h('details', { class: 'me', onkeydown: (event) => this.pressed(event) }, this.summary,
      h('div', { class: 'me-card' }, account.actor ? this.signedIn() : this.nameField(),
        account.may.has('operate') && h('a', { href: '#/operations' }, 'Rooms and members of this server')))
  }

  signedIn() {
    const { actor, expiresAt } = this.account
    return [h('p', { class: 'who' }, h('strong', {}, actor.name ?? 'You'), expiresAt && h('span', { class: 'hint' }, `Signed in until ${clock(expiresAt * 1000)}`)),
      this.role, h('button', { class: 'small', onclick: () => this.signOut() }, 'Sign out')]
  }

  nameField() {
    const input = h('input', { type: 'text', 'aria-label': 'Your name', maxlength: 60, value: this.me.name, autocomplete: 'off', onchange: () => this.rename(input.value.trim()) })
    return h('label', {}, 'Your name, as others see it', input)
  }

  rename(name) {
    if (!name) return
    this.me.name = name
    keep(this.me)
    this.renamed()
    say(this.picture.firstChild, initials(name))
    say(this.picture.lastChild, name)
    set(this.picture, { title: name })
  }

  /** Shows the role at the workflow that is open. */
  showRole(role) {
    const name = role ? `${role[0].toUpperCase()}${role.slice(1)}` : ''
    if (this.role.dataset.role === name) return
    this.role.dataset.role = name
    replace(this.role, name && [h('span', { class: 'pill' }, name), h('span', { class: 'hint' }, ROLES[role] ?? '')])
    set(this.summary, { 'aria-label': name ? `You: ${name}` : 'You' })
  }

  pressed(event) {
    if (event.key !== 'Escape' && (event.key !== 'Enter' || event.target.tagName !== 'INPUT')) return
    event.stopPropagation()
    this.element.open = false
    this.summary.focus()
  }
}

// Asks for a token: as a page of its own, or over a workflow whose edits must not be lost.

import { h, say } from './dom.js'
import { sentence } from './words.js'

export class SignIn {
  constructor(account, { heading = 'Sign in', text = 'This server wants to know who you are. Paste the token that you were given.' } = {}) {
    this.account = account
    this.input = h('input', { type: 'password', id: 'token', autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'token-refused', required: true })
    this.refusal = h('p', { id: 'token-refused', class: 'errors', role: 'alert' }, sentence(account.reason ?? ''))
    this.button = h('button', { class: 'primary', type: 'submit' }, 'Sign in')
    this.form = h('form', { class: 'sign-in-form', onsubmit: (event) => this.submitted(event) },
      h('h1', { id: 'sign-in-title' }, heading), h('p', { class: 'hint' }, text),
      h('div', { class: 'field' }, h('label', { for: 'token' }, 'Token'), this.input, this.refusal),
      this.button,
      h('p', { class: 'hint' }, 'Whoever runs the server makes one with ', h('code', {}, 'heddle token issue'), '. It stays in this tab and is forgotten with it.'))
  }

  /** A page of its own. */
  get element() {
    return (this.page ??= h('div', { class: 'sign-in' }, h('main', { tabindex: -1 }, h('img', { src: '/assets/icon.svg', alt: 'Heddle', width: 52, height: 52 }), this.form)))
  }

  opened() {
    document.title = 'Sign in – Heddle'
    this.input.focus()
  }

  async submitted(event) {
    event.preventDefault()
    say(this.refusal, '')
    this.button.disabled = true
    await this.account.signIn(this.input.value)
    this.button.disabled = false
    if (this.account.state === 'out') this.refused()
  }

  refused() {
    say(this.refusal, sentence(this.account.reason ?? ''))
    this.input.select()
    this.input.focus()
  }

  close() {}
}

/** The same over what is shown, which stays. Closes by itself once somebody is signed in. */
export class SignInAgain {
  constructor(account, { waiting, leave }) {
    const kept = waiting > 0 ? ` ${waiting === 1 ? 'One edit' : `${waiting} edits`} of this tab will be sent then.` : ''
    const form = new SignIn(account, { heading: 'Sign in again', text: `What you see stays.${kept}` })
    form.form.append(h('button', { class: 'quiet', type: 'button', onclick: leave }, 'Leave this workflow'))
    this.dialog = h('dialog', { class: 'sign-in-again', 'aria-labelledby': 'sign-in-title', oncancel: (event) => event.preventDefault() }, form.form)
    document.body.append(this.dialog)
    this.dialog.showModal()
    form.input.focus()
  }

  close() {
    this.dialog.close()
    this.dialog.remove()
  }
}

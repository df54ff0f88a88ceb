// What just happened: cards in a corner that are read out and stay until they are closed, or go by themselves where nothing depends on them.

import { h, icon } from './dom.js'

const GONE_AFTER = 7000

export class Notices {
  constructor() {
    this.element = h('section', { class: 'notices', 'aria-label': 'Notices', role: 'log', 'aria-live': 'polite' })
  }

  /** Shows a card. `kind`: good, bad or news; `actions`: buttons that close it as well. A notice replaces the one with the same `key`. */
  show({ kind = 'news', title, body = [], actions = [], key, stays = kind !== 'good' }) {
    // Of things that went well, only the last is shown.
    if (kind === 'good') for (const old of this.element.querySelectorAll('.notice.good')) old.remove()
    if (key) this.close(key)
    const close = () => {
      const hadFocus = card.contains(document.activeElement)
      card.remove()
      if (hadFocus) document.querySelector('.node[tabindex="0"], main')?.focus()
    }
    const card = h('article', { class: `notice ${kind}`, 'data-notice': key },
      h('header', {}, kind === 'bad' ? icon('alert') : kind === 'good' ? icon('check') : null, h('h3', {}, title),
        h('button', { class: 'plain', 'aria-label': `Close: ${title}`, onclick: close }, icon('close', 16))),
      body.length > 0 && h('div', { class: 'notice-body' }, body),
      actions.length > 0 && h('footer', {}, actions.map(({ label, run, primary }) =>
        h('button', { class: primary ? 'primary small' : 'small', onclick: () => (close(), run()) }, label))))
    card.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') close()
    })
    this.element.append(card)
    while (this.element.children.length > 4) this.element.firstElementChild.remove()
    if (!stays) setTimeout(close, GONE_AFTER)
  }

  close(key) {
    this.element.querySelector(`[data-notice="${CSS.escape(key)}"]`)?.remove()
  }
}

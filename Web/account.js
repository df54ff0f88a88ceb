// Who is signed in, where the server wants to know. Protocol/auth.md.

import * as api from './api.js'

const STORED = 'heddle.token'

/** The token that an address brings: what is behind `#token=`, or null. */
export function tokenIn(hash) {
  const given = /^#token=([^&]*)$/.exec(hash)?.[1]
  try {
    return given === undefined ? null : decodeURIComponent(given)
  } catch {
    return given
  }
}

/** A token as people paste it: with blanks around it, or as a header has it. */
export const cleaned = (text) => text.trim().replace(/^(authorization:\s*)?bearer\s+/i, '')

/**
 * `state` is `unknown` before the server has said anything, `open` where nobody has to sign in, `in`, or `out` with the `reason`, if there is
 * one.
 */
export class Account {
  constructor() {
    Object.assign(this, { state: 'unknown', actor: null, may: new Set(), expiresAt: null, reason: null, listeners: new Set() })
    this.authorize(sessionStorage.getItem(STORED))
  }

  on(listener) {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  change(members) {
    Object.assign(this, members)
    for (const listener of [...this.listeners]) listener()
  }

  authorize(token) {
    api.authorize(token, (refusal) => this.signedOut(token ? refusal.message : null))
  }

  /** Takes the token out of the address, which others may see, and which is remembered. */
  takeFromAddress() {
    const token = tokenIn(location.hash)
    if (token === null) return false
    history.replaceState(null, '', `${location.pathname}${location.search}#/`)
    sessionStorage.setItem(STORED, cleaned(token))
    this.authorize(cleaned(token))
    return true
  }

  /** Finds out who one is. Throws where the server cannot say. */
  async load() {
    const me = await api.me()
    // A repository edits nothing, and gets no tokens for connections.
    if (me.actor && !me.may.includes('connect')) return this.signedOut('This token is a repository’s; the page is for people.')
    this.change({ state: me.actor ? 'in' : 'open', actor: me.actor, may: new Set(me.may), expiresAt: me.expires_at, reason: null })
  }

  async signIn(text) {
    const token = cleaned(text)
    this.authorize(token)
    sessionStorage.setItem(STORED, token)
    try {
      await this.load()
    } catch (refusal) {
      if (this.state !== 'out' || this.reason !== refusal.message) this.signedOut(refusal.message)
    }
  }

  signedOut(reason) {
    sessionStorage.removeItem(STORED)
    this.change({ state: 'out', actor: null, may: new Set(), expiresAt: null, reason })
  }

  signOut() {
    this.authorize(null)
    this.signedOut(null)
  }
}

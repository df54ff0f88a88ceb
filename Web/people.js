// Who sits here: a name and a colour, chosen once, changed at will, and told to everybody who has the same workflow open.

import { h } from './dom.js'

const FIRST = ['Amber', 'Brisk', 'Calm', 'Clever', 'Gentle', 'Keen', 'Lively', 'Merry', 'Quiet', 'Swift', 'Warm', 'Witty']
const SECOND = ['Badger', 'Crane', 'Finch', 'Fox', 'Heron', 'Ibex', 'Lynx', 'Marten', 'Otter', 'Robin', 'Tern', 'Wren']
/** Each is readable below white letters and beside both backgrounds. */
const COLOURS = ['#c2410c', '#b91c5c', '#9333ea', '#4f56d6', '#0f74c0', '#0f7f78', '#3f8022', '#96690a']

const any = (list) => list[Math.floor(Math.random() * list.length)]

/** The person at this browser. */
export function person() {
  const known = parsed(sessionStorage.getItem('heddle.person')) ?? parsed(localStorage.getItem('heddle.person'))
  const someone = { name: known?.name ?? `${any(FIRST)} ${any(SECOND)}`, color: known?.color ?? any(COLOURS) }
  keep(someone)
  return someone
}

export function keep(someone) {
  for (const storage of [sessionStorage, localStorage]) storage.setItem('heddle.person', JSON.stringify(someone))
}

function parsed(text) {
  try {
    const someone = JSON.parse(text)
    return typeof someone?.name === 'string' && COLOURS.includes(someone.color) ? someone : null
  } catch {
    return null
  }
}

/** What others show of themselves is theirs: only what looks like a colour is one. */
export const colourOf = (user) => (/^#[0-9a-f]{6}$/i.test(user?.color) ? user.color : '#5b6270')

export const nameOf = (user) => [user, user?.name].find((name) => typeof name === 'string' && name.trim()) ?? 'Somebody'

export const initials = (name) => name.split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? '').join('').toUpperCase()

/** A round picture of somebody: their initials on their colour. */
export function avatar(user, attributes = {}) {
  const name = nameOf(user)
  const element = h('span', { class: 'avatar', title: name, ...attributes }, h('span', { 'aria-hidden': 'true' }, initials(name)), h('span', { class: 'hidden' }, name))
  element.style.setProperty('--person', colourOf(user))
  return element
}

import { h } from './dom.js'

/** The mark and the name, which lead home. */
export function brand() {
  return h('a', { class: 'brand', href: '#/', 'aria-label': 'Heddle: all projects' }, h('img', { src: '/assets/icon.svg', alt: '', width: 26, height: 26 }), h('span', {}, 'Heddle'))
}

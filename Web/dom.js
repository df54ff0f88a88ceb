// Makes elements. Nothing here reads markup, so nothing that people write can become markup.

const SVG = 'http://www.w3.org/2000/svg'

/** An HTML element: `h('button', { class: 'quiet', onclick: save, disabled: true }, 'Save')`. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children)
}

/** An SVG element. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children)
}

function fill(element, attributes, children) {
  set(element, attributes ?? {})
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false))
  return element
}

/** Sets attributes; functions become listeners, true is an attribute without a value, false and null remove one. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (name === 'value') element.value = value
    else if (value === false || value === null || value === undefined) element.removeAttribute(name)
    else if (element.getAttribute(name) !== String(value === true ? '' : value)) element.setAttribute(name, value === true ? '' : value)
  }
}

/** Sets a text only where it differs, so that screen readers hear what is new. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** Replaces the children and keeps the focus on the element with the same `data-key`. */
export function replace(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.dataset?.key : undefined
  parent.replaceChildren(...children.flat(Infinity).filter(Boolean))
  if (focused) parent.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus()
}

const paths = {
  webhook: 'M9 4a4 4 0 0 0-2 7.5L4.5 16M15 4.5a4 4 0 0 1 1 6l3 5M4 18a3 3 0 1 0 4-1h8m3 0a3 3 0 1 1-3 3',
  cron: 'M12 7v5l3.5 2M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18',
  kafka: 'M8 12h2m4-5-4 4m0 2 4 4M6 10a2 2 0 1 1 0 4 2 2 0 0 1 0-4m10-6a2 2 0 1 1 0 4 2 2 0 0 1 0-4m0 12a2 2 0 1 1 0 4 2 2 0 0 1 0-4',
  close: 'M6 6l12 12M18 6 6 18',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  check: 'M5 12.5 10 17 19 7',
  alert: 'M12 8v5m0 3.2v.1M12 3 2.5 20h19z',
  left: 'M19 12H5m6-6-6 6 6 6',
  back: 'M9 6 4 11l5 5M4 11h10a6 6 0 0 1 6 6v1',
  arrange: 'M9 3h6v5H9zM3 16h6v5H3zM15 16h6v5h-6zM12 8v4m-6 4v-4h12v4',
  trash: 'M4 7h16M10 3h4M6 7l1 14h10l1-14M10 11v6m4-6v6',
}

/** A line drawing for a button or a node; it says nothing to screen readers. */
export function icon(name, size = 18) {
  return s('svg', { class: 'icon', viewBox: '0 0 24 24', width: size, height: size, 'aria-hidden': 'true' }, s('path', { d: paths[name] }))
}

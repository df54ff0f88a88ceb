// The workflow as a diagram: triggers and jobs as nodes, edges with their conditions, who is where, and what is not saved.

import * as Y from 'yjs'
import { h, icon, s, say, set } from './dom.js'
import { NODE, layout, neighbour } from './layout.js'
import { addEdge, move, possibleTargets, sourceOf } from './model.js'
import { colourOf, initials, nameOf } from './people.js'
import { adaptorName, conditionName, count, triggerDetail, triggerName } from './words.js'

const STEP = 24
/** How often others are shown where a node is while it is dragged. */
const DRAG_EVERY = 60
/** What the buttons below take of the height. */
const TOOLS = 44
const ZOOM = { least: 0.25, most: 1.6 }

export class Diagram {
  constructor(session, { select }) {
    Object.assign(this, { session, select, nodes: new Map(), edges: new Map(), places: new Map(), view: { x: 0, y: 0, zoom: 1 } })
    this.edgeLayer = s('g', { class: 'edges' })
    this.nodeLayer = s('g', { class: 'nodes' })
    this.newEdge = s('path', { class: 'new-edge', 'marker-end': 'url(#arrow-selected)', visibility: 'hidden' })
    this.world = s('g', {}, this.edgeLayer, this.nodeLayer, this.newEdge)
    this.svg = s('svg', { class: 'diagram', role: 'group', 'aria-label': 'Diagram of the workflow', 'aria-describedby': 'diagram-hint' },
      s('defs', {}, ARROWS.map(arrow)), this.world)
    const tool = (name, label, run) => h('button', { class: 'plain', 'aria-label': label, title: label, onclick: run }, icon(name))
    this.element = h('section', { class: 'canvas', 'aria-label': 'Diagram' }, this.svg,
      (this.hint = h('p', { id: 'diagram-hint', class: 'hidden' })),
      h('div', { class: 'tools', role: 'toolbar', 'aria-label': 'View' },
        tool('plus', 'Closer', () => this.zoomBy(1.25)), tool('minus', 'Farther', () => this.zoomBy(0.8)),
        tool('fit', 'Show everything', () => this.fit()), (this.arranging = tool('arrange', 'Arrange the nodes', () => this.arrange()))))
    this.listen()
  }

  listen() {
    const { svg } = this
    svg.addEventListener('wheel', (event) => this.wheeled(event), { passive: false })
    svg.addEventListener('pointerdown', (event) => this.grabbed(event))
    svg.addEventListener('pointermove', (event) => this.dragged(event))
    for (const name of ['pointerup', 'pointercancel']) svg.addEventListener(name, (event) => this.dropped(event))
    svg.addEventListener('keydown', (event) => this.pressed(event))
    new ResizeObserver(() => (this.hasBeenMoved ? this.place() : this.fit())).observe(this.element)
  }

  // What is shown

  update(selection, changed) {
    const { current: content, state, others } = this.session
    this.content = content
    this.selection = selection
    this.arranging.hidden = !this.session.mayEdit
    this.svg.classList.toggle('read-only', !this.session.mayEdit)
    say(this.hint, `Arrow keys go from node to node, Enter opens one${this.session.mayEdit ? ', Alt with an arrow key moves it' : ''}.`)
    const ids = [...content.triggers, ...content.jobs].map((node) => node.id)
    const edges = content.edges.map((edge) => ({ id: edge.id, source: sourceOf(edge), target: edge.target_job_id }))
    const places = this.laidOut(ids, edges, content.positions)
    for (const { drag } of others) if (places.has(drag?.id) && Number.isFinite(drag.x) && Number.isFinite(drag.y)) places.set(drag.id, { x: drag.x, y: drag.y })
    if (this.drag?.isMoving) places.set(this.drag.id, this.places.get(this.drag.id))
    const isFirst = this.places.size === 0 || (!this.hasBeenMoved && this.places.size !== places.size)
    this.places = places
    const unsaved = new Set(changed.filter(({ unit }) => unit[0] !== 'positions').map(({ unit }) => unit[1]))
    const conflicts = new Map()
    for (const { unit } of state.conflicts.values()) conflicts.set(unit[1], (conflicts.get(unit[1]) ?? 0) + 1)
    keyed(this.nodes, this.nodeLayer, [...content.triggers.map((node) => ['triggers', node]), ...content.jobs.map((node) => ['jobs', node])],
      ([, node]) => node.id, ([collection, node]) => this.makeNode(collection, node.id),
      (parts, [collection, node]) => this.updateNode(parts, collection, node, { unsaved, conflicts, others }))
    keyed(this.edges, this.edgeLayer, content.edges.filter((edge) => places.has(sourceOf(edge)) && places.has(edge.target_job_id)),
      (edge) => edge.id, (edge) => this.makeEdge(edge.id), (parts, edge) => this.updateEdge(parts, edge, unsaved))
    this.keepOneTabStop()
    if (isFirst || (!this.hasBeenMoved && !this.drag && this.isOutside())) this.fit()
  }

  /** Whether a node is out of sight. */
  isOutside() {
    const { x, y, zoom } = this.view
    const { clientWidth: width, clientHeight: height } = this.svg
    return [...this.places.values()].some((place) =>
      place.x * zoom + x < 0 || place.y * zoom + y < 0 || (place.x + NODE.width) * zoom + x > width || (place.y + NODE.height) * zoom + y > height)
  }

  /** The layout, worked out anew only where it can be another. */
  laidOut(...what) {
    const key = JSON.stringify(what)
    if (this.layout?.key !== key) this.layout = { key, places: layout(...what) }
    return new Map(this.layout.places)
  }

  makeNode(collection, id) {
    const name = s('text', { class: 'node-name', x: 54, y: 27 })
    const detail = s('text', { class: 'node-detail', x: 54, y: 46 })
    const mark = s('g', { class: 'node-mark', transform: 'translate(14 16)' })
    const badges = s('g', { class: 'badges' })
    const people = s('g', { class: 'node-people' })
    const element = s('g', {
      class: `node ${collection}`, role: 'button', tabindex: -1, 'data-node': id,
      onclick: () => !this.wasDragged && this.select(collection, id), onfocus: () => this.keepOneTabStop(id),
    }, s('rect', { class: 'node-ring', x: -5, y: -5, width: NODE.width + 10, height: NODE.height + 10, rx: collection === 'jobs' ? 17 : 37 }),
    s('rect', { class: 'node-box', width: NODE.width, height: NODE.height, rx: collection === 'jobs' ? 13 : 32 }), mark, name, detail, badges, people,
    // By the keyboard edges are made in the panel.
    s('g', { class: 'handle', transform: `translate(${NODE.width / 2} ${NODE.height})`, 'aria-hidden': 'true' }, s('circle', { r: 11 }), s('path', { d: 'M-4.5 0h9M0-4.5v9' })))
    return { element, name, detail, mark, badges, people }
  }

  updateNode({ element, name, detail, mark, badges, people }, collection, node, { unsaved, conflicts, others }) {
    const { x, y } = this.places.get(node.id)
    const isJob = collection === 'jobs'
    const label = isJob ? node.name || 'A job without a name' : triggerName(node)
    const below = isJob ? adaptorName(node.adaptor) : triggerDetail(node)
    const errors = this.session.wrongFields(collection, node.id).size
    const clashes = conflicts.get(node.id) ?? 0
    const here = others.filter(({ focus, selection }) => (focus?.id ?? selection?.job) === node.id)
    set(element, {
      transform: `translate(${x} ${y})`,
      'aria-label': [
        isJob ? `Job ${label}, ${below}` : `${label} trigger, ${below}${node.enabled === false ? ', off' : ''}`,
        this.leadsTo(node.id), unsaved.has(node.id) && 'not saved', errors > 0 && count(errors, 'error'), clashes > 0 && count(clashes, 'conflict'),
        here.length > 0 && `${here.map(({ user }) => nameOf(user)).join(', ')} here`,
      ].filter(Boolean).join('; '),
      'aria-current': this.selection?.id === node.id ? 'true' : null,
      class: ['node', collection, errors > 0 && 'wrong', clashes > 0 && 'clashes', node.enabled === false && 'off'].filter(Boolean).join(' '),
    })
    fitted(name, label)
    fitted(detail, below)
    const sign = isJob ? adaptorName(node.adaptor).slice(0, 2).toUpperCase() : node.type
    if (mark.dataset.sign !== sign) {
      mark.dataset.sign = sign
      mark.replaceChildren(s('rect', { width: 32, height: 32, rx: isJob ? 9 : 16 }),
        isJob ? s('text', { x: 16, y: 21, 'text-anchor': 'middle' }, sign) : s('g', { transform: 'translate(7 7)' }, icon(node.type in { webhook: 1, cron: 1, kafka: 1 } ? node.type : 'webhook', 18)))
    }
    const signs = [errors > 0 && ['wrong', errors], clashes > 0 && ['clash', clashes], unsaved.has(node.id) && ['unsaved', '']].filter(Boolean)
    badges.replaceChildren(...signs.map(([kind, text], index) => s('g', { class: `badge ${kind}`, transform: `translate(${NODE.width - 12 - index * 20} 0)` },
      s('circle', { r: text === '' ? 5 : 9 }), text !== '' && s('text', { y: 3.5, 'text-anchor': 'middle' }, text))))
    people.replaceChildren(...here.slice(0, 4).map(({ user }, index) => {
      const dot = s('g', { class: 'node-person', transform: `translate(${NODE.width - 14 - index * 22} ${NODE.height})` },
        s('circle', { r: 11 }), s('text', { y: 3.5, 'text-anchor': 'middle' }, initials(nameOf(user))))
      dot.style.setProperty('--person', colourOf(user))
      return dot
    }))
  }

  leadsTo(id) {
    const targets = this.content.edges.filter((edge) => sourceOf(edge) === id)
      .map((edge) => `${this.content.jobs.find((job) => job.id === edge.target_job_id)?.name ?? 'a job'} ${conditionName(edge).toLowerCase()}`)
    return targets.length > 0 && `leads to ${targets.join(', ')}`
  }

  makeEdge(id) {
    const path = s('path', { class: 'edge-line' })
    const reach = s('path', { class: 'edge-reach' })
    const box = s('rect', { rx: 10, height: 21, y: -10.5 })
    const label = s('text', { y: 4, 'text-anchor': 'middle' })
    const chip = s('g', {
      class: 'edge-chip', role: 'button', tabindex: -1, 'data-edge': id, onclick: () => this.select('edges', id), onfocus: () => this.keepOneTabStop(id),
    }, box, label)
    reach.addEventListener('click', () => this.select('edges', id))
    return { element: s('g', { class: 'edge' }, path, reach, chip), path, reach, chip, box, label }
  }

  updateEdge({ element, path, reach, chip, box, label }, edge, unsaved) {
    const line = curve(this.places.get(sourceOf(edge)), this.places.get(edge.target_job_id))
    const errors = this.session.wrongFields('edges', edge.id).size > 0
    const isSelected = this.selection?.id === edge.id
    const condition = edge.condition_type === 'always' && !edge.condition_label && !unsaved.has(edge.id) && !errors ? '' : conditionName(edge)
    set(path, { d: line.path, 'marker-end': `url(#${isSelected ? 'arrow-selected' : arrowOf(edge)})` })
    set(reach, { d: line.path })
    const text = shortened(condition || 'Always', 26)
    say(label, text)
    const width = Math.max(text.length * 6.4 + 20, 34)
    set(box, { x: -width / 2, width })
    set(chip, {
      transform: `translate(${line.x} ${line.y})`,
      'aria-label': `Edge: ${conditionName(edge)}${edge.enabled === false ? ', off' : ''}${unsaved.has(edge.id) ? '; not saved' : ''}`,
      'aria-current': isSelected ? 'true' : null,
    })
    set(element, {
      class: ['edge', edge.condition_type, edge.enabled === false && 'off', errors && 'wrong', isSelected && 'selected', unsaved.has(edge.id) && 'unsaved', !condition && 'plain-chip'].filter(Boolean).join(' '),
    })
  }

  /** Shows for a moment what has just come from outside. */
  flash(ids) {
    for (const id of ids) {
      const element = (this.nodes.get(id) ?? this.edges.get(id))?.element
      if (!element) continue
      element.classList.remove('news')
      element.getBoundingClientRect()
      element.classList.add('news')
    }
  }

  // The keyboard

  /** One node can be reached by Tab, the others from there by arrow keys. */
  keepOneTabStop(id) {
    const stops = new Map([...this.nodes].map(([key, { element }]) => [key, element]).concat([...this.edges].map(([key, { chip }]) => [key, chip])))
    this.stop = [id, this.stop, this.selection?.id, this.nodes.keys().next().value].find((each) => stops.has(each))
    for (const [key, element] of stops) set(element, { tabindex: key === this.stop ? 0 : -1 })
  }

  focus(id) {
    const element = this.nodes.get(id)?.element ?? this.edges.get(id)?.chip
    element?.focus({ preventScroll: true })
  }

  pressed(event) {
    const node = event.target.closest?.('[data-node], [data-edge]')
    if (!node) return
    const id = node.dataset.node ?? node.dataset.edge
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      this.select(this.edges.has(id) ? 'edges' : this.content.jobs.some((job) => job.id === id) ? 'jobs' : 'triggers', id, { focus: true })
    } else if (event.key.startsWith('Arrow')) {
      event.preventDefault()
      if (event.altKey && this.places.has(id) && this.session.mayEdit) this.nudge(id, event.key)
      else {
        const next = neighbour(id, event.key, this.centres())
        if (next) this.focus(next)
      }
    }
  }

  /** The middles of nodes and of what stands on edges. */
  centres() {
    const centres = new Map([...this.places].map(([id, { x, y }]) => [id, { x: x + NODE.width / 2, y: y + NODE.height / 2 }]))
    for (const edge of this.content.edges) {
      if (!this.edges.has(edge.id)) continue
      centres.set(edge.id, curve(this.places.get(sourceOf(edge)), this.places.get(edge.target_job_id)))
    }
    return centres
  }

  nudge(id, key) {
    const { x, y } = this.places.get(id)
    const [dx, dy] = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[key]
    this.put(id, { x: x + dx, y: y + dy })
  }

  /** Writes where a node stands. With the first one everything else is written as well, so that it stays where people see it. */
  put(id, place) {
    this.places.set(id, place)
    const missing = [...this.places].filter(([key]) => key === id || !this.content.positions[key])
    move(this.session.doc, missing)
  }

  arrange() {
    const ids = [...this.content.triggers, ...this.content.jobs].map((node) => node.id)
    move(this.session.doc, layout(ids, this.content.edges.map((edge) => ({ source: sourceOf(edge), target: edge.target_job_id }))))
    this.hasBeenMoved = false
    this.fit()
  }

  // The pointer

  grabbed(event) {
    if (event.button !== 0) return
    this.wasDragged = false
    const node = event.target.closest?.('[data-node]')?.dataset.node
    if (event.target.closest?.('.edge')) return
    if (event.target.closest?.('.handle')) return this.beginEdge(node, event)
    // Who may not move nodes moves the view, wherever it is grabbed.
    const id = this.session.mayEdit ? node : undefined
    this.drag = { id, pointer: event.pointerId, x: event.clientX, y: event.clientY, from: id ? { ...this.places.get(id) } : { ...this.view } }
  }

  dragged(event) {
    if (this.link?.pointer === event.pointerId) return this.drawEdge(event)
    const { drag, view } = this
    if (!drag || drag.pointer !== event.pointerId) return
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y]
    if (!drag.isMoving) {
      if (Math.hypot(dx, dy) < 4) return
      drag.isMoving = true
      this.svg.setPointerCapture(event.pointerId)
      this.svg.classList.add('dragging')
    }
    if (!drag.id) {
      this.hasBeenMoved = true
      this.view = { ...view, x: drag.from.x + dx, y: drag.from.y + dy }
      this.place()
      return
    }
    this.places.set(drag.id, { x: drag.from.x + dx / view.zoom, y: drag.from.y + dy / view.zoom })
    this.redraw()
    const now = performance.now()
    if (now - (drag.told ?? 0) < DRAG_EVERY) return
    drag.told = now
    this.session.show({ drag: { id: drag.id, ...this.places.get(drag.id) } })
  }

  dropped(event) {
    if (this.link?.pointer === event.pointerId) return this.endEdge(event)
    const { drag } = this
    if (!drag || drag.pointer !== event.pointerId) return
    this.drag = null
    this.svg.classList.remove('dragging')
    this.wasDragged = Boolean(drag.isMoving)
    if (!drag.id || !drag.isMoving) return
    this.put(drag.id, this.places.get(drag.id))
    this.session.show({ drag: null })
  }

  // New edges

  beginEdge(source, event) {
    this.link = { source, pointer: event.pointerId, targets: new Set(possibleTargets(source, this.content)) }
    this.svg.setPointerCapture(event.pointerId)
    this.wasDragged = true
    for (const [id, { element }] of this.nodes) element.classList.toggle('impossible', id !== source && !this.link.targets.has(id))
  }

  /** The job below the pointer where the edge may lead to. */
  targetBelow(event) {
    const id = document.elementFromPoint(event.clientX, event.clientY)?.closest('[data-node]')?.dataset.node
    return this.link.targets.has(id) ? id : undefined
  }

  drawEdge(event) {
    const box = this.svg.getBoundingClientRect()
    const { x, y, zoom } = this.view
    const target = this.targetBelow(event)
    const pointer = { x: (event.clientX - box.left - x) / zoom - NODE.width / 2, y: (event.clientY - box.top - y) / zoom }
    set(this.newEdge, { d: curve(this.places.get(this.link.source), target ? this.places.get(target) : pointer).path, visibility: 'visible' })
    for (const [id, { element }] of this.nodes) element.classList.toggle('target', id === target)
  }

  endEdge(event) {
    const target = event.type === 'pointerup' ? this.targetBelow(event) : undefined
    const { source } = this.link
    this.link = null
    set(this.newEdge, { visibility: 'hidden' })
    for (const { element } of this.nodes.values()) element.classList.remove('target', 'impossible')
    if (target) this.select('edges', addEdge(this.session.doc, Y, source, target, this.session.current), { focus: true })
  }

  /** The nodes and edges at their places, while one of them is dragged. */
  redraw() {
    for (const [id, { element }] of this.nodes) set(element, { transform: `translate(${this.places.get(id).x} ${this.places.get(id).y})` })
    for (const edge of this.content.edges) {
      const parts = this.edges.get(edge.id)
      if (!parts) continue
      const line = curve(this.places.get(sourceOf(edge)), this.places.get(edge.target_job_id))
      set(parts.path, { d: line.path })
      set(parts.reach, { d: line.path })
      set(parts.chip, { transform: `translate(${line.x} ${line.y})` })
    }
  }

  wheeled(event) {
    event.preventDefault()
    this.hasBeenMoved = true
    if (event.ctrlKey || event.metaKey) {
      const box = this.svg.getBoundingClientRect()
      this.zoomBy(Math.exp(-event.deltaY / 240), event.clientX - box.left, event.clientY - box.top)
    } else {
      this.view = { ...this.view, x: this.view.x - event.deltaX, y: this.view.y - event.deltaY }
      this.place()
    }
  }

  zoomBy(factor, x = this.svg.clientWidth / 2, y = this.svg.clientHeight / 2) {
    const { view } = this
    const zoom = Math.min(ZOOM.most, Math.max(ZOOM.least, view.zoom * factor))
    this.hasBeenMoved = true
    this.view = { zoom, x: x - ((x - view.x) / view.zoom) * zoom, y: y - ((y - view.y) / view.zoom) * zoom }
    this.place()
  }

  /** Everything in view, no larger than life. */
  fit() {
    const { clientWidth: width, clientHeight: height } = this.svg
    const places = [...this.places.values()]
    if (places.length === 0 || width === 0) return
    this.hasBeenMoved = false
    const left = Math.min(...places.map(({ x }) => x))
    const top = Math.min(...places.map(({ y }) => y))
    const right = Math.max(...places.map(({ x }) => x)) + NODE.width
    const bottom = Math.max(...places.map(({ y }) => y)) + NODE.height
    const margin = Math.min(56, width * 0.06)
    const free = height - TOOLS
    const zoom = Math.max(ZOOM.least, Math.min(1.1, (width - margin * 2) / (right - left), (free - margin * 2) / (bottom - top)))
    this.view = { zoom, x: (width - (left + right) * zoom) / 2, y: (free - (top + bottom) * zoom) / 2 }
    this.place()
  }

  place() {
    const { x, y, zoom } = this.view
    set(this.world, { transform: `translate(${x} ${y}) scale(${zoom})` })
    this.element.style.backgroundPosition = `${x}px ${y}px`
    this.element.style.backgroundSize = `${24 * zoom}px ${24 * zoom}px`
  }
}

const ARROWS = ['arrow', 'arrow-success', 'arrow-failure', 'arrow-selected']

const arrowOf = ({ condition_type: type }) => ({ on_job_success: 'arrow-success', on_job_failure: 'arrow-failure' })[type] ?? 'arrow'

function arrow(id) {
  return s('marker', { id, viewBox: '0 0 10 10', refX: 8, refY: 5, markerWidth: 7, markerHeight: 7, orient: 'auto-start-reverse' }, s('path', { d: 'M1 1 9 5 1 9z' }))
}

/** From the lower side of one node to the upper side of another; beside them where that would lead back up. */
function curve(from, to) {
  const a = { x: from.x + NODE.width / 2, y: from.y + NODE.height }
  const b = { x: to.x + NODE.width / 2, y: to.y - 3 }
  if (b.y - a.y > 12) {
    const bend = Math.max(26, (b.y - a.y) / 2)
    // What stands on the edge stands nearer to its end: edges part on their way.
    return { path: `M${a.x} ${a.y}C${a.x} ${a.y + bend} ${b.x} ${b.y - bend} ${b.x} ${b.y}`, ...bezier([a, { x: a.x, y: a.y + bend }, { x: b.x, y: b.y - bend }, b], 0.66) }
  }
  const side = a.x <= b.x ? 1 : -1
  const out = { x: from.x + (side > 0 ? NODE.width : 0), y: from.y + NODE.height / 2 }
  const reach = Math.max(60, Math.abs(b.x - out.x) / 2)
  return {
    path: `M${out.x} ${out.y}C${out.x + side * reach} ${out.y} ${b.x} ${b.y - reach} ${b.x} ${b.y}`,
    x: (out.x + b.x) / 2 + side * reach * 0.3, y: (out.y + b.y - reach) / 2 + reach * 0.12,
  }
}

function bezier([a, b, c, d], t) {
  const at = (key) => (1 - t) ** 3 * a[key] + 3 * (1 - t) ** 2 * t * b[key] + 3 * (1 - t) * t ** 2 * c[key] + t ** 3 * d[key]
  return { x: at('x'), y: at('y') }
}

const shortened = (text, length) => (text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text)

/** A text as far as it fits into a node. */
function fitted(element, text) {
  if (element.dataset.text === String(text)) return
  element.dataset.text = text
  const width = NODE.width - 54 - 14
  let length = Math.min(String(text).length, 60)
  do say(element, shortened(String(text), length--))
  while (length > 3 && element.getComputedTextLength() > width)
}

/** Keeps one element for each item, in their order. */
function keyed(known, parent, items, key, make, update) {
  const gone = new Set(known.keys())
  for (const [index, item] of items.entries()) {
    const id = key(item)
    gone.delete(id)
    if (!known.has(id)) known.set(id, make(item))
    const parts = known.get(id)
    if (parent.children[index] !== parts.element) parent.insertBefore(parts.element, parent.children[index] ?? null)
    update(parts, item)
  }
  for (const id of gone) {
    known.get(id).element.remove()
    known.delete(id)
  }
}

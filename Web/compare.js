// What differs between two saved versions, or a version and the live document, field by field.

import * as api from './api.js'
import { difference } from './difference.js'
import { h, icon, replace } from './dom.js'
import { Names, conditionName, count, fieldName } from './words.js'

/** How long after an edit of the live document it is compared again. */
const AGAIN_AFTER = 600
const LIVE = 'live'
const HEADINGS = { workflow: 'Workflow', triggers: 'Trigger', jobs: 'Job', edges: 'Edge', positions: 'Positions' }

export class Comparison {
  /** `versions` are those to choose from, newest first; `restore` is called with a version; `close` leads back to the list. */
  constructor(session, { names, versions, from, to, restore, close }) {
    Object.assign(this, { session, names, versions, from, to, restore, content: session.current })
    const back = h('button', { class: 'small', onclick: close }, icon('left', 16), 'All versions')
    this.restoring = h('button', { class: 'small primary', onclick: () => restore(this.from, this.restoring) })
    this.result = h('div', { class: 'changes', 'aria-live': 'polite' }, h('p', { class: 'empty' }, 'Comparing…'))
    this.choices = h('div', { class: 'choices', role: 'group', 'aria-label': 'What is compared' })
    this.element = h('div', { class: 'comparison' }, h('header', { class: 'comparison-head' }, back, (this.heading = h('h2', { tabindex: -1 }, 'What differs'))), this.choices, this.result)
    this.load()
  }

  /** Draws what is compared, and compares it. */
  async load() {
    const asked = (this.asked = `${this.from} ${this.to}`)
    this.choose()
    try {
      const changes = await api.compare(this.session.workflow, this.from, this.to)
      if (asked === this.asked) this.draw(changes)
    } catch (refusal) {
      if (asked === this.asked) replace(this.result, h('p', { class: 'errors', role: 'alert' }, refusal.message))
    }
  }

  choose() {
    const option = (value, name, chosen) => h('option', { value, selected: String(chosen) === String(value) }, name)
    const known = this.versions.map(({ lock_version: number, is_latest: isLatest }) => [number, `Version ${number}${isLatest ? ', latest' : ''}`])
    const change = (which) => (event) => {
      this[which] = event.currentTarget.value === LIVE ? LIVE : Number(event.currentTarget.value)
      this.load()
    }
    replace(this.choices,
      h('label', {}, 'From', h('select', { 'data-key': 'from', onchange: change('from') }, known.map(([value, name]) => option(value, name, this.from)))),
      h('label', {}, 'To', h('select', { 'data-key': 'to', onchange: change('to') }, option(LIVE, 'Now', this.to), known.map(([value, name]) => option(value, name, this.to)))),
      this.mayRestore && this.restoring)
    this.restoring.textContent = `Go back to version ${this.from}`
  }

  get mayRestore() {
    return this.session.may('decide') && !this.versions.find((version) => version.lock_version === this.from)?.is_latest
  }

  /** The live document was edited. */
  update() {
    if (this.to !== LIVE || this.session.version !== null || this.content === this.session.current) return
    this.content = this.session.current
    clearTimeout(this.again)
    this.again = setTimeout(() => this.load(), AGAIN_AFTER)
  }

  draw(changes) {
    const names = namesIn(changes, this.names)
    const entities = grouped(changes)
    replace(this.result,
      h('p', { class: 'hint summary' }, changes.length === 0 ? 'Nothing differs.' : `${count(changes.length, 'difference')} in ${count(entities.length, 'place')}.`),
      entities.map((entity) => this.entity(entity, names)))
  }

  entity({ collection, id, kind, changes }, names) {
    const name = collection === 'workflow' || collection === 'positions' ? HEADINGS[collection] : names.of(id, `A ${HEADINGS[collection].toLowerCase()}`)
    return h('section', { class: `change ${kind}`, 'aria-label': `${name}: ${kind}` },
      h('h3', {}, h('span', { class: 'change-name' }, name), kind !== 'changed' && h('span', { class: `pill ${kind}` }, kind === 'added' ? 'new' : 'removed')),
      changes.sort((a, b) => byPlace(a.field, b.field)).map((change) => (change.field === null ? this.whole(change, kind, names) : this.field(change, names))))
  }

  /** One field; of what is new or gone as a whole there is one value. */
  field({ field, before, after }, names, isWhole = false) {
    const values = isWhole
      ? h(after === null ? 'del' : 'ins', {}, plain(field, after ?? before, names))
      : [h('del', {}, plain(field, before, names)), h('span', { class: 'arrow', 'aria-hidden': 'true' }, '→'), h('span', { class: 'hidden' }, ' is now '), h('ins', {}, plain(field, after, names))]
    return h('div', { class: 'change-field' }, h('h4', {}, fieldName(field)), isText(field, before, after) ? difference(before ?? '', after ?? '') : h('p', { class: 'from-to' }, values))
  }

  /** An entity that is only in one of the two. */
  whole({ before, after }, kind, names) {
    const fields = Object.entries(after ?? before ?? {}).filter(([field, value]) => field !== 'id' && value !== null && value !== '')
    return fields.sort(([a], [b]) => byPlace(a, b)).map(([field, value]) => this.field({ field, before: kind === 'removed' ? value : null, after: kind === 'added' ? value : null }, names, true))
  }

  close() {
    clearTimeout(this.again)
  }
}

/** What something is called comes first, and long texts last. */
const ORDER = { name: 0, type: 1, adaptor: 2, body: 9 }
const byPlace = (a, b) => (ORDER[a] ?? 5) - (ORDER[b] ?? 5) || String(a).localeCompare(String(b))

const isText = (field, ...values) => values.some((value) => typeof value === 'string') && (field === 'body' || values.some((value) => typeof value === 'string' && value.includes('\n')))

function plain(field, value, names) {
  if (field === 'condition_type' && typeof value === 'string') return conditionName({ condition_type: value })
  if (value === null || value === undefined || value === '') return 'nothing'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'string' ? names.of(value, value) : JSON.stringify(value)
}

/** The names that both sides have for things, and of what is in neither those that are known. */
function namesIn(changes, known) {
  const names = new Names()
  for (const [id, name] of known.known) names.known.set(id, name)
  for (const { unit, before, after } of changes) {
    if (unit[0] === 'jobs' && unit[2] === 'name') names.see({ jobs: [{ id: unit[1], name: after ?? before }] })
    if (unit.length === 2 && unit[0] !== 'workflow') names.see({ [unit[0]]: [{ ...(after ?? before), id: unit[1] }] })
  }
  return names
}

/** Changes by entity, in the order in which they come: `{ collection, id, kind, changes }`. */
function grouped(changes) {
  const entities = new Map()
  for (const { unit, kind, before = null, after = null } of changes) {
    const [collection, id, field] = unit[0] === 'workflow' || unit[0] === 'positions' ? [unit[0], unit[0], unit[1]] : [unit[0], unit[1], unit[2] ?? null]
    const key = `${collection}/${id}`
    if (!entities.has(key)) entities.set(key, { collection, id, kind: 'changed', changes: [] })
    const entity = entities.get(key)
    if (field === null) entity.kind = kind
    entity.changes.push({ field, before, after })
  }
  return [...entities.values()]
}

// What waits for a decision: conflicts with both sides and one click each, and what old tabs brought. Protocol/http.md.

import * as api from './api.js'
import { difference } from './difference.js'
import { h, replace } from './dom.js'
import { nameOf } from './people.js'
import { ago, author, count, fieldName, gathered } from './words.js'

export class Inbox {
  constructor(session, { names, notices, select }) {
    Object.assign(this, { session, names, notices, select })
    this.element = h('div', { class: 'inbox' })
  }

  update() {
    const conflicts = [...this.session.state.conflicts.values()].sort((a, b) => compare(b.id, a.id))
    // Written anew only where something of it is new: people read here, and have unfolded things.
    const branches = this.session.state.branches
    const mayDecide = (this.mayDecide = this.session.may('decide'))
    const key = JSON.stringify([mayDecide, conflicts.map(({ id, standing, live, database }) => [id, standing, live, database]), branches])
    if (key === this.key) return
    this.key = key
    replace(this.element,
      h('header', { class: 'details-head' }, h('p', { class: 'kind' }, 'Conflicts'), h('h2', { tabindex: -1 }, conflicts.length + branches.length === 0 ? 'Nothing to decide' : count(conflicts.length + branches.length, 'decision') + ' to make')),
      branches.length > 0 && h('ul', { class: 'conflicts' }, branches.map((branch) => this.branch(branch))),
      conflicts.length + branches.length === 0
        ? h('p', { class: 'empty' }, 'Where an import and people change the same thing, both values wait here for a choice.')
        : [conflicts.length > 1 && mayDecide && this.all(), h('ul', { class: 'conflicts' }, conflicts.map((conflict) => this.conflict(conflict)))])
  }

  all() {
    return h('div', { class: 'all', role: 'group', 'aria-label': 'All conflicts' },
      h('button', { class: 'small', 'data-key': 'all-live', onclick: () => this.decide(() => api.resolveAll(this.session.workflow, 'live')) }, 'Keep all edits'),
      h('button', { class: 'small', 'data-key': 'all-database', onclick: () => this.decide(() => api.resolveAll(this.session.workflow, 'database')) }, 'Keep all that came in'))
  }

  conflict(conflict) {
    const { id, unit, kind, standing } = conflict
    const title = this.names.unit(unit)
    const isText = unit[2] === 'body'
    const choose = (keep) => this.decide(() => api.resolve(this.session.workflow, id, keep))
    const side = (which, heading) => h('section', { class: `side${standing === which ? ' stands' : ''}`, 'aria-label': heading },
      h('h4', {}, heading, standing === which && h('span', { class: 'tag' }, 'stands now')),
      this.value(conflict[which], conflict.base, unit),
      this.mayDecide && h('button', { class: standing === which ? 'small' : 'small primary', 'data-key': `${id}-${which}`, 'aria-label': `${keepLabel(which)}: ${title}`, onclick: () => choose({ keep: which }) }, keepLabel(which)))
    return h('li', { class: 'conflict', 'data-conflict': id, 'aria-label': `Conflict: ${title}` },
      h('header', {}, h('h3', {}, this.link(unit, title)), h('p', { class: 'hint' }, about(kind, conflict, this.people(conflict)))),
      h('div', { class: 'sides' }, side('live', 'Edited here'), side('database', incoming(conflict))),
      h('footer', {},
        this.mayDecide && isText && standing !== 'live' && standing !== 'database' && this.keepBoth(conflict, choose),
        conflict.base !== null && conflict.base !== undefined && h('details', {}, h('summary', {}, 'What was there before'), this.value(conflict.base, null, unit))))
  }

  /** What tabs with an earlier history of the document had and nobody else. */
  branch({ id, changes, change_count: total, updated_at: time }) {
    const decide = (what) => async () => {
      await api.decideBranch(this.session.workflow, id, what)
      await this.session.refreshBranches()
      return api.conflicts(this.session.workflow)
    }
    const lines = gathered(changes ?? [], this.names)
    return h('li', { class: 'conflict', 'aria-label': 'Edits of an old tab' },
      h('header', {}, h('h3', {}, 'Edits of an old tab'), h('p', { class: 'hint' }, `They were made in a document that was replaced, and are kept beside this one. ${ago(time)}`)),
      lines.length > 0 && h('ul', { class: 'lines' }, lines.map(({ label }) => h('li', {}, label)), total > changes.length && h('li', {}, `and ${total - changes.length} more`)),
      this.mayDecide && h('footer', {}, h('button', { class: 'small primary', 'data-key': `merge-${id}`, onclick: () => this.decide(decide('merge')) }, 'Merge them'),
        h('button', { class: 'small', 'data-key': `discard-${id}`, onclick: () => this.decide(decide('discard')) }, 'Let them go')))
  }

  /** A text has both sides in it after a merge; as it stands now it can stay. */
  keepBoth({ id, unit }, choose) {
    const job = () => this.session.current.jobs.find((each) => each.id === unit[1])
    return h('button', { class: 'small', 'data-key': `${id}-both`, onclick: () => choose({ keep: 'value', value: job()?.body ?? '' }) }, 'Keep the text as it is')
  }

  link(unit, title) {
    if (!['jobs', 'triggers', 'edges'].includes(unit[0])) return title
    return h('button', { class: 'link', 'data-key': `to-${unit}`, onclick: () => this.select(unit[0], unit[1], { focus: true }) }, title)
  }

  people({ editors }) {
    const { awareness } = this.session
    const known = (editors ?? []).map((client) => awareness.getStates().get(client)?.user).filter(Boolean).map(nameOf)
    return known.length > 0 ? known.join(', ') : 'somebody'
  }

  value(value, base, unit) {
    if (value === null || value === undefined) return h('p', { class: 'value none' }, unit.length === 2 && unit[0] !== 'workflow' ? 'deleted' : 'nothing')
    if (typeof value === 'string' && (unit[2] === 'body' || value.includes('\n'))) return difference(typeof base === 'string' ? base : value, value)
    if (typeof value === 'object') return h('dl', { class: 'value object' }, Object.entries(value).filter(([key, each]) => key !== 'id' && each !== null && each !== '').map(([key, each]) => [h('dt', {}, fieldName(key)), h('dd', { class: key === 'body' ? 'code' : null }, plain(each, this.names))]))
    return h('p', { class: 'value' }, plain(value, this.names))
  }

  async decide(run) {
    try {
      await this.session.refreshConflicts(await run())
      this.notices.show({ kind: 'good', key: 'decided', title: 'Decided', body: ['It is in the document for everybody; a save writes it to the rows.'] })
    } catch (refusal) {
      this.notices.show({ kind: 'bad', key: 'decided', title: 'That could not be done', body: [refusal.message] })
      await this.session.refreshConflicts().catch(() => {})
    }
  }
}

const keepLabel = (which) => (which === 'live' ? 'Keep the edit' : 'Keep what came in')

function about(kind, conflict, people) {
  const who = author(conflict)
  if (kind === 'edit/delete') return `${who} deleted what ${people} had edited.`
  if (kind === 'delete/edit') return `${who} changed what ${people} had deleted.`
  if (kind === 'add/add') return `${who} and ${people} set this differently.`
  return `${who} and ${people} changed this differently.`
}

const incoming = ({ source }) => ({ import: 'From the import', git: 'From git', recover: 'From the old tab', revert: 'From taking back', restore: 'From the version' })[source] ?? 'From the database'

const plain = (value, names) => (typeof value === 'string' ? names.of(value, value) : typeof value === 'boolean' ? (value ? 'yes' : 'no') : typeof value === 'object' ? JSON.stringify(value) : String(value))

const compare = (a, b) => {
  const [x, y] = [a, b].map((id) => id.split('-').map(Number))
  return x[0] - y[0] || x[1] - y[1]
}

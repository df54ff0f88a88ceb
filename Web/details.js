// The panel about what is selected: a job with its body, a trigger, an edge, or the workflow.

import * as Y from 'yjs'
import { CodeArea } from './codearea.js'
import { h, icon, replace, set } from './dom.js'
import { Form } from './fields.js'
import { NODE } from './layout.js'
import { addEdge, addJob, addTrigger, entity, possibleTargets, remove, sourceOf } from './model.js'
import { gathered, triggerName } from './words.js'

export class Details {
  constructor(session, { select, names, placeOf }) {
    Object.assign(this, { session, select, names, placeOf })
    this.element = h('div', { class: 'details' })
  }

  /** Shows a selection, `{ collection, id }` or null for the workflow. Builds the panel only where it is another one. */
  update(selection, changed) {
    const { collection, id } = selection ?? { collection: 'workflow', id: 'workflow' }
    const map = this.session.state.synced || this.session.wasSynced ? entity(this.session.doc, collection, id) : undefined
    const text = collection === 'jobs' ? map?.get('body') : undefined
    const { mayEdit, wasSynced } = this.session
    const { shown } = this
    const isSame = shown?.key === `${collection}/${id}` && shown.map === map && shown.text === text && shown.mayEdit === mayEdit && (map || shown.isOpen === wasSynced)
    if (!isSame) this.build(collection, id, map, text)
    this.form?.update()
    this.code?.paint()
    this.renew?.(changed)
    this.renewChoice?.()
  }

  build(collection, id, map, text) {
    this.code?.close()
    const { mayEdit, wasSynced: isOpen } = this.session
    Object.assign(this, { shown: { key: `${collection}/${id}`, map, text, isOpen, mayEdit }, form: null, code: null, renew: null, renewChoice: null })
    if (!map) return replace(this.element, h('p', { class: 'empty' }, this.session.wasSynced ? 'This is not there any more.' : 'Opening…'))
    replace(this.element, this[collection](id, map))
  }

  head(kind, title, ...tools) {
    const close = h('button', { class: 'plain', 'aria-label': 'Close', title: 'Close (Esc)', onclick: () => this.select(null, null, { focus: 'diagram' }) }, icon('close'))
    return h('header', { class: 'details-head' }, h('p', { class: 'kind' }, kind), h('h2', { tabindex: -1, id: 'details-title' }, title), h('div', { class: 'head-tools' }, tools, close))
  }

  jobs(id, map) {
    this.form = new Form(this.session, 'jobs', id, [
      { field: 'name', label: 'Name', kind: 'text' },
      { field: 'adaptor', label: 'Adaptor', kind: 'code', placeholder: '@openfn/language-common@latest' },
    ])
    const title = () => map.get('name') || 'A job without a name'
    const head = this.head('Job', title(), this.deleteButton('jobs', id, 'Delete this job'))
    const errors = h('p', { id: 'body-errors', class: 'errors' })
    const text = map.get('body')
    const body = text instanceof Y.Text ? (this.code = new CodeArea(this.session, id, text, 'Body')).element : h('pre', { class: 'code plain-body' }, String(text ?? ''))
    this.renew = () => {
      if (head.children[1].textContent !== title()) head.children[1].textContent = title()
      errors.textContent = this.session.errorsOf('jobs', id, 'body').join(' ')
    }
    return [head, this.form.element,
      h('div', { class: 'field body-field' }, h('div', { class: 'label-row' }, h('label', { for: 'body' }, 'Body'), h('span', { id: 'body-hint', class: 'hint' }, this.session.mayEdit ? 'Esc, then Tab leaves the text' : 'Read-only')), body, errors),
      this.behind(id)]
  }

  triggers(id, map) {
    const is = (...types) => () => types.includes(map.get('type'))
    this.form = new Form(this.session, 'triggers', id, [
      { field: 'enabled', label: 'On', kind: 'switch', hint: 'Only a trigger that is on starts runs.' },
      { field: 'type', label: 'Type', kind: 'choice', choices: [['webhook', 'Webhook'], ['cron', 'Schedule'], ['kafka', 'Kafka']] },
      { field: 'cron_expression', label: 'Schedule', kind: 'code', placeholder: '0 6 * * *', hint: 'Minute, hour, day of the month, month, day of the week.', shown: is('cron') },
      { field: 'webhook_reply', label: 'Reply', kind: 'choice', shown: is('webhook'), fallback: 'before_start',
        choices: [['before_start', 'At once'], ['after_completion', 'When the run has ended'], ['custom', 'By a job']] },
    ])
    const title = () => triggerName(map.toJSON())
    const head = this.head('Trigger', title())
    this.renew = () => (head.children[1].textContent = title())
    return [head, this.form.element, this.behind(id)]
  }

  edges(id, map) {
    const isExpression = () => map.get('condition_type') === 'js_expression'
    const fromJob = () => Boolean(map.get('source_job_id'))
    this.form = new Form(this.session, 'edges', id, [
      { field: 'enabled', label: 'On', kind: 'switch', shown: fromJob },
      { field: 'condition_type', label: 'Condition', kind: 'choice',
        // A trigger neither succeeds nor fails.
        choices: [['always', 'Always'], ...(fromJob() ? [['on_job_success', 'When the job succeeded'], ['on_job_failure', 'When the job failed']] : []), ['js_expression', 'When an expression holds']] },
      { field: 'condition_expression', label: 'Expression', kind: 'code', placeholder: 'state.data.length > 0', shown: isExpression },
      { field: 'condition_label', label: 'Label', kind: 'text', hint: 'What the diagram shows instead of the condition.' },
    ])
    const head = this.head('Edge', '', this.deleteButton('edges', id, 'Delete this edge'))
    const base = h('p', { class: 'errors' })
    this.renew = () => {
      const title = `${this.names.of(sourceOf(map.toJSON()))} → ${this.names.of(map.get('target_job_id'))}`
      if (head.children[1].textContent !== title) head.children[1].textContent = title
      base.textContent = ['base', 'source_job_id', 'source_trigger_id', 'target_job_id'].flatMap((field) => this.session.errorsOf('edges', id, field)).join(' ')
    }
    return [head, base, this.form.element]
  }

  workflow() {
    this.form = new Form(this.session, 'workflow', 'workflow', [
      { field: 'name', label: 'Name', kind: 'text' },
      { field: 'concurrency', label: 'Runs at once', kind: 'number', placeholder: 'no limit', hint: 'At least 1; empty for no limit.' },
      { field: 'enable_job_logs', label: 'Keep the logs of jobs', kind: 'switch', fallback: true },
    ])
    const list = h('div', { class: 'unsaved-list' })
    const first = this.firstTrigger()
    this.renew = (changed) => {
      first.hidden = !this.session.mayEdit || this.session.current.triggers.length > 0
      replace(list, this.unsaved(changed))
    }
    return [h('header', { class: 'details-head' }, h('p', { class: 'kind' }, 'Workflow'), h('h2', { tabindex: -1, id: 'details-title' }, 'Settings')), this.form.element, first, list]
  }

  /** What a workflow begins with that has nothing yet. */
  firstTrigger() {
    const add = () => this.select('triggers', addTrigger(this.session.doc, Y), { focus: true })
    return h('div', { class: 'behind' }, h('button', { class: 'small', onclick: add }, icon('plus', 16), 'Add a trigger'))
  }

  /** What a save would write, each to go to. */
  unsaved(changed) {
    if (this.session.version !== null) return null
    if (changed.length === 0) return h('p', { class: 'hint' }, this.session.isNew ? 'This workflow has not been saved yet.' : 'Everything is saved.')
    return [h('h3', {}, 'Not saved yet'), h('ul', { class: 'lines' }, gathered(changed, this.names).map((line) => h('li', {}, this.link(line))))]
  }

  link({ unit, kind, label }) {
    if (kind === 'removed' || !['jobs', 'triggers', 'edges'].includes(unit[0])) return h('span', {}, label)
    return h('button', { class: 'link', 'data-key': `unsaved-${unit.slice(0, 2)}`, onclick: () => this.select(unit[0], unit[1], { focus: true }) }, label)
  }

  /** What leads on from a node, and a button for a new job behind it. */
  behind(id) {
    if (!this.session.mayEdit) return null
    const add = () => {
      const place = this.placeOf(id)
      const job = addJob(this.session.doc, Y, id, this.session.current, this.session.current.positions[id] && place && { x: place.x + 40, y: place.y + NODE.height + 84 })
      this.select('jobs', job, { focus: 'name' })
    }
    return h('div', { class: 'behind' }, h('button', { class: 'small', onclick: add }, icon('plus', 16), 'Add a job behind this'), this.leadOn(id))
  }

  /** A choice of jobs for a new edge: what the handle below a node in the diagram does, by the keyboard. */
  leadOn(id) {
    const choice = h('select', { 'aria-label': 'Lead on to', onchange: () => this.select('edges', addEdge(this.session.doc, Y, id, choice.value, this.session.current), { focus: true }) })
    this.renewChoice = () => {
      const targets = possibleTargets(id, this.session.current)
      const key = targets.map((target) => `${target} ${this.names.of(target)}`).join()
      if (choice.dataset.targets === key) return
      set(choice, { 'data-targets': key })
      choice.hidden = targets.length === 0
      replace(choice, h('option', { value: '' }, 'Lead on to…'), targets.map((target) => h('option', { value: target }, this.names.of(target, 'A job without a name'))))
    }
    this.renewChoice()
    return choice
  }

  deleteButton(collection, id, label) {
    if (!this.session.mayEdit) return null
    const run = () => {
      remove(this.session.doc, collection, id)
      this.select(null, null, { focus: 'diagram' })
    }
    return h('button', { class: 'plain', 'aria-label': label, title: label, onclick: run }, icon('trash'))
  }

  /** Puts the caret into a field. */
  focusField(field) {
    const target = this.element.querySelector(field === 'body' ? '#body' : `#field-${CSS.escape(field)}`) ?? this.element.querySelector('#details-title')
    target?.focus()
    if (target?.select && field === 'name') target.select()
  }

  close() {
    this.code?.close()
  }
}

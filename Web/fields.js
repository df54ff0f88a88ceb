// Fields that are bound to the shared document: what is typed goes there at once, what others write appears without moving the caret.

import { h, replace, set } from './dom.js'
import { entity, setField } from './model.js'
import { avatar, colourOf } from './people.js'
import { moved, replacement } from './text.js'

/** A form about one entity; `parts` describes its fields. */
export class Form {
  constructor(session, collection, id, parts) {
    Object.assign(this, { session, collection, id, fields: [] })
    this.element = h('div', { class: 'form' }, parts.map((part) => this.make(part)))
  }

  make(part) {
    const field = new Field(this.session, this.collection, this.id, part)
    this.fields.push(field)
    return field.element
  }

  update() {
    for (const field of this.fields) field.update()
  }
}

/** `{ field, label, kind: 'text' | 'code' | 'number' | 'choice' | 'switch', choices, hint, shown }`. */
class Field {
  constructor(session, collection, id, part) {
    Object.assign(this, { session, collection, id, part })
    const control = (this.control = h(...this.markup(part)))
    set(control, { id: `field-${part.field}`, 'data-field': `${collection}/${id}/${part.field}`, 'aria-describedby': `errors-${part.field}` })
    this.errors = h('p', { id: `errors-${part.field}`, class: 'errors' })
    this.here = h('span', { class: 'here' })
    const label = h('label', { for: control.id }, part.label)
    this.element = part.kind === 'switch'
      ? h('div', { class: 'field switch' }, control, label, this.here, part.hint && h('p', { class: 'hint' }, part.hint), this.errors)
      : h('div', { class: 'field' }, h('div', { class: 'label-row' }, label, this.here), control, part.hint && h('p', { class: 'hint' }, part.hint), this.errors)
    control.addEventListener(['choice', 'switch'].includes(part.kind) ? 'change' : 'input', () => this.write())
    control.addEventListener('focus', () => session.show({ focus: { collection, id, field: part.field } }))
    control.addEventListener('blur', () => {
      session.show({ focus: { collection, id } })
      this.update()
    })
    this.update()
  }

  markup({ kind, choices, placeholder }) {
    if (kind === 'choice') return ['select', {}, choices.map(([value, name]) => h('option', { value }, name))]
    if (kind === 'switch') return ['input', { type: 'checkbox', role: 'switch' }]
    return ['input', { type: 'text', inputmode: kind === 'number' ? 'numeric' : null, class: kind === 'code' ? 'code' : null, autocomplete: 'off', spellcheck: kind === 'text' ? null : 'false', placeholder }]
  }

  get value() {
    return entity(this.session.doc, this.collection, this.id)?.get(this.part.field)
  }

  write() {
    const { control, part } = this
    if (!this.session.mayEdit) return this.update()
    const text = control.value
    let value = text === '' && part.field !== 'name' ? null : text
    if (part.kind === 'switch') value = control.checked
    if (part.kind === 'number' && value !== null) value = /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text
    setField(this.session.doc, this.collection, this.id, part.field, value)
    this.session.forget(this.collection, this.id, part.field)
  }

  update() {
    const { control, part, session } = this
    this.element.hidden = part.shown ? !part.shown() : false
    // What can only be read stays in the order of Tab where it can be selected.
    if (part.kind === 'choice' || part.kind === 'switch') control.disabled = !session.mayEdit
    else control.readOnly = !session.mayEdit
    const value = this.value
    if (part.kind === 'switch') control.checked = value ?? part.fallback ?? false
    else this.follow(String(value ?? part.fallback ?? ''))
    const errors = session.errorsOf(this.collection, this.id, part.field)
    set(control, { 'aria-invalid': errors.length > 0 ? 'true' : null })
    if (this.errors.textContent !== errors.join(' ')) this.errors.textContent = errors.join(' ')
    this.showPeople()
  }

  /** Shows what others wrote, with the caret where it was in the text. */
  follow(text) {
    const { control } = this
    if (control.value === text) return
    const { selectionStart, selectionEnd } = control
    const change = replacement(control.value, text)
    control.value = text
    if (control.tagName !== 'INPUT' || document.activeElement !== control) return
    const delta = [{ retain: change.at }, { delete: change.remove }, { insert: change.insert }]
    control.setSelectionRange(moved(selectionStart, delta), moved(selectionEnd, delta))
  }

  showPeople() {
    const people = this.session.others.filter(({ focus }) => focus?.id === this.id && focus.collection === this.collection && focus.field === this.part.field)
    const key = people.map(({ client, user }) => `${client} ${user.name} ${user.color}`).join()
    if (key === this.people) return
    this.people = key
    replace(this.here, people.map(({ user }) => avatar(user)))
    this.control.style.setProperty('--person', people.length > 0 ? colourOf(people[0].user) : 'transparent')
    this.control.classList.toggle('shared', people.length > 0)
  }
}

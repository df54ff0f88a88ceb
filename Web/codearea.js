// The body of a job: a plain text area over a coloured copy of the text, in which the carets of others are shown.

import * as Y from 'yjs'
import { h, replace } from './dom.js'
import { HERE } from './model.js'
import { colourOf, nameOf } from './people.js'
import { Places, lineAndColumn, moved, replacement, tokens } from './text.js'

/** Longer texts are not coloured: that would hold up typing. */
const MAXIMUM_COLOURED = 40_000

export class CodeArea {
  constructor(session, job, text, label) {
    Object.assign(this, { session, job, text, places: null })
    this.undo = new Y.UndoManager(text, { trackedOrigins: new Set([HERE]), captureTimeout: 400 })
    this.area = h('textarea', {
      id: 'body', class: 'code', wrap: 'off', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', autocorrect: 'off',
      'aria-label': label, 'aria-describedby': 'body-hint body-errors',
    })
    this.copy = h('pre', { class: 'code copy', 'aria-hidden': 'true' })
    this.lines = h('pre', { class: 'code lines', 'aria-hidden': 'true' })
    this.place = h('span', { class: 'place' })
    this.with = h('span', { class: 'with', 'aria-live': 'polite' })
    this.element = h('div', { class: 'editor' },
      h('div', { class: 'editor-box' }, this.lines, h('div', { class: 'editor-view' }, this.copy, this.area)),
      h('div', { class: 'editor-foot' }, this.with, this.place))
    this.listen()
    this.shown = text.toString()
    this.area.value = this.shown
    this.area.setSelectionRange(0, 0)
    this.paint()
  }

  listen() {
    const { area, text } = this
    this.observer = (event) => this.changed(event)
    text.observe(this.observer)
    area.addEventListener('input', () => this.typed())
    area.addEventListener('keydown', (event) => this.pressed(event))
    area.addEventListener('beforeinput', (event) => this.undone(event))
    area.addEventListener('compositionstart', () => (this.isComposing = true))
    area.addEventListener('compositionend', () => this.composed())
    area.addEventListener('scroll', () => this.scrolled())
    for (const name of ['focus', 'keyup', 'pointerup', 'select']) area.addEventListener(name, () => this.showCaret())
    area.addEventListener('blur', () => this.session.show({ selection: null }))
    this.selectionChanged = () => document.activeElement === area && this.showCaret()
    document.addEventListener('selectionchange', this.selectionChanged)
  }

  /** Brings what was typed into the shared text, as one small replacement. */
  typed() {
    const { area, text } = this
    const change = replacement(this.shown, area.value, area.selectionEnd)
    this.shown = area.value
    if (change) {
      const { at, runs } = this.places?.edited(change) ?? { at: change.at, runs: [[change.at, change.at + change.remove]] }
      this.isTyping = true
      this.session.edit(() => {
        for (const [from, to] of runs.reverse()) text.delete(from, to - from)
        if (change.insert) text.insert(at, change.insert)
      })
      this.isTyping = false
      this.session.forget('jobs', this.job, 'body')
    }
    if (!this.places) this.paint()
    this.showCaret()
  }

  changed(event) {
    if (this.isTyping) return
    // While a letter is being composed the area must not be touched, and lags behind the text.
    if (this.isComposing) (this.places ??= new Places(this.shown.length)).follow(event.delta)
    else this.follow((place) => moved(place, event.delta))
  }

  /** Shows the shared text, with the selection, moved by `to`, and the view where they were in it. */
  follow(to) {
    const { area } = this
    const { selectionStart, selectionEnd, selectionDirection, scrollTop, scrollLeft } = area
    this.shown = this.text.toString()
    if (area.value !== this.shown) {
      area.value = this.shown
      area.setSelectionRange(to(selectionStart), to(selectionEnd), selectionDirection)
      area.scrollTop = scrollTop
      area.scrollLeft = scrollLeft
    }
    this.paint()
  }

  composed() {
    this.isComposing = false
    this.typed()
    const { places } = this
    this.places = null
    if (places) this.follow((place) => places.of(place))
  }

  pressed(event) {
    if (!this.session.mayEdit) return
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey
    const key = event.key.toLowerCase()
    if (isCommand && (key === 'z' || key === 'y')) {
      event.preventDefault()
      this.step(key === 'y' || event.shiftKey ? 'redo' : 'undo')
    } else if (event.key === 'Tab' && !event.shiftKey && !isCommand && !this.leaves) {
      event.preventDefault()
      this.area.setRangeText('  ', this.area.selectionStart, this.area.selectionEnd, 'end')
      this.typed()
    }
    // Esc lets the next Tab leave the text, so that nobody without a mouse is caught in it.
    this.leaves = event.key === 'Escape'
  }

  undone(event) {
    if (!this.session.mayEdit) event.preventDefault()
    else if (event.inputType === 'historyUndo' || event.inputType === 'historyRedo') {
      event.preventDefault()
      this.step(event.inputType === 'historyUndo' ? 'undo' : 'redo')
    }
  }

  step(which) {
    const before = this.shown
    this.undo[which]()
    const change = replacement(before, this.text.toString())
    this.follow((place) => place)
    if (change) this.area.setSelectionRange(change.at + change.insert.length, change.at + change.insert.length)
  }

  // Carets

  showCaret() {
    const { area, text, session } = this
    const { line, column } = lineAndColumn(area.value, area.selectionEnd)
    this.place.textContent = `Line ${line}, column ${column}`
    if (document.activeElement !== area || this.places) return
    const at = (place) => Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, Math.min(place, text.length)))
    const selection = { job: this.job, anchor: at(area.selectionStart), head: at(area.selectionEnd) }
    const key = JSON.stringify(selection)
    if (key === this.told && session.awareness.getLocalState()?.selection) return
    this.told = key
    session.show({ selection })
  }

  /** Where others are in this text. */
  carets() {
    const place = (json) => Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(json), this.session.doc)
    return this.session.others.filter(({ selection }) => selection?.job === this.job).flatMap(({ client, user, selection }) => {
      try {
        const [anchor, head] = [place(selection.anchor), place(selection.head)]
        if (anchor?.type !== this.text || head?.type !== this.text) return []
        return [{ client, user, head: head.index, from: Math.min(anchor.index, head.index), to: Math.max(anchor.index, head.index) }]
      } catch {
        return []
      }
    })
  }

  paint() {
    const text = this.shown
    this.area.readOnly = !this.session.mayEdit
    const carets = this.carets()
    const key = JSON.stringify(carets.map(({ client, user, head, from, to }) => [client, nameOf(user), colourOf(user), head, from, to]))
    if (this.painted?.text === text && this.painted.key === key) return
    this.painted = { text, key }
    const lineCount = text.split('\n').length
    if (this.lineCount !== lineCount) {
      this.lineCount = lineCount
      this.lines.textContent = Array.from({ length: lineCount }, (_, index) => index + 1).join('\n')
    }
    replace(this.copy, pieces(text, carets), '\n')
    const names = carets.map(({ user }) => nameOf(user))
    const said = names.length > 0 ? `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} in this text` : ''
    if (this.with.textContent !== said) this.with.textContent = said
    this.scrolled()
  }

  scrolled() {
    const { scrollTop, scrollLeft } = this.area
    this.copy.style.transform = `translate(${-scrollLeft}px, ${-scrollTop}px)`
    this.lines.style.transform = `translateY(${-scrollTop}px)`
  }

  close() {
    this.text.unobserve(this.observer)
    document.removeEventListener('selectionchange', this.selectionChanged)
    this.undo.destroy()
    if (this.session.awareness.getLocalState()?.selection) this.session.show({ selection: null })
  }
}

/** The text in coloured pieces, cut where somebody's caret or selection begins or ends. */
function pieces(text, carets) {
  const coloured = text.length <= MAXIMUM_COLOURED ? tokens(text) : []
  const cuts = new Set([0, text.length])
  for (const { start, end } of coloured) cuts.add(start).add(end)
  for (const { head, from, to } of carets) cuts.add(head).add(from).add(to)
  const places = [...cuts].filter((place) => place <= text.length).sort((a, b) => a - b)
  const result = []
  let token = 0
  for (const [index, start] of places.entries()) {
    for (const caret of carets.filter(({ head }) => head === start)) result.push(marker(caret))
    const end = places[index + 1]
    if (end === undefined) break
    while (coloured[token]?.end <= start) token++
    const kind = coloured[token]?.start <= start ? coloured[token].kind : null
    const selected = carets.find(({ from, to }) => from <= start && end <= to)
    const piece = text.slice(start, end)
    if (!kind && !selected) result.push(piece)
    else {
      const element = h('span', { class: [kind && `t-${kind}`, selected && 'their-selection'].filter(Boolean).join(' ') }, piece)
      if (selected) element.style.setProperty('--person', colourOf(selected.user))
      result.push(element)
    }
  }
  return result
}

function marker({ user, client, head }) {
  const element = h('span', { class: `caret${head === 0 ? ' first' : ''}`, 'data-client': client }, h('span', { class: 'caret-name' }, nameOf(user)))
  element.style.setProperty('--person', colourOf(user))
  return element
}

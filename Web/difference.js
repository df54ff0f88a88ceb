// How two values differ, to be read: texts by line, and within lines that resemble each other by word.

import { h } from './dom.js'
import { lineDifference, wordDifference } from './text.js'
import { count } from './words.js'

/** Lines around a change that are shown with it. */
const CONTEXT = 2

/** A text with what it adds to and takes from another one, and the lines around. */
export function difference(before, after) {
  const parts = lineDifference(before, after)
  const element = h('pre', { class: 'value diff code', tabindex: 0, role: 'group', 'aria-label': 'Differences by line' })
  // The end of the last line is no line.
  if (parts.length > 1 && parts.at(-1).kind === 'same' && parts.at(-1).lines.join() === '') parts.pop()
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'same') element.append(...unchanged(part.lines, { isFirst: index === 0, isLast: index === parts.length - 1 }))
    else if (part.kind === 'removed' && parts[index + 1]?.kind === 'added') element.append(...replaced(part.lines, parts[index + 1].lines))
    else if (part.kind === 'removed' || parts[index - 1]?.kind !== 'removed') element.append(...part.lines.map((line) => changedLine(part.kind, line)))
  }
  return element
}

function unchanged(lines, { isFirst, isLast }) {
  if (isFirst && isLast) return [lines.join('\n')]
  const head = isFirst ? [] : lines.slice(0, CONTEXT)
  const tail = isLast ? [] : lines.slice(Math.max(head.length, lines.length - CONTEXT))
  const left = lines.length - head.length - tail.length
  const skipped = left > 0 && !(left === 1 && lines.at(-1) === '') && h('span', { class: 'skipped' }, `${count(left, 'more line')}\n`)
  return [head.map((line) => `${line}\n`).join(''), skipped, tail.map((line) => `${line}\n`).join('')].filter(Boolean)
}

/** Lines in place of others: of each pair the words that differ are marked. */
function replaced(before, after) {
  const pairs = before.map((line, index) => (after[index] === undefined ? null : wordDifference(line, after[index])))
  const line = (kind, text, index) => changedLine(kind, pairs[index]?.filter((part) => part.kind === 'same' || part.kind === kind) ?? text)
  return [...before.map((text, index) => line('removed', text, index)), ...after.map((text, index) => line('added', text, index))]
}

/** One line, as a text or in parts. What is removed and added is told by more than a colour. */
function changedLine(kind, content) {
  const pieces = typeof content === 'string' ? [content] : content.map((part) => (part.kind === 'same' ? part.text : h('b', {}, part.text)))
  return h(kind === 'added' ? 'ins' : 'del', { 'data-sign': kind === 'added' ? '+' : '−' }, pieces, '\n')
}

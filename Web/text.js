// Pure functions on texts: what an edit did, where a caret goes, and how two texts differ by line.

const isHigh = (unit) => unit >= 0xd800 && unit < 0xdc00
const isLow = (unit) => unit >= 0xdc00 && unit < 0xe000

/**
 * The one replacement that makes `after` of `before`, as small as possible: `{ at, remove, insert }`, or null. Where letters repeat, the
 * caret behind the edit tells which of them were typed. Pairs of surrogates are never taken apart.
 */
export function replacement(before, after, caret = after.length) {
  if (before === after) return null
  const shorter = Math.min(before.length, after.length)
  let end = 0
  const longestEnd = Math.min(shorter, after.length - Math.min(caret, after.length))
  while (end < longestEnd && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)) end++
  let start = 0
  while (start < shorter - end && before.charCodeAt(start) === after.charCodeAt(start)) start++
  while (end < shorter - start && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)) end++
  if (start > 0 && isHigh(before.charCodeAt(start - 1))) start--
  if (end > 0 && isLow(before.charCodeAt(before.length - end))) end--
  return { at: start, remove: before.length - start - end, insert: after.slice(start, after.length - end) }
}

/** Where a place in a text is after a delta of Yjs. What is inserted exactly there goes behind it, unless `after`. */
export function moved(place, delta, after = false) {
  let at = 0
  for (const part of delta) {
    if (part.retain !== undefined) at += part.retain
    else if (part.insert !== undefined) {
      const length = typeof part.insert === 'string' ? part.insert.length : 1
      if (at < place || (after && at === place)) place += length
      at += length
    } else if (at < place) place = Math.max(at, place - part.delete)
    if (at > place) break
  }
  return place
}

/**
 * Where the letters of a copy of a text are in the text, which others go on writing: their places, in order, and null for those that are gone.
 * `edited` is given a change of the copy and says what it is in the text: `at`, and the runs of letters that it removes.
 */
export class Places {
  constructor(length) {
    this.places = Array.from({ length }, (_, place) => place)
  }

  /** Others have written in the text. */
  follow(delta) {
    let old = 0
    let now = 0
    let index = 0
    const takeUntil = (end, shift) => {
      for (; index < this.places.length && (this.places[index] === null || this.places[index] < end); index++) {
        if (this.places[index] !== null) this.places[index] = shift === null ? null : this.places[index] + shift
      }
    }
    for (const { insert, delete: deleted = 0, retain = 0 } of [...delta, { retain: Infinity }]) {
      takeUntil(old + retain, now - old)
      takeUntil(old + retain + deleted, null)
      old += retain + deleted
      now += retain + (insert === undefined ? 0 : typeof insert === 'string' ? insert.length : 1)
    }
  }

  /** The place in the text of one in the copy: behind the letter that it stands behind. */
  of(place) {
    for (let index = place - 1; index >= 0; index--) if (this.places[index] !== null) return this.places[index] + 1
    return 0
  }

  edited({ at, remove, insert }) {
    const gone = this.places.slice(at, at + remove).filter((place) => place !== null)
    const place = gone[0] ?? this.of(at)
    const runs = []
    for (const each of gone) {
      if (runs.at(-1)?.[1] === each) runs.at(-1)[1]++
      else runs.push([each, each + 1])
    }
    this.places.splice(at, remove)
    let before = 0
    for (const [index, each] of this.places.entries()) {
      if (each === null) continue
      while (before < gone.length && gone[before] < each) before++
      this.places[index] = each - before + (each >= place ? insert.length : 0)
    }
    this.places.splice(at, 0, ...Array.from({ length: insert.length }, (_, index) => place + index))
    return { at: place, runs }
  }
}

/** The line and column of a place, both from 1. */
export function lineAndColumn(text, place) {
  const before = text.slice(0, place)
  const line = before.split('\n').length
  return { line, column: place - before.lastIndexOf('\n') }
}

const MAXIMUM_CELLS = 4_000_000

/** How `after` differs from `before` by line: parts with `kind` same, removed or added, and `lines`. */
export function lineDifference(before, after) {
  const a = before.split('\n')
  const b = after.split('\n')
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const middle = commonLines(a.slice(start, a.length - end), b.slice(start, b.length - end))
  const parts = []
  const add = (kind, lines) => {
    if (lines.length === 0) return
    if (parts.at(-1)?.kind === kind) parts.at(-1).lines.push(...lines)
    else parts.push({ kind, lines: [...lines] })
  }
  add('same', a.slice(0, start))
  for (const [kind, line] of middle) add(kind, [line])
  add('same', a.slice(a.length - end))
  return parts
}

/** The longest common subsequence; of texts that are too long for it, nothing counts as common. */
function commonLines(a, b) {
  if (a.length * b.length > MAXIMUM_CELLS) return [...a.map((line) => ['removed', line]), ...b.map((line) => ['added', line])]
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1])
    }
  }
  const result = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      result.push(['same', a[i++]])
      j++
    } else if (j >= b.length || (i < a.length && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) {
      result.push(['removed', a[i++]])
    } else result.push(['added', b[j++]])
  }
  return result
}

/** From which part of two lines being the same they are one line that was changed, and not two. */
const LEAST_LIKENESS = 0.4

/** How `after` differs from the line `before` by word: parts with `kind` and `text`, or null where they have little in common. */
export function wordDifference(before, after) {
  const pieces = (line) => line.match(/\s+|[\p{L}\p{N}_$]+|./gsu) ?? []
  const parts = []
  let same = 0
  for (const [kind, text] of commonLines(pieces(before), pieces(after))) {
    if (kind === 'same' && text.trim() !== '') same += text.length
    if (parts.at(-1)?.kind === kind) parts.at(-1).text += text
    else parts.push({ kind, text })
  }
  const longest = Math.max(before.replace(/\s/g, '').length, after.replace(/\s/g, '').length)
  return same >= longest * LEAST_LIKENESS ? parts : null
}

const TOKEN = /(\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(`(?:\\[\s\S]|[^\\`])*(?:`|$)|'(?:\\.|[^\\'\n])*'?|"(?:\\.|[^\\"\n])*"?)|\b(\d[\w.]*)\b|\b(as|async|await|break|case|catch|class|const|continue|default|delete|do|else|export|false|finally|for|from|function|if|import|in|instanceof|let|new|null|of|return|static|switch|this|throw|true|try|typeof|undefined|var|void|while|yield)\b|([A-Za-z_$][\w$]*)(?=\s*\()/g

/** The pieces of a piece of JavaScript, for colouring only: `[{ start, end, kind }]` in order; the rest is plain. */
export function tokens(code) {
  const kinds = ['comment', 'string', 'number', 'keyword', 'call']
  return [...code.matchAll(TOKEN)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    kind: kinds[match.slice(1).findIndex((group) => group !== undefined)],
  }))
}

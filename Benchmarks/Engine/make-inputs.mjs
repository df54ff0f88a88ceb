// Makes the inputs of the engine's benchmarks with Debian's node-yjs: node make-inputs.mjs FOLDER
// The same bytes every time.
import fs from 'node:fs'
import path from 'node:path'
import { Y, Random } from '../../Protocol/vectors/generate/oracle.mjs'

const folder = process.argv[2]
fs.mkdirSync(folder, { recursive: true })
const write = (name, bytes) => fs.writeFileSync(path.join(folder, name), bytes)
const random = new Random(20261121)

/** Each update behind its length in four bytes, the lowest first. */
const framed = updates => Buffer.concat(updates.flatMap(update => {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(update.length)
  return [length, update]
}))

const docOf = (clientID, ...updates) => {
  const doc = new Y.Doc()
  doc.clientID = clientID
  updates.forEach(update => Y.applyUpdate(doc, update))
  return doc
}

const letters = count => Array.from({ length: count }, () =>
  random.chance(0.16) ? ' ' : String.fromCharCode(97 + random.below(26))).join('')

/** The edits of one person who writes a long text: runs of typing and of deleting, mostly where the last one ended. */
function typing (count) {
  const edits = []
  let length = 0
  let place = 0
  while (edits.length < count) {
    if (random.chance(0.25)) place = random.below(length + 1)
    const deletes = random.chance(0.4)
    for (let run = random.between(1, deletes ? 16 : 50); run > 0 && edits.length < count; run--) {
      if (!deletes) edits.push([place++, 0, letters(1)])
      else if (place > 0) edits.push([--place, 1])
      else break
      length += deletes ? -1 : 1
    }
  }
  return edits
}

function longText () {
  const edits = typing(259_778)
  const doc = docOf(1234567890)
  const updates = []
  doc.on('update', update => updates.push(update))
  const text = doc.getText('text')
  for (const [index, deleted, inserted] of edits) {
    doc.transact(() => {
      if (deleted) text.delete(index, deleted)
      if (inserted) text.insert(index, inserted)
    })
  }
  write('b4-trace.json', JSON.stringify({ edits }))
  write('b4-updates-v1.lp', framed(updates))
  write('b4-full-v1.bin', Y.encodeStateAsUpdate(doc))
}

/** A few edits that one person makes in one job: typing and deleting in its text, now and then something else. */
function burst (doc, count) {
  const jobs = doc.getArray('jobs')
  const job = jobs.get(random.below(jobs.length))
  const body = job.get('body')
  let place = random.below(body.length + 1)
  for (; count > 0; count--) {
    if (random.chance(0.03)) place = random.below(body.length + 1)
    const kind = random.below(20)
    doc.transact(() => {
      if (kind === 0) job.set('name', `Job ${random.below(1e6)}`)
      else if (kind === 1) doc.getMap('positions').set(job.get('id'), { x: random.below(2000) + 0.5, y: random.below(2000) })
      else if (kind < 5 && place > 0) body.delete(--place, 1)
      else body.insert(place++, letters(1))
    })
  }
}

/** Four people, by client ids from `first` on, edit in turn and hear of each other in between; all updates, causally. */
function editing (base, first, count) {
  const docs = [0, 1, 2, 3].map(number => docOf(first + number * 1000000007, base))
  const updates = []
  let unsent = []
  docs.forEach(doc => doc.on('update', (update, origin) => { if (origin !== 'remote') unsent.push(update) }))
  while (updates.length < count) {
    const doc = random.pick(docs)
    burst(doc, Math.min(random.between(5, 40), count - updates.length))
    for (const other of docs) {
      if (other !== doc) other.transact(() => unsent.forEach(update => Y.applyUpdate(other, update)), 'remote')
    }
    updates.push(...unsent)
    unsent = []
  }
  return { updates, docs }
}

function workflow (jobs) {
  const seed = docOf(77)
  for (let number = 0; number < jobs; number++) {
    seed.transact(() => {
      const id = `00000000-0000-4000-8000-${String(100_000_000_000 + number)}`
      const job = new Y.Map()
      seed.getArray('jobs').push([job])
      job.set('id', id)
      job.set('name', `Job ${number}`)
      job.set('adaptor', '@openfn/language-common@latest')
      job.set('enabled', true)
      job.set('body', new Y.Text(letters(1600)))
      seed.getMap('positions').set(id, { x: number * 17.5, y: number })
      if (number > 0) {
        const edge = new Y.Map()
        seed.getArray('edges').push([edge])
        edge.set('id', id.replace('8000', '9000'))
        edge.set('source_job_id', id)
        edge.set('condition_type', 'on_job_success')
      }
    })
  }
  const { docs } = editing(Y.encodeStateAsUpdate(seed), 1000, jobs * 240)
  const full = Y.encodeStateAsUpdate(docs[0])
  write(`wf${jobs}-full-v1.bin`, full)
  write(`wf${jobs}-full-v2.bin`, Y.encodeStateAsUpdateV2(docs[0]))
  if (jobs < 50) return
  const stream = editing(full, 2000, 10_000).updates
  const doc = docOf(1, full)
  stream.slice(0, -10).forEach(update => Y.applyUpdate(doc, update))
  write(`stream${jobs}-v1.lp`, framed(stream))
  write(`stream${jobs}-sv-minus10.bin`, Y.encodeStateVector(doc))
  stream.slice(-10).forEach(update => Y.applyUpdate(doc, update))
  write(`stream${jobs}-final-v1.bin`, Y.encodeStateAsUpdate(doc))
}

for (const jobs of [5, 50, 500]) workflow(jobs)
// Last: it is what the others are looked for by.
longText()

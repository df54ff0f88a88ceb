// Yjs (Debian's node-yjs) as the engine's peer where pycrdt cannot do the work: node peer.mjs FOLDER
// Prints its name, then for every line read, the name of a workload, the milliseconds of one run ("-" if it has none).
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { Y, version } from '../../Protocol/vectors/generate/oracle.mjs'

const folder = process.argv[2]
const read = name => new Uint8Array(fs.readFileSync(path.join(folder, name)))

const once = make => {
  let value
  return () => (value ??= make())
}

const edits = once(() => {
  const places = [folder, path.dirname(path.resolve(folder))].map(place => path.join(place, 'b4-trace.json'))
  return JSON.parse(fs.readFileSync(places.find(place => fs.existsSync(place)), 'utf8')).edits
})
const largeV2 = once(() => read('wf500-full-v2.bin'))
const large = once(() => {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, read('wf500-full-v1.bin'))
  for (const [name, type] of doc.share) type._map.size > 0 ? doc.getMap(name) : doc.getArray(name)
  return doc
})

function author () {
  const doc = new Y.Doc()
  const text = doc.getText('text')
  let bytes = 0
  doc.on('update', update => { bytes += update.length })
  for (const [index, deleted, inserted] of edits()) {
    doc.transact(() => {
      if (deleted) text.delete(index, deleted)
      if (inserted) text.insert(index, inserted)
    })
  }
}

// name: [preparation, run]
const workloads = {
  'B4: authored, one transaction each, with events': [edits, author],
  'wf500: loaded from V2': [largeV2, () => Y.applyUpdateV2(new Y.Doc(), largeV2())],
  'wf500: encoded as V2': [large, () => Y.encodeStateAsUpdateV2(large())],
  'wf500: as JSON text': [large, () => JSON.stringify(large().toJSON())]
}

console.log(`Yjs ${version}`)
const measure = (count, run) => {
  const start = performance.now()
  for (let i = 0; i < count; i++) run()
  return (performance.now() - start) / count
}

// How often a workload is done in one measurement: as often as takes 25 ms, like ours.
const counts = new Map()
for await (const line of readline.createInterface({ input: process.stdin })) {
  const name = line.trim()
  const [prepare, run] = workloads[name] ?? []
  if (!run) {
    console.log('-')
    continue
  }
  prepare()
  if (!counts.has(name)) counts.set(name, Math.max(1, Math.min(2000, Math.floor(25 / Math.max(measure(1, run), 0.002)) + 1)))
  console.log(measure(counts.get(name), run))
}

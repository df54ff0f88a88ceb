// Answers questions about Yjs, one line of JSON each: {"apply": [updates]} or {"author": seed, "clients": n, "steps": n}.
'use strict'
const Module = require('node:module')
// Debian installs its packages outside of every node_modules.
process.env.NODE_PATH = [process.env.NODE_PATH, '/usr/share/nodejs'].filter(Boolean).join(':')
Module._initPaths()
const Y = require('yjs')
const readline = require('node:readline')

const base64 = (bytes) => Buffer.from(bytes).toString('base64')

function generator(seed) {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * bound)
  }
}

const words = ['a', 'be', 'the quick ', 'é', '🧵', 'x\n', '日本', '0123456789', '\u0301']
const keys = ['x', 'y', 'é']
const values = [1, 'two', true, null, 0.5, [1, ['two']], { k: [1.5] }, -(2 ** 40), '']

// An index that does not tear a surrogate pair apart.
const snapped = (string, index) => (/[\udc00-\udfff]/.test(string[index] ?? '') ? index - 1 : index)

function editText(text, random) {
  // Embeds count in indexes but not in the string, so texts of these histories have none.
  const string = text.toString()
  const start = snapped(string, random(string.length + 1))
  const end = snapped(string, Math.min(string.length, start + random(12)))
  if (random(3) > 0) text.insert(start, words[random(words.length)])
  else if (end > start) text.delete(start, end - start)
}

function nested(random) {
  return [() => new Y.Map(), () => new Y.Array(), () => new Y.Text('text')][random(3)]()
}

function edit(type, random, depth) {
  if (type instanceof Y.Text) return editText(type, random)
  const choice = random(8)
  if (type instanceof Y.Map) {
    const key = keys[random(keys.length)]
    if (choice < 3) type.set(key, values[random(values.length)])
    else if (choice === 3) type.delete(key)
    else if (choice === 4 && depth < 4) type.set(key, nested(random))
    else if (type.get(key) instanceof Y.AbstractType) edit(type.get(key), random, depth + 1)
  } else if (type instanceof Y.Array) {
    const index = random(type.length + 1)
    if (choice < 3) type.insert(index, Array.from({ length: 1 + random(3) }, () => values[random(values.length)]))
    else if (choice === 3 && index < type.length) type.delete(index, Math.min(type.length - index, 1 + random(3)))
    else if (choice === 4 && depth < 4) type.insert(index, [nested(random)])
    else if (index < type.length && type.get(index) instanceof Y.AbstractType) edit(type.get(index), random, depth + 1)
  }
}

function author({ author: seed, clients, steps }) {
  const random = generator(seed)
  const docs = Array.from({ length: clients }, (_, index) => {
    const doc = new Y.Doc()
    doc.clientID = 1000 * index + 1 + random(900)
    return doc
  })
  const updates = []
  for (const doc of docs) doc.on('update', (update, origin) => origin ?? updates.push(base64(update)))
  for (let step = 0; step < steps; step++) {
    const doc = docs[random(clients)]
    doc.transact(() => {
      for (let count = 1 + random(3); count > 0; count--) {
        edit([doc.getText('t'), doc.getMap('m'), doc.getArray('a')][random(3)], random, 0)
      }
    })
    if (random(3) === 0) {
      const other = docs[random(clients)]
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc)), 'sync')
    }
  }
  return { updates, ...apply({ apply: updates }) }
}

function apply({ apply: updates }) {
  const doc = new Y.Doc()
  doc.clientID = 4294967295
  for (const update of updates) Y.applyUpdate(doc, Buffer.from(update, 'base64'))
  const json = {
    t: doc.getText('t').toString(), m: doc.getMap('m').toJSON(), a: doc.getArray('a').toJSON(),
    x: doc.getXmlFragment('x').toString()
  }
  return {
    json: JSON.stringify(json), delta: JSON.stringify(doc.getText('t').toDelta()),
    vector: base64(Y.encodeStateVector(doc)), v1: base64(Y.encodeStateAsUpdate(doc)),
    v2: base64(Y.encodeStateAsUpdateV2(doc)), pending: doc.store.pendingStructs !== null
  }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const question = JSON.parse(line)
  let answer
  try {
    answer = question.author === undefined ? apply(question) : author(question)
  } catch (error) {
    answer = { error: String(error) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
})

// Forks a document with Yjs, edits one text of the fork, and merges it with what happened elsewhere. One line of JSON per
// question: {"base": update, "live": update, "client": id, "job": id, "changes": [{"at", "remove", "insert"}]}.
'use strict'
const Module = require('node:module')
// Debian installs its packages outside of every node_modules.
process.env.NODE_PATH = [process.env.NODE_PATH, '/usr/share/nodejs'].filter(Boolean).join(':')
Module._initPaths()
const Y = require('yjs')
const readline = require('node:readline')

const bytes = (text) => Buffer.from(text, 'base64')
const bodyOf = (doc, job) => doc.getArray('jobs').toArray().find((map) => map.get('id') === job).get('body')

function forked(question, edit) {
  const fork = new Y.Doc()
  Y.applyUpdate(fork, bytes(question.base))
  fork.clientID = question.client
  const known = Y.encodeStateVector(fork)
  fork.transact(() => edit(bodyOf(fork, question.job)))
  return Y.encodeStateAsUpdate(fork, known)
}

function answer(question) {
  const update = forked(question, (body) => {
    for (const { at, remove, insert } of question.changes.slice().reverse()) {
      if (insert !== '') body.insert(at, insert)
      if (remove > 0) body.delete(at + insert.length, remove)
    }
  })
  const replacing = forked(question, (body) => {
    body.delete(0, body.length)
    body.insert(0, question.database)
  })
  const merged = new Y.Doc()
  for (const part of [question.base, question.live].map(bytes)) Y.applyUpdate(merged, part)
  Y.applyUpdate(merged, update)
  return { text: bodyOf(merged, question.job).toString(), bytes: update.length, replacing: replacing.length }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + '\n')
})

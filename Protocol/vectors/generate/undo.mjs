// Undo and redo: scripted cases and random ones of several clients, each of which may have an undo manager.
import { Y, Random, base64, hash, json, newDoc, ordered } from './oracle.mjs'
import { perform, randomEdit } from './small.mjs'

const roots = { t: 'text', m: 'map', a: 'array' }

/** Runs a script on the oracle; every step is recorded with what its client shows afterwards. */
class Script {
  constructor ({ id, clients, managers = clients.map(() => ({})), gc = true }) {
    this.header = { id, roots, gc, clients, managers }
    this.updates = []
    this.steps = []
    this.received = clients.map(() => new Set())
    this.docs = clients.map(clientID => newDoc({ roots, gc, clientID }))
    this.managers = managers.map((options, c) => {
      if (options === null) return null
      const doc = this.docs[c]
      const manager = new Y.UndoManager((options.scope ?? Object.keys(roots)).map(name => doc.share.get(name)), {
        captureTimeout: options.grouped ? 1e9 : 0,
        trackedOrigins: new Set(options.origins ?? [null]),
        ignoreRemoteMapChanges: options.ignoreRemoteMapChanges ?? false
      })
      return manager
    })
  }

  record (c, step, body) {
    const doc = this.docs[c]
    const events = []
    const listener = update => events.push(ordered(update))
    doc.on('update', listener)
    body(doc, this.managers[c])
    doc.off('update', listener)
    if (events.length > 1) throw new Error('two updates in one step')
    const recorded = { c, ...step }
    if (events.length === 1 && step.recv === undefined) {
      recorded.emit = this.updates.push(events[0]) - 1
      this.received[c].add(recorded.emit)
    }
    recorded.json = Object.fromEntries(Object.keys(roots).map(name => [name, json(doc.share.get(name))]))
    const manager = this.managers[c]
    if (manager) recorded.stacks = [manager.undoStack.length, manager.redoStack.length]
    this.steps.push(recorded)
  }

  edit (c, ops, origin = null) {
    this.record(c, origin === null ? { ops } : { ops, origin }, doc =>
      doc.transact(() => ops.forEach(op => perform(doc, roots, op)), origin))
  }

  randomEdit (c, random, origin = null) {
    const ops = []
    const step = origin === null ? { ops } : { ops, origin }
    this.record(c, step, doc => doc.transact(() => {
      for (let count = random.between(1, 3); count > 0; count--) {
        const op = randomEdit(random, doc, roots)
        ops.push(op)
        perform(doc, roots, op)
      }
    }, origin))
  }

  undo (c) { this.record(c, { do: 'undo' }, (_, manager) => manager.undo()) }
  redo (c) { this.record(c, { do: 'redo' }, (_, manager) => manager.redo()) }
  stop (c) { this.record(c, { do: 'stop' }, (_, manager) => manager.stopCapturing()) }
  clear (c) { this.record(c, { do: 'clear' }, (_, manager) => manager.clear()) }

  receive (c, random = null) {
    this.updates.forEach((update, recv) => {
      if (this.received[c].has(recv) || (random && random.chance(0.3))) return
      // Updates of one author come in order; those of others may still be on their way.
      this.received[c].add(recv)
      this.record(c, { recv }, doc => Y.applyUpdate(doc, update, 'remote'))
    })
  }

  finish () {
    this.docs.forEach((_, c) => this.receive(c))
    const canonical = this.docs.map(doc => {
      const reloaded = newDoc({ roots })
      Y.applyUpdate(reloaded, Y.encodeStateAsUpdate(doc))
      return hash(ordered(Y.encodeStateAsUpdate(reloaded)))
    })
    if (new Set(canonical).size > 1) throw new Error(`${this.header.id} does not converge`)
    return { ...this.header, updates: this.updates.map(base64), steps: this.steps, canon1: canonical[0] }
  }
}

const insert = (i, s) => ({ o: 'tins', p: ['t'], i, s })
const erase = (i, n) => ({ o: 'tdel', p: ['t'], i, n })
const set = (k, v, p = ['m']) => ({ o: 'mset', p, k, v })
const unset = (k, p = ['m']) => ({ o: 'mdel', p, k })

const scripts = {
  'text/typing' (s) {
    s.edit(0, [insert(0, 'abc')]); s.edit(0, [insert(3, 'def')]); s.edit(0, [erase(1, 3)])
    for (let i = 0; i < 4; i++) s.undo(0)
    for (let i = 0; i < 4; i++) s.redo(0)
    s.undo(0); s.edit(0, [insert(0, 'new')]); s.redo(0); s.undo(0); s.undo(0)
  },
  'text/others-write-inside' (s) {
    s.edit(0, [insert(0, 'hello world')]); s.receive(1)
    s.edit(0, [erase(3, 5)]); s.edit(1, [insert(5, 'XY')]); s.receive(0); s.receive(1)
    s.undo(0); s.receive(1); s.edit(1, [erase(0, 1)]); s.receive(0); s.redo(0); s.undo(0); s.undo(0); s.undo(0); s.receive(1)
  },
  'text/others-delete-what-was-written' (s) {
    s.edit(0, [insert(0, 'mine')]); s.receive(1); s.edit(1, [erase(1, 2)]); s.receive(0); s.undo(0); s.redo(0); s.undo(0)
  },
  'map/own-values' (s) {
    s.edit(0, [set('k', 1)]); s.edit(0, [set('k', 2)]); s.edit(0, [unset('k')])
    s.undo(0); s.undo(0); s.undo(0); s.redo(0); s.redo(0); s.redo(0); s.undo(0)
  },
  'map/others-values-stay' (s) {
    s.edit(0, [set('k', 1)]); s.receive(1); s.edit(0, [set('k', 2)]); s.receive(1); s.edit(1, [set('k', 'theirs')]); s.receive(0)
    s.undo(0); s.undo(0); s.redo(0); s.redo(0); s.receive(1)
  },
  'map/nested' (s) {
    s.edit(0, [set('k', { $new: 'map', init: { n: 1 } })]); s.edit(0, [set('n', 2, ['m', 'k'])]); s.receive(1)
    s.edit(1, [set('theirs', true, ['m', 'k'])]); s.receive(0)
    s.edit(0, [unset('k')]); s.undo(0); s.undo(0); s.undo(0); s.redo(0); s.redo(0); s.redo(0); s.undo(0); s.receive(1)
  },
  'array/nested' (s) {
    s.edit(0, [{ o: 'apush', p: ['a'], vs: [1, { $new: 'text', init: 'inner' }, 3] }])
    s.edit(0, [{ o: 'tins', p: ['a', 1], i: 5, s: '!' }]); s.edit(0, [{ o: 'adel', p: ['a'], i: 0, n: 2 }])
    s.undo(0); s.undo(0); s.undo(0); s.redo(0); s.redo(0); s.redo(0); s.undo(0); s.receive(1)
  },
  'stop-and-clear' (s) {
    s.edit(0, [insert(0, 'a')]); s.edit(0, [insert(1, 'b')]); s.stop(0); s.edit(0, [insert(2, 'c')]); s.undo(0); s.clear(0)
    s.undo(0); s.redo(0); s.edit(0, [insert(2, 'd')]); s.undo(0)
  }
}

const options = random => random.pick([{}, {}, { grouped: true }, { origins: ['me'] }, { origins: [null, 'me'], grouped: true },
  { scope: ['t', 'm'] }, { scope: ['m'] }, { ignoreRemoteMapChanges: true }])

const randomScript = number => {
  const random = new Random(7100 + number)
  const count = random.between(1, 3)
  const clients = Array.from({ length: count }, () => random.between(1, 2 ** 31))
  const script = new Script({
    id: `random/${number}`, clients, managers: clients.map((_, c) => c > 0 && random.chance(0.4) ? null : options(random)),
    gc: random.chance(0.8)
  })
  for (let step = 0; step < 40; step++) {
    const c = random.below(count)
    const choice = random.next()
    if (choice < 0.45 || script.managers[c] === null) script.randomEdit(c, random, random.chance(0.4) ? 'me' : null)
    else if (choice < 0.65) script.undo(c)
    else if (choice < 0.8) script.redo(c)
    else if (choice < 0.85) script.stop(c)
    else if (choice < 0.87) script.clear(c)
    else script.receive(c)
  }
  return script
}

export function * undo () {
  for (const [id, run] of Object.entries(scripts)) {
    for (const grouped of [false, true]) {
      const script = new Script({ id: grouped ? `${id}/grouped` : id, clients: [10, 20], managers: [{ grouped }, null] })
      run(script)
      yield script.finish()
    }
  }
  for (let number = 0; number < 50; number++) yield randomScript(number).finish()
}

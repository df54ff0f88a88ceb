// Local edits of XML trees, and the very bytes they produce.
import { Y, Random, base64, ordered } from './oracle.mjs'

const names = ['p', 'DIV', 'b', 'é']
const words = ['a', 'two words', '<&>', '🧵', '']

/** The type at a path of child indexes. */
const at = (doc, path) => path.reduce((type, index) => type.get(index), doc.getXmlFragment('x'))

const isParent = type => type instanceof Y.XmlFragment

/** A random way down to a type that satisfies `wanted`, null if chance finds none. */
const somewhere = (doc, random, wanted) => {
  const path = []
  let type = doc.getXmlFragment('x')
  while (isParent(type) && type.length > 0 && random.chance(0.6)) {
    const index = random.below(type.length)
    type = type.get(index)
    path.push(index)
  }
  return wanted(type) ? path : null
}

const randomOp = (doc, random) => {
  const kind = random.pick(['element', 'element', 'text', 'text', 'hook', 'attribute', 'unset', 'remove', 'type', 'type'])
  const wanted = kind === 'type'
    ? type => type instanceof Y.XmlText
    : ['attribute', 'unset'].includes(kind) ? type => type instanceof Y.XmlElement : isParent
  const p = somewhere(doc, random, wanted)
  if (p === null) return null
  const target = at(doc, p)
  const i = random.between(0, target.length ?? 0)
  switch (kind) {
    case 'element': return { o: kind, p, i, name: random.pick(names) }
    case 'text': return { o: kind, p, i, s: random.pick(words) }
    case 'hook': return { o: kind, p, i, name: 'hook' }
    case 'attribute': return { o: kind, p, k: random.pick(['class', 'id']), v: random.pick(words) }
    case 'unset': return { o: kind, p, k: random.pick(['class', 'id']) }
    case 'remove': return target.length === 0 ? null : { o: kind, p, i: random.below(target.length), n: 1 }
    case 'type': return { o: kind, p, i: random.chance(0.5) ? 0 : target.length, s: random.pick(['x', 'yz']) }
  }
}

const perform = (doc, op) => {
  const target = at(doc, op.p)
  switch (op.o) {
    case 'element': return target.insert(op.i, [new Y.XmlElement(op.name)])
    case 'text': return target.insert(op.i, [new Y.XmlText(op.s)])
    case 'hook': return target.insert(op.i, [new Y.XmlHook(op.name)])
    case 'attribute': return target.setAttribute(op.k, op.v)
    case 'unset': return target.removeAttribute(op.k)
    case 'remove': return target.delete(op.i, op.n)
    case 'type': return target.insert(op.i, op.s)
  }
}

export function * xml () {
  for (let number = 0; number < 40; number++) {
    const random = new Random(9000 + number)
    const clients = [random.between(1, 2 ** 31), random.between(1, 2 ** 31)]
    const docs = clients.map(clientID => Object.assign(new Y.Doc(), { clientID }))
    const updates = []
    const steps = []
    const received = docs.map(() => 0)
    for (let step = 0; step < 24; step++) {
      const c = random.below(2)
      const doc = docs[c]
      while (received[c] < updates.length && random.chance(0.7)) {
        steps.push({ c, recv: received[c] })
        Y.applyUpdate(doc, updates[received[c]++])
      }
      const events = []
      const listener = update => events.push(ordered(update))
      doc.on('update', listener)
      const ops = []
      doc.transact(() => {
        for (let count = random.between(1, 3); count > 0; count--) {
          const op = randomOp(doc, random)
          if (op === null) continue
          perform(doc, op)
          ops.push(op)
        }
      })
      doc.off('update', listener)
      if (ops.length === 0) continue
      steps.push({ c, ops, emit: events.length === 0 ? null : updates.push(events[0]) - 1 })
    }
    docs.forEach((doc, c) => {
      for (; received[c] < updates.length; received[c]++) {
        steps.push({ c, recv: received[c] })
        Y.applyUpdate(doc, updates[received[c]])
      }
    })
    yield { id: `xml/${number}`, clients, updates: updates.map(base64), steps, final: docs.map(doc => doc.getXmlFragment('x').toString()) }
  }
}

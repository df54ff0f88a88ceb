import assert from 'node:assert/strict'
import test from 'node:test'
import { NODE, layout, neighbour } from '../layout.js'

const edge = (source, target) => ({ source, target })
const overlapping = (places) => {
  const all = [...places.values()]
  return all.some((a, index) => all.slice(index + 1).some((b) => Math.abs(a.x - b.x) < NODE.width && Math.abs(a.y - b.y) < NODE.height))
}

test('a chain is a straight line downwards', () => {
  const places = layout(['t', 'a', 'b'], [edge('t', 'a'), edge('a', 'b')])
  assert.equal(new Set([...places.values()].map(({ x }) => x)).size, 1)
  assert.ok(places.get('t').y < places.get('a').y && places.get('a').y < places.get('b').y)
})

test('what comes behind two stands below the lower one', () => {
  const places = layout(['t', 'a', 'b', 'c'], [edge('t', 'a'), edge('a', 'b'), edge('b', 'c'), edge('t', 'c')])
  assert.ok(places.get('c').y > places.get('b').y)
})

test('branches do not cross or overlap', () => {
  const places = layout(['t', 'a', 'b', 'c', 'd'], [edge('t', 'a'), edge('t', 'b'), edge('b', 'c'), edge('a', 'd')])
  assert.equal(places.get('a').x < places.get('b').x, places.get('d').x < places.get('c').x)
  assert.equal(overlapping(places), false)
})

test('a wide workflow, a circle and loose nodes end, without overlaps', () => {
  const many = Array.from({ length: 60 }, (_, index) => `n${index}`)
  const edges = many.slice(1).map((id, index) => edge(many[Math.floor(index / 3)], id))
  assert.equal(overlapping(layout(many, edges)), false)
  const circle = layout(['a', 'b', 'c', 'd'], [edge('a', 'b'), edge('b', 'a'), edge('c', 'c')])
  assert.equal(circle.size, 4)
  assert.equal(overlapping(circle), false)
})

test('positions stand, and what has none comes below its source', () => {
  const places = layout(['a', 'b', 'c'], [edge('a', 'b'), edge('a', 'c')], { a: { x: 500, y: 40 } })
  assert.deepEqual(places.get('a'), { x: 500, y: 40 })
  assert.ok(places.get('b').y > 40 && places.get('b').x === 500)
  assert.equal(overlapping(places), false)
  assert.equal(layout(['a'], [], { a: { x: 'left', y: null } }).get('a').x, 0)
})

test('arrow keys go to the nearest node in their direction', () => {
  const places = new Map([['a', { x: 0, y: 0 }], ['b', { x: 0, y: 100 }], ['c', { x: 300, y: 110 }]])
  assert.equal(neighbour('a', 'ArrowDown', places), 'b')
  assert.equal(neighbour('b', 'ArrowRight', places), 'c')
  assert.equal(neighbour('a', 'ArrowUp', places), undefined)
})

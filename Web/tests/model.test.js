import assert from 'node:assert/strict'
import test from 'node:test'
import { possibleTargets, unsaved, without } from '../model.js'
import { Names, gathered } from '../words.js'

const job = { id: 'j', name: 'Fetch', body: 'get()', adaptor: 'http' }
const base = { id: 'w', name: 'Intake', concurrency: null, enable_job_logs: true, jobs: [job], triggers: [], edges: [], positions: { j: { x: 1, y: 2 } } }
const content = (members) => ({ workflow: { name: 'Intake' }, jobs: [job], triggers: [], edges: [], positions: { j: { y: 2, x: 1 } }, ...members })

test('what is the same is saved, however it is spelled', () => {
  assert.deepEqual(unsaved(content({}), base), [])
  assert.deepEqual(unsaved(content({ jobs: [{ ...job, keychain_credential_id: '' }], workflow: { name: 'Intake', concurrency: null } }), base), [])
})

test('what differs is told by unit', () => {
  const changes = unsaved(content({ workflow: { name: 'Other' }, jobs: [{ ...job, body: 'post()' }, { id: 'k' }], positions: {} }), base)
  assert.deepEqual(changes, [
    { unit: ['workflow', 'name'], kind: 'changed' }, { unit: ['jobs', 'j', 'body'], kind: 'changed' },
    { unit: ['jobs', 'k'], kind: 'added' }, { unit: ['positions', 'j'], kind: 'changed' },
  ])
  assert.deepEqual(unsaved(content({ jobs: [] }), base), [{ unit: ['jobs', 'j'], kind: 'removed' }])
})

test('changes are gathered into a line for each entity, also for one that is gone', () => {
  const names = new Names()
  names.see(base)
  const lines = gathered([
    { unit: ['jobs', 'j', 'body'], kind: 'changed' }, { unit: ['jobs', 'j', 'name'], kind: 'changed' }, { unit: ['positions', 'j'], kind: 'changed' },
    { unit: ['positions', 'k'], kind: 'changed' },
  ], names)
  assert.deepEqual(lines.map(({ label }) => label), ['Fetch: body, name', '2 nodes moved'])
  assert.deepEqual(gathered([{ unit: ['jobs', 'j'], kind: 'removed' }], names).map(({ label }) => label), ['Fetch: job removed'])
})

test('a member goes with the objects that become empty by that', () => {
  const errors = { name: ['x'], jobs: { a: { name: ['y'], body: ['z'] }, b: { name: ['y'] } } }
  assert.deepEqual(without(errors, ['name']), { jobs: errors.jobs })
  assert.deepEqual(without(errors, ['jobs', 'b', 'name']), { name: ['x'], jobs: { a: errors.jobs.a } })
  assert.deepEqual(without(errors, ['jobs', 'a', 'name']).jobs.a, { body: ['z'] })
  for (const path of [['body'], ['jobs', 'c', 'name'], ['edges', 'a', 'name']]) assert.equal(without(errors, path), errors)
})

test('an edge leads to jobs that are not led to yet, and never back', () => {
  const content = {
    triggers: [{ id: 't' }], jobs: ['a', 'b', 'c', 'd'].map((id) => ({ id })),
    edges: [['t', 'a'], ['a', 'b'], ['b', 'c'], ['x', 'a']].map(([source, target]) => ({ source_job_id: source, target_job_id: target })),
  }
  assert.deepEqual(possibleTargets('t', content), ['b', 'c', 'd'])
  assert.deepEqual(possibleTargets('a', content), ['c', 'd'])
  assert.deepEqual(possibleTargets('c', content), ['d'])
  assert.deepEqual(possibleTargets('d', content), ['a', 'b', 'c'])
  content.edges.push({ source_job_id: 'c', target_job_id: 'a' })
  assert.deepEqual(possibleTargets('a', content), ['d'])
})

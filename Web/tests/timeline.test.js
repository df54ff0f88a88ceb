import assert from 'node:assert/strict'
import test from 'node:test'
import { timeline } from '../timeline.js'

const version = (number, second) => ({ lock_version: number, inserted_at: `2026-11-21T14:00:${second}Z` })
const record = (number, kind, lockVersion, second) => ({ number, kind, lock_version: lockVersion, recorded_at: `2026-11-21T14:00:${second}Z` })
const shape = (entries) => entries.map(({ version, record }) => `${version ? `v${version.lock_version}` : '-'}/${record ? `${record.kind} ${record.number}` : '-'}`)

test('a version stands with what made it, and everything else between', () => {
  const versions = [version(3, 30), version(2, 20), version(1, 10)]
  const records = [record(9, 'reset', 3, 40), record(8, 'reconcile', 3, 30), record(7, 'resolve', 2, 25), record(6, 'save', 2, 20)]
  assert.deepEqual(shape(timeline(versions, records)), ['-/reset 9', 'v3/reconcile 8', '-/resolve 7', 'v2/save 6', 'v1/-'])
})

test('of several records of a version the first made it', () => {
  const records = [record(5, 'reconcile', 1, 30), record(4, 'reconcile', 1, 10)]
  assert.deepEqual(shape(timeline([version(1, 10)], records)), ['-/reconcile 5', 'v1/reconcile 4'])
})

test('within a second the order is that of the versions', () => {
  const versions = [version(3, 10), version(2, 10)]
  assert.deepEqual(shape(timeline(versions, [record(4, 'reset', 2, 10)])), ['v3/-', '-/reset 4', 'v2/-'])
})

test('what is older than the end of a list that goes on waits for its next page', () => {
  const versions = [version(3, 30), version(2, 20), version(1, 10)]
  const records = [record(9, 'reset', 3, 40), record(8, 'reset', 3, 25)]
  assert.deepEqual(shape(timeline(versions, records, { moreRecords: true })), ['-/reset 9', 'v3/-', '-/reset 8'])
  assert.deepEqual(shape(timeline(versions.slice(0, 1), records, { moreVersions: true })), ['-/reset 9', 'v3/-'])
  assert.equal(timeline([], []).length, 0)
})

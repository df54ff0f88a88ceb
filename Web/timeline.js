// What became of a workflow, as one list: saved versions, each with the record of what made it, and what else the server did. Pure.

const MAKES_VERSIONS = new Set(['reconcile', 'save'])

/**
 * The entries `{ time, version, record }`, newest first. Both lists are read page by page, newest first; what is older than the last of one
 * that goes on is left out until that is read.
 */
export function timeline(versions, records, { moreVersions = false, moreRecords = false } = {}) {
  const makers = new Map()
  for (const record of records) if (MAKES_VERSIONS.has(record.kind)) makers.set(record.lock_version, record)
  const used = new Set()
  const entries = versions.map((version) => {
    const record = makers.get(version.lock_version)
    if (record) used.add(record)
    return { time: version.inserted_at, version, record: record ?? null }
  })
  for (const record of records) if (!used.has(record)) entries.push({ time: record.recorded_at, version: null, record })
  const begin = Math.max(moreVersions ? at(versions.at(-1)?.inserted_at) : -Infinity, moreRecords ? at(records.at(-1)?.recorded_at) : -Infinity)
  return entries.filter(({ time }) => at(time) >= begin).sort((a, b) => at(b.time) - at(a.time) || order(b) - order(a))
}

const at = (time) => Date.parse(time) || -Infinity

/** Within a second: later versions are newer, and what has none is newer than what it follows. */
const order = ({ version, record }) => (version ? version.lock_version : record.lock_version + 0.5)

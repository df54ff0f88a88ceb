// The workflow in the shared document: read it, change it, and compare it with what was saved. Shapes: Protocol/document.md.

export const COLLECTIONS = ['jobs', 'triggers', 'edges']

/** The document as plain values. Of entities that occur twice, the first counts. */
export function read(doc) {
  const content = { workflow: doc.getMap('workflow').toJSON(), positions: doc.getMap('positions').toJSON(), errors: doc.getMap('errors').toJSON() }
  for (const collection of COLLECTIONS) {
    const byID = new Map()
    for (const entity of doc.getArray(collection).toJSON()) if (entity?.id && !byID.has(entity.id)) byID.set(entity.id, entity)
    content[collection] = [...byID.values()]
  }
  return content
}

/** The map of an entity, or of the workflow itself. */
export function entity(doc, collection, id) {
  if (collection === 'workflow') return doc.getMap('workflow')
  for (const map of doc.getArray(collection)) if (map.get?.('id') === id) return map
}

/** Whoever writes through this page, as the origin of transactions: what `Y.UndoManager` follows. */
export const HERE = 'page'

export function setField(doc, collection, id, field, value) {
  const map = entity(doc, collection, id)
  if (!map || (map.get(field) ?? null) === value) return
  doc.transact(() => map.set(field, value), HERE)
}

export function move(doc, places) {
  doc.transact(() => {
    for (const [id, { x, y }] of places) doc.getMap('positions').set(id, { x: Math.round(x), y: Math.round(y) })
  }, HERE)
}

/** Adds a job behind a trigger or job, with the edge that leads to it. Returns its id. */
export function addJob(doc, Y, source, content, place) {
  const id = crypto.randomUUID()
  const isTrigger = content.triggers.some((trigger) => trigger.id === source)
  doc.transact(() => {
    const job = new Y.Map(Object.entries({ id, name: freeName('New job', content), adaptor: '@openfn/language-common@latest' }))
    job.set('body', new Y.Text('fn(state => state);\n'))
    doc.getArray('jobs').push([job])
    if (source) doc.getArray('edges').push([edge(Y, source, isTrigger, id).map])
    if (place) doc.getMap('positions').set(id, { x: Math.round(place.x), y: Math.round(place.y) })
  }, HERE)
  return id
}

/** Adds a trigger that waits for requests. Returns its id. */
export function addTrigger(doc, Y) {
  const id = crypto.randomUUID()
  doc.transact(() => doc.getArray('triggers').push([new Y.Map(Object.entries({ id, type: 'webhook', enabled: true }))]), HERE)
  return id
}

/** Adds an edge between two nodes that are there. Returns its id. */
export function addEdge(doc, Y, source, target, content) {
  const { id, map } = edge(Y, source, content.triggers.some((trigger) => trigger.id === source), target)
  doc.transact(() => doc.getArray('edges').push([map]), HERE)
  return id
}

function edge(Y, source, isTrigger, target) {
  const id = crypto.randomUUID()
  return { id, map: new Y.Map(Object.entries({
    id,
    source_trigger_id: isTrigger ? source : null,
    source_job_id: isTrigger ? null : source,
    target_job_id: target,
    condition_type: isTrigger ? 'always' : 'on_job_success',
    enabled: true,
  })) }
}

/** The jobs that an edge may lead to from a node: none to which one leads already, and none from where the way leads back to the node. */
export function possibleTargets(source, content) {
  const before = new Set([source])
  for (const id of before) for (const each of content.edges) if (each.target_job_id === id && sourceOf(each)) before.add(sourceOf(each))
  const taken = new Set(content.edges.filter((each) => sourceOf(each) === source).map((each) => each.target_job_id))
  return content.jobs.map((job) => job.id).filter((id) => !before.has(id) && !taken.has(id))
}

function freeName(name, content) {
  const taken = new Set(content.jobs.map((job) => String(job.name).toLowerCase().replaceAll('-', ' ')))
  let number = 1
  while (taken.has((number === 1 ? name : `${name} ${number}`).toLowerCase())) number++
  return number === 1 ? name : `${name} ${number}`
}

/** Removes a job with the edges from and to it, or an edge. */
export function remove(doc, collection, id) {
  doc.transact(() => {
    const drop = (name, matches) => {
      const array = doc.getArray(name)
      for (let index = array.length - 1; index >= 0; index--) if (matches(array.get(index))) array.delete(index)
    }
    drop(collection, (map) => map.get('id') === id)
    if (collection === 'jobs') {
      drop('edges', (edge) => edge.get('source_job_id') === id || edge.get('target_job_id') === id)
      doc.getMap('positions').delete(id)
    }
  }, HERE)
}

/** Where an edge begins. */
export const sourceOf = (edge) => edge.source_trigger_id || edge.source_job_id

// What differs from what was saved

const FIELDS = {
  jobs: ['name', 'body', 'adaptor', 'project_credential_id', 'keychain_credential_id'],
  triggers: ['type', 'enabled', 'cron_expression', 'cron_cursor_job_id', 'webhook_reply', 'kafka_configuration'],
  edges: ['source_trigger_id', 'source_job_id', 'target_job_id', 'condition_type', 'condition_expression', 'condition_label', 'enabled'],
}
const WORKFLOW_FIELDS = ['name', 'concurrency', 'enable_job_logs']

/** What the document has that was not saved yet: `[{ unit, kind }]`, as the server's records have it. */
export function unsaved(content, base) {
  if (!base) return []
  const changes = WORKFLOW_FIELDS
    .filter((field) => content.workflow[field] !== undefined && !same(content.workflow[field], base[field]))
    .map((field) => ({ unit: ['workflow', field], kind: 'changed' }))
  for (const collection of COLLECTIONS) changes.push(...unsavedIn(collection, content[collection], base[collection] ?? []))
  const places = new Set([...Object.keys(content.positions), ...Object.keys(base.positions ?? {})])
  for (const id of places) {
    if (!same(content.positions[id], base.positions?.[id])) changes.push({ unit: ['positions', id], kind: 'changed' })
  }
  return changes
}

function unsavedIn(collection, now, before) {
  const known = new Map(before.map((each) => [each.id, each]))
  const changes = []
  for (const each of now) {
    const old = known.get(each.id)
    known.delete(each.id)
    if (!old) changes.push({ unit: [collection, each.id], kind: 'added' })
    else {
      for (const field of FIELDS[collection]) {
        if (!same(each[field], old[field])) changes.push({ unit: [collection, each.id, field], kind: 'changed' })
      }
    }
  }
  return changes.concat([...known.keys()].map((id) => ({ unit: [collection, id], kind: 'removed' })))
}

/** Members without the one that a path leads to, and without objects that become empty by that; the same members where there is none. */
export function without(members, [key, ...rest]) {
  if (members?.[key] === undefined) return members
  const { [key]: value, ...others } = members
  if (rest.length === 0) return others
  const left = without(value, rest)
  if (left === value) return members
  return Object.keys(left).length > 0 ? { ...members, [key]: left } : others
}

/** Nothing, null and an empty text are the same; objects are compared by what is in them. */
function same(a, b) {
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b))
}

function plain(value) {
  if (value === undefined || value === '') return null
  if (Array.isArray(value)) return value.map(plain)
  if (value && typeof value === 'object') return Object.fromEntries(Object.keys(value).sort().map((key) => [key, plain(value[key])]))
  return value
}

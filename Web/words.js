// What things are called for people.

const FIELDS = {
  name: 'name', body: 'body', adaptor: 'adaptor', enabled: 'on or off', concurrency: 'concurrency', enable_job_logs: 'logs',
  cron_expression: 'schedule', cron_cursor_job_id: 'cursor', webhook_reply: 'reply', condition_type: 'condition', type: 'type',
  condition_expression: 'expression', condition_label: 'label', source_job_id: 'source', source_trigger_id: 'source', target_job_id: 'target',
  project_credential_id: 'credential', keychain_credential_id: 'credential', kafka_configuration: 'Kafka settings', deleted_at: 'deleted',
}
const KINDS = { jobs: 'job', triggers: 'trigger', edges: 'edge' }
const TRIGGERS = { webhook: 'Webhook', cron: 'Schedule', kafka: 'Kafka' }
const CONDITIONS = { always: 'Always', on_job_success: 'On success', on_job_failure: 'On failure', js_expression: 'If' }
const SOURCES = {
  import: 'An import', git: 'A git sync', api: 'A program', database: 'Somebody at the database', revert: 'Taking back an import', restore: 'Going back to a version',
  save: 'A save', reset: 'A reset', resolve: 'A choice in a conflict', recover: 'An old tab',
}

export const fieldName = (field) => FIELDS[field] ?? field.replaceAll('_', ' ')
export const triggerName = (trigger) => TRIGGERS[trigger?.type] ?? 'Trigger'

/** The short form of an adaptor: `http` of `@openfn/language-http@latest`. */
export const adaptorName = (adaptor) => String(adaptor || 'no adaptor').replace(/^@[^/]*\/(language-)?/, '').replace(/@latest$/, '')

export function conditionName(edge) {
  if (edge.condition_label) return edge.condition_label
  if (edge.condition_type === 'js_expression') return `If ${edge.condition_expression ?? '…'}`
  return CONDITIONS[edge.condition_type] ?? edge.condition_type ?? 'Always'
}

/** What a trigger says of itself below its name. */
export function triggerDetail(trigger) {
  if (trigger.type === 'cron') return trigger.cron_expression || 'no schedule'
  if (trigger.type === 'webhook') return { before_start: 'answers at once', after_completion: 'answers at the end', custom: 'answers by a job' }[trigger.webhook_reply] ?? 'waits for a request'
  return 'messages of a topic'
}

/** Names entities, also those that are gone, as long as this one has seen them. */
export class Names {
  constructor() {
    this.known = new Map()
  }

  see(content) {
    for (const job of content?.jobs ?? []) if (job.name) this.known.set(job.id, String(job.name))
    for (const trigger of content?.triggers ?? []) this.known.set(trigger.id, triggerName(trigger))
    for (const edge of content?.edges ?? []) this.known.set(edge.id, [sourceID(edge), edge.target_job_id])
  }

  of(id, fallback = 'something') {
    const known = this.known.get(id)
    if (Array.isArray(known)) return `${this.of(known[0])} → ${this.of(known[1])}`
    return known || fallback
  }

  /** A unit in words: "Fetch: body", "Fetch", "Workflow: name". */
  unit([collection, id, field]) {
    if (collection === 'workflow') return `Workflow: ${fieldName(id)}`
    if (collection === 'positions') return `${this.of(id)}: position`
    return field ? `${this.of(id, KINDS[collection])}: ${fieldName(field)}` : this.of(id, `A ${KINDS[collection]}`)
  }
}

const sourceID = (edge) => edge.source_trigger_id || edge.source_job_id

/** Who wrote something: "An import by Ada". */
export function author({ source, actor }) {
  const who = actor?.name || (actor?.type && !['api', 'system', 'database', source].includes(actor.type) ? actor.type : '')
  return (SOURCES[source] ?? 'A change') + (who ? ` by ${who}` : '')
}

export const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`

/** How long ago, roughly. */
export function ago(time, now = Date.now()) {
  const seconds = Math.max(0, (now - Date.parse(time)) / 1000)
  if (!Number.isFinite(seconds)) return ''
  if (seconds < 45) return 'just now'
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`
  return new Date(time).toLocaleDateString()
}

/** What the server says, as a sentence. */
export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1)

/** The time of a day, with the day where that is another one. */
export function clock(time, now = Date.now()) {
  const [date, today] = [new Date(time), new Date(now)]
  const hour = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return date.toDateString() === today.toDateString() ? hour : `${date.toLocaleDateString()}, ${hour}`
}

/** A size for people. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`
  const power = bytes < 1000 * 1024 ? 1 : bytes < 1000 * 1024 ** 2 ? 2 : 3
  const number = bytes / 1024 ** power
  return `${number < 10 ? number.toFixed(1) : Math.round(number)} ${['', 'KiB', 'MiB', 'GiB'][power]}`
}

/** A list of changes, gathered by entity: `[{ unit, kind, label }]`, at most one line for each entity. */
export function gathered(changes, names) {
  const lines = new Map()
  for (const { unit, kind } of changes) {
    const key = unit[0] === 'workflow' || unit[0] === 'positions' ? unit[0] : unit.slice(0, 2).join('/')
    const line = lines.get(key) ?? { unit, fields: [], kind: 'changed', count: 0 }
    line.count++
    if (unit.length === 2 && unit[0] !== 'workflow' && unit[0] !== 'positions') line.kind = kind
    else if (unit[0] === 'workflow') line.fields.push(fieldName(unit[1]))
    else if (unit[2]) line.fields.push(fieldName(unit[2]))
    lines.set(key, line)
  }
  return [...lines.values()].map((line) => ({ ...line, label: label(line, names) }))
}

function label({ unit, kind, fields, count: moved }, names) {
  if (unit[0] === 'positions') return `${count(moved, 'node')} moved`
  const name = unit[0] === 'workflow' ? 'Workflow' : names.of(unit[1], KINDS[unit[0]])
  if (kind === 'added') return `${name}: new ${KINDS[unit[0]]}`
  if (kind === 'removed') return `${name}: ${KINDS[unit[0]]} removed`
  return `${name}: ${[...new Set(fields)].join(', ')}`
}

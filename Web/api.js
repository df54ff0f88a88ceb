// The HTTP interface, as Protocol/http.md has it.

/** What the server refused: its status, its `type`, and its messages by field. */
export class Refusal extends Error {
  constructor(status, body) {
    super(messages(body?.errors)[0] ?? `the server answered ${status}`)
    this.status = status
    this.type = body?.type
    this.errors = body?.errors ?? {}
  }
}

function messages(errors) {
  if (typeof errors === 'string') return [errors]
  return errors && typeof errors === 'object' ? Object.values(errors).flatMap(messages) : []
}

async function request(method, path, body) {
  let response
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  } catch {
    throw new Refusal(0, { errors: { base: ['The server cannot be reached'] } })
  }
  const answer = await response.json().catch(() => null)
  if (!response.ok) throw new Refusal(response.status, answer)
  return answer
}

const at = (workflow, path) => `/api/workflows/${workflow}${path}`

/** All projects, page by page. */
export async function projects() {
  const all = []
  for (let query = '?limit=200'; ; query = `?limit=200&after=${all.at(-1).id}`) {
    const { data } = await request('GET', `/api/projects${query}`)
    all.push(...data)
    if (data.length < 200) return all
  }
}

export const save = (workflow) => request('POST', at(workflow, '/save'))
export const reset = (workflow) => request('POST', at(workflow, '/reset'))
export const conflicts = (workflow) => request('GET', at(workflow, '/conflicts')).then((answer) => answer.data)
export const resolve = (workflow, conflict, choice) =>
  request('POST', at(workflow, `/conflicts/${conflict}/resolve`), choice).then((answer) => answer.data)
export const resolveAll = (workflow, keep) =>
  request('POST', at(workflow, '/conflicts/resolve'), { keep }).then((answer) => answer.data)
export const branches = (workflow) => request('GET', at(workflow, '/branches')).then((answer) => answer.data)
/** `what` is merge or discard. */
export const decideBranch = (workflow, branch, what) => request('POST', at(workflow, `/branches/${branch}/${what}`))
export const reconciliations = (workflow, before) =>
  request('GET', at(workflow, `/reconciliations?limit=20${before ? `&before=${before}` : ''}`)).then((answer) => answer.data)
export const revert = (workflow, number) => request('POST', at(workflow, `/reconciliations/${number}/revert`))

/** Whether the server can store edits: true, false, or null where it does not answer. */
export async function canStore() {
  try {
    return (await fetch('/readyz')).ok
  } catch {
    return null
  }
}

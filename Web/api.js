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

let token = null
let whenRefused = () => {}
/** What the server said when it did not take the token. Until there is another one it is not asked again. */
let barred = null

/** Every request shows this token from now on. `refused` is called once where the server does not take it, or wants one. */
export function authorize(newToken, refused) {
  token = newToken
  whenRefused = refused
  barred = null
}

async function request(method, path, body) {
  if (barred) throw barred
  const shown = token
  const response = await answerTo(method, path, body)
  const answer = await response.json().catch(() => null)
  if (response.ok) return answer
  const refusal = new Refusal(response.status, answer)
  // What is said of an earlier token says nothing of this one.
  if (response.status === 401 && shown === token && !barred) {
    barred = refusal
    whenRefused(refusal)
  }
  throw refusal
}

async function answerTo(method, path, body) {
  const headers = {}
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (token) headers.authorization = `Bearer ${token}`
  try {
    return await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
  } catch {
    throw new Refusal(0, { errors: { base: ['The server cannot be reached'] } })
  }
}

/** Where something of a workflow is. */
const at = (workflow, path) => `/api/workflows/${workflow}${path}`

/** What the room of a workflow did in its last minutes, as a file. */
export async function record(workflow) {
  const response = await answerTo('GET', at(workflow, '/record'))
  if (response.ok) return response.blob()
  throw new Refusal(response.status, await response.json().catch(() => null))
}

/** Who the token says one is: `actor` (null where nobody has to say it), `may`, `expires_at`. */
export const me = () => request('GET', '/api/me').then((answer) => answer.data)
/** A token that is good for opening a websocket, and soon for nothing: it is part of an address. */
export const connectionToken = () => request('POST', '/api/tokens').then((answer) => answer.token)

/** All projects, page by page. */
export async function projects() {
  const all = []
  for (let query = '?limit=200'; ; query = `?limit=200&after=${all.at(-1).id}`) {
    const { data } = await request('GET', `/api/projects${query}`)
    all.push(...data)
    if (data.length < 200) return all
  }
}

/** Makes a workflow that is not saved yet. */
export const newWorkflow = (project) => request('POST', `/api/projects/${project}/workflows`, {}).then((answer) => answer.data)
/** What one may do with a workflow: `role` and `may`. */
export const access = (workflow) => request('GET', at(workflow, '/access')).then((answer) => answer.data)
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
/** The newest versions, or those before one. */
export const versions = (workflow, before) =>
  request('GET', at(workflow, `/versions?limit=50${before ? `&before=${before}` : ''}`)).then((answer) => answer.data)
/** What differs between a version and another one, or `live`. */
export const compare = (workflow, from, to) => request('GET', at(workflow, `/versions/${from}/compare/${to}`)).then((answer) => answer.data)
/** Takes the rows back to a version, where they are still at `latest`. */
export const restore = (workflow, version, latest) => request('POST', at(workflow, `/versions/${version}/restore`), { lock_version: latest })
export const revert = (workflow, number) => request('POST', at(workflow, `/reconciliations/${number}/revert`))

/** The rooms of the server, and the server itself. */
export const rooms = () => request('GET', '/api/rooms?limit=200')
export const recentReconciliations = () => request('GET', '/api/reconciliations?limit=20').then((answer) => answer.data)

/** Whether the server can store edits: true, false, or null where it does not answer. */
export async function canStore() {
  try {
    return (await fetch('/readyz')).ok
  } catch {
    return null
  }
}

// The frame: which view is shown, for which address. `#/` lists the projects, `#/workflows/<id>` opens a workflow.

import { h, replace } from './dom.js'
import { Home } from './home.js'
import { Notices } from './notices.js'
import { person } from './people.js'
import { WorkflowView } from './workflow.js'

export function start(body) {
  const notices = new Notices()
  const main = h('div', { id: 'view' })
  body.append(main, notices.element)
  const me = person()
  let view
  const open = (id, selection) => {
    view?.close()
    view = id ? new WorkflowView(id, { me, notices, selection, reopen: (selected) => open(id, selected) }) : new Home()
    replace(main, view.element)
    view.opened?.()
  }
  const show = () => {
    const id = /^#\/workflows\/([0-9a-f-]{36})$/i.exec(location.hash)?.[1]?.toLowerCase()
    if (view && view.id === id) return
    notices.element.replaceChildren()
    open(id)
  }
  addEventListener('hashchange', show)
  show()
}

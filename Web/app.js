// The frame: which view is shown, for which address. `#/` lists the projects, `#/workflows/<id>` opens a workflow, with `/versions/<N>` as it
// was saved, `#/operations` shows the server's rooms; `#token=<token>` signs in.

import { Account } from './account.js'
import { h, replace } from './dom.js'
import { Home } from './home.js'
import { Notices } from './notices.js'
import { Operations } from './operations.js'
import { person } from './people.js'
import { SignIn, SignInAgain } from './signin.js'
import { WorkflowView } from './workflow.js'

/** How soon the server is asked again where it does not answer at all. */
const ASK_AGAIN_AFTER = 2000

export function start(body) {
  new App(body).begin()
}

class App {
  constructor(body) {
    this.notices = new Notices()
    this.main = h('div', { id: 'view' })
    this.account = new Account()
    body.append(this.main, this.notices.element)
  }

  begin() {
    this.account.takeFromAddress()
    this.account.on(() => this.accountChanged())
    addEventListener('hashchange', () => this.addressChanged())
    this.identify()
  }

  async identify() {
    try {
      await this.account.load()
    } catch (refusal) {
      if (refusal.status === 401) return
      if (refusal.status === 403) return this.account.signedOut(refusal.message)
      if (!this.view) replace(this.main, h('main', { class: 'waiting', tabindex: -1 }, h('p', { class: 'empty', role: 'status' }, `${refusal.message}. Trying again…`)))
      setTimeout(() => this.identify(), ASK_AGAIN_AFTER)
    }
  }

  addressChanged() {
    if (this.account.takeFromAddress()) {
      this.show(null, () => null)
      this.identify()
    } else if (this.account.state === 'in' || this.account.state === 'open') this.route()
    else if (this.again) this.leave()
  }

  accountChanged() {
    const { account } = this
    if (account.state === 'out') return this.askWhoItIs()
    this.again?.close()
    this.again = null
    // Who signs in over a workflow goes on there, also as somebody else; it connects anew by itself.
    if (this.view instanceof WorkflowView) return this.view.become(this.shared)
    this.key = undefined
    this.route()
  }

  /** Over a workflow that is open, so that nothing of it is lost; else instead of everything. */
  askWhoItIs() {
    if (this.again) return
    if (this.view instanceof WorkflowView && this.view.session.wasSynced && !this.isLeaving) {
      this.again = new SignInAgain(this.account, { waiting: this.view.session.waiting, leave: () => this.leave() })
    } else if (!(this.view instanceof SignIn)) {
      this.show('sign-in', () => new SignIn(this.account))
    }
  }

  leave() {
    this.again?.close()
    this.again = null
    this.show('sign-in', () => new SignIn(this.account))
  }

  /** Edits that are nowhere else yet are not given up without a word. */
  signOut() {
    const waiting = this.view?.session?.waiting ?? 0
    const go = () => {
      this.isLeaving = true
      this.account.signOut()
      this.isLeaving = false
    }
    if (waiting === 0) return go()
    this.notices.show({ kind: 'bad', key: 'sign-out', title: 'Not signed out yet', body: [`${waiting === 1 ? 'One edit of this tab is' : `${waiting} edits of this tab are`} not stored.`],
      actions: [{ label: 'Sign out all the same', run: go }] })
  }

  route() {
    const [, workflow, version] = /^#\/workflows\/([0-9a-f-]{36})(?:\/versions\/(\d+))?$/i.exec(location.hash) ?? []
    if (workflow) this.openWorkflow(workflow.toLowerCase(), version === undefined ? null : Number(version))
    else if (location.hash === '#/operations') this.show('operations', () => new Operations(this.shared))
    else this.show('home', () => new Home(this.shared))
  }

  get shared() {
    const { account, notices } = this
    return { account, notices, me: this.person(), signOut: () => this.signOut() }
  }

  /** Whoever is signed in goes by that name. */
  person() {
    const someone = person()
    return { ...someone, name: this.account.actor?.name ?? someone.name }
  }

  openWorkflow(id, version, selection) {
    const again = (selected) => {
      this.key = undefined
      this.openWorkflow(id, version, selected)
    }
    this.show(`${id} ${version}`, () => new WorkflowView(id, { ...this.shared, version, selection, reopen: again }))
  }

  show(key, make) {
    if (key !== null && key === this.key) return
    if (this.key !== undefined && this.key !== key) this.notices.element.replaceChildren()
    this.key = key
    this.view?.close()
    this.view = make()
    replace(this.main, this.view?.element)
    this.view?.opened?.()
  }
}

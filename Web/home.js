// All projects and their workflows, with who is in them.

import * as api from './api.js'
import { brand } from './brand.js'
import { h, icon, replace } from './dom.js'
import { Me } from './me.js'
import { avatar } from './people.js'
import { count } from './words.js'

const RENEW_EVERY = 10_000

export class Home {
  constructor({ account, me, signOut }) {
    this.account = account
    this.filter = h('input', { type: 'search', class: 'search', placeholder: 'Find a workflow', 'aria-label': 'Find a workflow', oninput: () => this.draw() })
    this.list = h('div', { class: 'projects' }, h('p', { class: 'empty' }, 'Loading…'))
    this.element = h('div', { class: 'home' },
      h('header', { class: 'bar' }, brand(), h('div', { class: 'grow' }), this.filter, new Me({ me, account, signOut }).element),
      h('main', { tabindex: -1 }, h('h1', {}, 'Workflows'), this.list))
    document.title = 'Heddle'
    this.load()
    this.renewing = setInterval(() => document.visibilityState === 'visible' && this.load(), RENEW_EVERY)
  }

  async load() {
    try {
      this.projects = await api.projects()
      this.failure = null
    } catch (refusal) {
      this.failure = refusal.message
    }
    if (!this.isClosed) this.draw()
  }

  draw() {
    const key = JSON.stringify([this.projects, this.failure, this.filter.value])
    if (key === this.key) return
    this.key = key
    const wanted = this.filter.value.trim().toLowerCase()
    const matches = (text) => text.toLowerCase().includes(wanted)
    const shown = (this.projects ?? []).map((project) => ({ ...project, workflows: matches(project.name) ? project.workflows : project.workflows.filter(({ name }) => matches(name)) }))
      .filter((project) => project.workflows.length > 0 || matches(project.name))
    replace(this.list, this.failure && h('p', { class: 'errors', role: 'alert' }, this.failure),
      shown.map((project) => this.project(project)), shown.length === 0 && !this.failure && this.nothing(wanted))
  }

  nothing(wanted) {
    if (wanted) return h('p', { class: 'empty' }, `No workflow is called “${wanted}”.`)
    if (this.account.actor) return h('p', { class: 'empty' }, 'There are no projects for you yet. Who manages one can make you a member of it.')
    return h('p', { class: 'empty' }, 'There are no projects yet. ', h('code', {}, 'heddle import project.json'), ' brings one.')
  }

  project({ id, name, description, workflows }) {
    return h('section', { class: 'project', 'aria-labelledby': `project-${id}` },
      h('header', {}, h('h2', { id: `project-${id}` }, name), description && h('p', {}, description),
        h('button', { class: 'small', 'aria-label': `New workflow in ${name}`, onclick: ({ target }) => this.make(id, target) }, icon('plus', 16), 'New workflow')),
      workflows.length === 0 ? h('p', { class: 'empty' }, 'No workflows.') : h('ul', { class: 'cards' }, workflows.map((workflow) => h('li', {}, this.card(workflow)))))
  }

  /** Makes a workflow and opens it. */
  async make(project, button) {
    button.disabled = true
    try {
      const { id } = await api.newWorkflow(project)
      location.hash = `#/workflows/${id}`
    } catch (refusal) {
      this.failure = refusal.message
      this.draw()
      button.disabled = false
    }
  }

  card({ id, name, jobs, lock_version: version, open_conflicts: conflicts, is_new: isNew, open }) {
    return h('a', { class: 'card', href: `#/workflows/${id}`, 'data-key': id },
      h('h3', {}, name),
      h('p', {}, isNew ? 'Not saved yet' : `${count(jobs, 'job')} · version ${version}`),
      h('div', { class: 'card-foot' },
        conflicts > 0 && h('span', { class: 'pill warn' }, count(conflicts, 'conflict')),
        open && h('span', { class: 'people' }, open.names.slice(0, 5).map((each) => avatar({ name: each })), h('span', { class: 'hint' }, count(open.members, 'person', 'people') + ' here'))))
  }

  close() {
    this.isClosed = true
    clearInterval(this.renewing)
  }
}

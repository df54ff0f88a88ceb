"""Makes a git repository with the history of a project, as people and a deploying tool leave it, for tests of the sync.

    make-history.py REPOSITORY EXPECTED [--count 300] [--seed 1] [--project ID] [--rewrite]

REPOSITORY is a new bare repository. Its branch `main` has COUNT commits of several authors on its main line, and beside it
branches that were merged, some of them over conflicts: a config file, a state file (keys to ids), a project in YAML v1 with
bodies in the file and in files of their own, and a README. Equal arguments make equal commits, ids included.

EXPECTED is a JSON file: for each commit of the main line, oldest first, its id and the rows that the project has with it.
They are written from the model that the files are written from, not read from the files. An id of null is one that no
state file has. With --rewrite the last third of the history exists twice: `rewritten` lists the commits that a force push
puts in the place of those after `kept`.
"""

import argparse
import copy
import json
import random
import re
import subprocess
import uuid

AUTHORS = [("Ada Lovelace", "ada@example.com"), ("Grace Hopper", "grace@example.com"),
           ("Zoë Müller", "zoe@example.com"), ("deploy bot", "bot@example.com")]
ADAPTORS = ["@openfn/language-http@7.0.0", "@openfn/language-common@latest", "@openfn/language-dhis2@8.0.4"]
NOUNS = ["patients", "visits", "orders", "Größen", "reports", "households", "stock", "referrals", "lab results", "cases"]
VERBS = ["Fetch", "Send", "Clean", "Map", "Store", "Check", "Merge", "Count"]
NAMESPACE = uuid.UUID("9d7c1b52-52a5-4bd1-9a0c-5d1f6b6c2a11")
START = 1_700_000_000


def hyphenated(name):
    return re.sub(r"\s+", "-", name)


class Model:
    """A project as its rows are: workflows by key, in each jobs by key, a trigger, and edges."""

    def __init__(self):
        self.workflows = {}

    def jobs(self):
        return [(workflow, key) for workflow, each in self.workflows.items() for key in each["jobs"]]


class Changes:
    """Changes of a model. Each is a function of a model, so that a merge can do a branch's changes again."""

    def __init__(self, seed, project):
        self.random = random.Random(seed)
        self.project, self.numbers = project, 0

    def new_id(self):
        self.numbers += 1
        return str(uuid.uuid5(NAMESPACE, f"{self.project} {self.numbers}"))

    def number(self):
        self.numbers += 1
        return self.numbers

    def line(self):
        return f"fn(state => ({{ ...state, {self.random.choice(['a', 'b', 'c'])}{self.number()}: true }}));\n"

    def body(self):
        text = "".join(self.line() for _ in range(self.random.randint(2, 12)))
        # Some have no line end at their end, and some an empty line.
        return self.random.choice([text, text, text, text[:-1], "// Überblick\n\n" + text])

    def any(self, model):
        """A change of what the model has now; None where there is nothing of the kind."""
        kinds = [(self.edit_body, 34), (self.rename_job, 9), (self.change_adaptor, 9), (self.add_job, 12),
                 (self.remove_job, 6), (self.change_edge, 9), (self.change_trigger, 9), (self.rename_workflow, 3),
                 (self.add_workflow, 5), (self.remove_workflow, 3)]
        make = self.random.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        return make(model)

    def some_job(self, model):
        jobs = model.jobs()
        return self.random.choice(jobs) if jobs else None

    def edit_body(self, model):
        place = self.some_job(model)
        if place is None:
            return None
        workflow, job = place
        line, where, kind = self.line(), self.random.random(), self.random.random()

        def change(model):
            each = model.workflows.get(workflow, {"jobs": {}})["jobs"].get(job)
            if each is None:
                return False
            lines = each["body"].splitlines(keepends=True)
            at = int(where * len(lines))
            if kind < 0.5 or len(lines) < 3:
                if lines and not lines[-1].endswith("\n") and at == len(lines):
                    lines[-1] += "\n"
                lines.insert(at, line)
            elif kind < 0.85:
                lines[at] = line
            else:
                del lines[at]
            each["body"] = "".join(lines)
            return True

        return f"Change {job}", change

    def rename_job(self, model):
        place = self.some_job(model)
        if place is None:
            return None
        workflow, job = place
        if not model.workflows[workflow]["jobs"][job]["known"]:
            return None
        name = f"{self.random.choice(VERBS)} {self.random.choice(NOUNS)} {self.number()}"

        def change(model):
            each = model.workflows.get(workflow)
            if each is None or job not in each["jobs"]:
                return False
            each["jobs"][job]["name"] = name
            # The key follows the name, at its place.
            each["jobs"] = {hyphenated(name) if key == job else key: value for key, value in each["jobs"].items()}
            for edge in each["edges"]:
                for end in ("source", "target"):
                    if edge[end] == job:
                        edge[end] = hyphenated(name)
            return True

        return f"Rename {job} to {name}", change

    def change_adaptor(self, model):
        place = self.some_job(model)
        if place is None:
            return None
        workflow, job = place
        adaptor = self.random.choice(ADAPTORS)

        def change(model):
            each = model.workflows.get(workflow, {"jobs": {}})["jobs"].get(job)
            if each is None or each["adaptor"] == adaptor:
                return False
            each["adaptor"] = adaptor
            return True

        return f"{job} with {adaptor}", change

    def new_job(self, known):
        name = f"{self.random.choice(VERBS)} {self.random.choice(NOUNS)} {self.number()}"
        return {"name": name, "id": self.new_id(), "known": known, "adaptor": self.random.choice(ADAPTORS),
                "body": self.body(), "in_file": self.random.random() < 0.5}

    def add_job(self, model):
        if not model.workflows:
            return None
        workflow = self.random.choice(list(model.workflows))
        if len(model.workflows[workflow]["jobs"]) > 8:
            return None
        job = self.new_job(self.random.random() < 0.8)
        where, edge_id, condition = self.random.random(), self.new_id(), self.condition()

        def change(model):
            each = model.workflows.get(workflow)
            if each is None:
                return False
            key = hyphenated(job["name"])
            sources = list(each["jobs"])
            source = sources[int(where * len(sources))] if sources else None
            known = job["known"] and each["known"]
            edge = {"id": edge_id, "known": known, "target": key, "enabled": True}
            each["jobs"][key] = {**job, "known": known}
            if source is None:
                each["edges"].append({**edge, "source": None, "condition_type": "always"})
            else:
                each["edges"].append({**edge, "source": source, **condition})
            return True

        return f"Add {job['name']}", change

    def remove_job(self, model):
        place = self.some_job(model)
        if place is None or len(model.workflows[place[0]]["jobs"]) < 3:
            return None
        workflow, job = place

        def change(model):
            each = model.workflows.get(workflow)
            if each is None or job not in each["jobs"] or len(each["jobs"]) < 2:
                return False
            del each["jobs"][job]
            each["edges"] = [edge for edge in each["edges"] if job not in (edge["source"], edge["target"])]
            return True

        return f"Remove {job}", change

    def condition(self):
        kind = self.random.choice(["on_job_success", "on_job_failure", "always", "js_expression"])
        if kind == "js_expression":
            return {"condition_type": kind, "condition_expression": f"state.data.n > {self.number()}",
                    "condition_label": f"more than {self.number()}"}
        return {"condition_type": kind}

    def change_edge(self, model):
        edges = [(workflow, edge["id"]) for workflow, each in model.workflows.items() for edge in each["edges"]
                 if edge["source"] is not None]
        if not edges:
            return None
        workflow, edge_id = self.random.choice(edges)
        condition, toggles = self.condition(), self.random.random() < 0.3

        def change(model):
            for edge in model.workflows.get(workflow, {"edges": []})["edges"]:
                if edge["id"] == edge_id:
                    if toggles:
                        edge["enabled"] = not edge["enabled"]
                    else:
                        for key in ("condition_type", "condition_expression", "condition_label"):
                            edge.pop(key, None)
                        edge.update(condition)
                    return True
            return False

        return "Change when it goes on", change

    def change_trigger(self, model):
        if not model.workflows:
            return None
        workflow = self.random.choice(list(model.workflows))
        minute, enabled = self.random.randint(0, 59), self.random.random() < 0.7
        becomes_cron = self.random.random() < 0.5

        def change(model):
            each = model.workflows.get(workflow)
            if each is None:
                return False
            trigger = each["trigger"]
            before = dict(trigger)
            trigger["enabled"] = enabled
            # What a state file doesn't know keeps its type, by which it is found again.
            if trigger["known"]:
                trigger["type"] = "cron" if becomes_cron else "webhook"
            trigger.pop("cron_expression", None)
            if trigger["type"] == "cron":
                trigger["cron_expression"] = f"{minute} 6 * * 1"
            return trigger != before

        return f"Change what starts {workflow}", change

    def rename_workflow(self, model):
        known = [key for key, each in model.workflows.items() if each["known"]]
        if not known:
            return None
        workflow = self.random.choice(known)
        name = f"{self.random.choice(NOUNS)} {self.number()}"

        def change(model):
            if workflow not in model.workflows:
                return False
            model.workflows[workflow]["name"] = name
            model.workflows = {
                hyphenated(name) if key == workflow else key: each for key, each in model.workflows.items()}
            return True

        return f"Rename {workflow} to {name}", change

    def add_workflow(self, model):
        if len(model.workflows) > 9:
            return None
        known = self.random.random() < 0.8
        name = f"{self.random.choice(NOUNS)} {self.number()}"
        first, second = self.new_job(known), self.new_job(known)
        kind = self.random.choice(["webhook", "cron"])
        trigger = {"id": self.new_id(), "known": known, "type": kind, "enabled": True}
        if kind == "cron":
            trigger["cron_expression"] = "0 23 * * *"
        keys = [hyphenated(first["name"]), hyphenated(second["name"])]
        workflow = {
            "id": self.new_id(), "name": name, "known": known, "trigger": trigger, "jobs": dict(zip(keys, [first, second])),
            "edges": [
                {"id": self.new_id(), "known": known, "source": None, "target": keys[0], "condition_type": "always",
                 "enabled": True},
                {"id": self.new_id(), "known": known, "source": keys[0], "target": keys[1], "enabled": True,
                 **self.condition()}]}

        def change(model):
            model.workflows[hyphenated(name)] = copy.deepcopy(workflow)
            return True

        return f"Add {name}", change

    def remove_workflow(self, model):
        if len(model.workflows) < 3:
            return None
        workflow = self.random.choice(list(model.workflows))

        def change(model):
            return model.workflows.pop(workflow, None) is not None

        return f"Remove {workflow}", change


class Files:
    """The files of a model."""

    def __init__(self, project, name):
        self.project, self.name = project, name

    def of(self, model, readme):
        prefix = f"openfn-{self.project}"
        files = {
            "README.md": readme,
            f"{prefix}-config.json": json.dumps({
                "endpoint": "https://app.example.com", "statePath": f"{prefix}-state.json",
                "specPath": f"{prefix}-spec.yaml"}, indent=2) + "\n",
            f"{prefix}-state.json": json.dumps(self.state(model), indent=2, ensure_ascii=False) + "\n"}
        files[f"{prefix}-spec.yaml"] = self.spec(model, files)
        return files

    def state(self, model):
        workflows = {}
        for key, each in model.workflows.items():
            if not each["known"]:
                continue
            trigger = each["trigger"]
            workflows[key] = {
                "id": each["id"], "name": each["name"],
                "jobs": {name: {"id": job["id"], "name": job["name"]} for name, job in each["jobs"].items() if job["known"]},
                "triggers": {trigger["type"]: {"id": trigger["id"], "type": trigger["type"]}} if trigger["known"] else {},
                "edges": {self.edge_key(each, edge): {"id": edge["id"]} for edge in each["edges"] if edge["known"]}}
        return {"id": self.project, "name": self.name, "workflows": workflows, "collections": {}, "project_credentials": {}}

    def edge_key(self, workflow, edge):
        return f"{edge['source'] or workflow['trigger']['type']}->{edge['target']}"

    def spec(self, model, files):
        out = [f"name: {text(self.name)}", "description: |", "  Made for tests", "workflows:"]
        for key, each in model.workflows.items():
            out += [f"  {text(key)}:", f"    name: {text(each['name'])}", "    jobs:"]
            for name, job in each["jobs"].items():
                out += [f"      {text(name)}:", f"        name: {text(job['name'])}", f"        adaptor: {text(job['adaptor'])}",
                        "        credential: null"]
                if job["in_file"]:
                    path = f"workflows/{each['id']}/{job['id']}.js"
                    files[path] = job["body"]
                    out += ["        body:", f"          path: {text('./' + path if len(name) % 2 else path)}"]
                else:
                    out += block("        body", job["body"])
            trigger = each["trigger"]
            out += ["    triggers:", f"      {trigger['type']}:", f"        type: {trigger['type']}"]
            if "cron_expression" in trigger:
                out += [f"        cron_expression: {text(trigger['cron_expression'])}"]
            out += [f"        enabled: {str(trigger['enabled']).lower()}", "    edges:"]
            for edge in each["edges"]:
                source = f"source_job: {text(edge['source'])}" if edge["source"] else f"source_trigger: {trigger['type']}"
                out += [f"      {text(self.edge_key(each, edge))}:", f"        {source}",
                        f"        target_job: {text(edge['target'])}", f"        condition_type: {edge['condition_type']}"]
                for field in ("condition_label", "condition_expression"):
                    if field in edge:
                        out += [f"        {field}: {text(edge[field])}"]
                out += [f"        enabled: {str(edge['enabled']).lower()}"]
            if not each["edges"]:
                out[-1] = "    edges: {}"
        return "\n".join(out) + "\n"

    def rows(self, model):
        def identity(each):
            return each["id"] if each["known"] else None

        workflows = []
        for each in model.workflows.values():
            names = {key: job["name"] for key, job in each["jobs"].items()}
            trigger = each["trigger"]
            workflows.append({
                "id": identity(each), "name": each["name"],
                "jobs": [{"id": identity(job), "name": job["name"], "adaptor": job["adaptor"], "body": job["body"]}
                         for job in each["jobs"].values()],
                "triggers": [{"id": identity(trigger), "type": trigger["type"], "enabled": trigger["enabled"],
                              "cron_expression": trigger.get("cron_expression")}],
                "edges": [{"id": identity(edge), "source": names[edge["source"]] if edge["source"] else trigger["type"],
                           "target": names[edge["target"]], "condition_type": edge["condition_type"],
                           "condition_expression": edge.get("condition_expression"),
                           "condition_label": edge.get("condition_label"), "enabled": edge["enabled"]}
                          for edge in each["edges"]]})
        return workflows


def text(value):
    """A scalar as YAML reads it in any case: plain where that is safe, else as JSON, which is YAML."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_ /.-]*[A-Za-z0-9]", value) and value.lower() not in ("true", "false", "null", "yes", "no", "on", "off"):
        return value
    return json.dumps(value, ensure_ascii=False)


def block(key, value):
    """A text of several lines."""
    indent = " " * (len(key) - len(key.lstrip()) + 2)
    lines = value.split("\n")
    if not value.strip() or value.startswith((" ", "\n")) or value.endswith("\n\n"):
        return [f"{key}: {json.dumps(value, ensure_ascii=False)}"]
    head = "|" if value.endswith("\n") else "|-"
    body = lines[:-1] if value.endswith("\n") else lines
    return [f"{key}: {head}"] + [indent + line if line else "" for line in body]


class History:
    """Writes commits to `git fast-import`."""

    def __init__(self, repository, files, seed):
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", repository], check=True)
        self.git = subprocess.Popen(
            ["git", "fast-import", "--quiet", "--force", "--done"], cwd=repository, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        self.files, self.marks, self.random = files, 0, random.Random(seed + 1)

    def write(self, data):
        self.git.stdin.write(data if isinstance(data, bytes) else data.encode())

    def data(self, value):
        value = value.encode()
        self.write(f"data {len(value)}\n")
        self.write(value + b"\n")

    def commit(self, branch, message, model, readme, parents):
        self.marks += 1
        name, email = self.random.choice(AUTHORS)
        self.write(f"commit refs/heads/{branch}\nmark :{self.marks}\n")
        for role in ("author", "committer"):
            self.write(f"{role} {name} <{email}> {START + 3600 * self.marks} +0100\n")
        self.data(message + "\n")
        if parents:
            self.write(f"from :{parents[0]}\n" + "".join(f"merge :{parent}\n" for parent in parents[1:]) + "deleteall\n")
        for path, value in self.files.of(model, readme).items():
            self.write(f"M 100644 inline {path}\n")
            self.data(value)
        return self.marks

    def finish(self, marks):
        for mark in marks:
            self.write(f"get-mark :{mark}\n")
        self.write("done\n")
        self.git.stdin.close()
        ids = [line.decode().strip() for line in self.git.stdout]
        if self.git.wait() != 0:
            raise SystemExit("git fast-import failed")
        return ids


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("repository")
    arguments.add_argument("expected")
    arguments.add_argument("--count", type=int, default=300)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--project", default=str(uuid.uuid5(NAMESPACE, "project")))
    arguments.add_argument("--name", default="history")
    arguments.add_argument("--rewrite", action="store_true")
    arguments = arguments.parse_args()

    files = Files(arguments.project, arguments.name)
    history = History(arguments.repository, files, arguments.seed)
    changes = Changes(arguments.seed, arguments.project)
    dice = random.Random(arguments.seed + 2)

    def line_of(model, readme, line, count, branch):
        """Commits `count` times to a line, and returns what was committed."""
        made = []
        while len(made) < count:
            parents = line[-1:] + []
            if dice.random() < 0.12 and made:
                # What people write beside the project.
                readme += f"\nNote {changes.number()}.\n"
                message = "Write about it"
            elif dice.random() < 0.12 and len(made) > 3:
                message, model, readme, parents = merge(model, readme, made, line, branch)
            else:
                message, done = "", 0
                model = copy.deepcopy(model)
                for _ in range(dice.choice([1, 1, 1, 2, 3])):
                    change = changes.any(model) if model.workflows else changes.add_workflow(model)
                    if change is not None and change[1](model):
                        message, done = message or change[0], done + 1
                if not done:
                    continue
            mark = history.commit(branch, message, model, readme, parents)
            line.append(mark)
            made.append({"mark": mark, "message": message, "model": model, "readme": readme})
        return made

    def merge(model, readme, made, line, branch):
        """A branch from some commits ago with changes of its own, and then the merge of both."""
        start = made[-dice.randint(2, min(4, len(made)))]
        side, parent, done = copy.deepcopy(start["model"]), start["mark"], []
        for _ in range(dice.randint(1, 3)):
            change = changes.any(side)
            if change is None or not change[1](side):
                continue
            done.append(change)
            parent = history.commit("topic", change[0], side, start["readme"], [parent])
        merged = copy.deepcopy(model)
        for _, change in done:
            # Where the main line took away what the branch changed, that stays so: somebody has decided it.
            change(merged)
        return "Merge branch topic", merged, readme, [line[-1], parent] if done else [line[-1]]

    model = Model()
    for _ in range(3):
        changes.add_workflow(model)[1](model)
    line = [history.commit("main", "Begin", model, "# A project\n", [])]
    first = {"mark": line[0], "message": "Begin", "model": model, "readme": "# A project\n"}
    made = [first] + line_of(model, first["readme"], line, arguments.count - 1, "main")
    rewritten, kept = [], None
    if arguments.rewrite:
        kept = made[len(made) * 2 // 3]
        rewritten = line_of(kept["model"], kept["readme"], [kept["mark"]], max(1, len(made) // 6), "rewritten")

    commits = made + rewritten
    ids = history.finish([each["mark"] for each in commits])
    told = [{"commit": id, "message": each["message"], "workflows": files.rows(each["model"])}
            for id, each in zip(ids, commits)]
    with open(arguments.expected, "w") as file:
        json.dump({"project": arguments.project, "commits": told[: len(made)], "rewritten": told[len(made):],
                   "kept": kept and ids[commits.index(kept)]}, file)


main()

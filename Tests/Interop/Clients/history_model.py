"""What the history of a project is made of: the project as its rows are, and changes of it by chance."""

import copy
import random
import re
import uuid

ADAPTORS = ["@openfn/language-http@7.0.0", "@openfn/language-common@latest", "@openfn/language-dhis2@8.0.4"]
NOUNS = ["patients", "visits", "orders", "Größen", "reports", "households", "stock", "referrals", "lab results", "cases"]
VERBS = ["Fetch", "Send", "Clean", "Map", "Store", "Check", "Merge", "Count"]
NAMESPACE = uuid.UUID("9d7c1b52-52a5-4bd1-9a0c-5d1f6b6c2a11")


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

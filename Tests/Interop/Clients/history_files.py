"""The files in which a repository keeps a project, and the rows that they stand for."""

import json
import re


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

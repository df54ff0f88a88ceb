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
import subprocess
import uuid

from history_files import Files
from history_model import NAMESPACE, Changes, Model

AUTHORS = [("Ada Lovelace", "ada@example.com"), ("Grace Hopper", "grace@example.com"),
           ("Zoë Müller", "zoe@example.com"), ("deploy bot", "bot@example.com")]
START = 1_700_000_000


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

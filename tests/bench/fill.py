# SPDX-License-Identifier: MIT
"""fill.py plan STORE PLAN.json: records and trees for every action of a plan, as if each had been built.
fill.py records STORE COUNT: that many records in chains of ten, with a tree for every tenth.

Trees hold one file, which all of them share."""
import hashlib
import json
import os
import sys


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Store:
    def __init__(self, path):
        self.path = path
        self.shared = os.path.join(path, "tmp", "shared")
        if not os.path.exists(self.shared):
            self.seal_file(self.shared, b"content\n")
        self.content = sha256(b"content\n")

    def seal_file(self, path, data):
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, 0o444)
        os.utime(path, (1, 1))

    def tree(self, name):
        """A tree of one file of this name; its id."""
        manifest = b"f%s\0%s\0008\0" % (name.encode(), self.content.encode())
        id = sha256(manifest)
        top = os.path.join(self.path, "trees", id)
        try:
            os.mkdir(top)
        except FileExistsError:
            return id
        try:
            os.link(self.shared, os.path.join(top, name))
        except OSError:  # it has as many names as it can have
            os.unlink(self.shared)
            self.seal_file(self.shared, b"content\n")
            os.link(self.shared, os.path.join(top, name))
        os.chmod(top, 0o555)
        with open(os.path.join(self.path, "manifests", id), "wb") as file:
            file.write(manifest)
        return id

    def record(self, components, output, name):
        key = sha256(components.encode())
        text = json.dumps(
            {"version": 1, "key": key, "output": output, "name": name, "components": components,
             "wall_ms": 1, "user_ms": 1, "system_ms": 1, "peak_memory": 1, "written_bytes": 1,
             "finished": 1700000000}, indent=1)
        with open(os.path.join(self.path, "actions", key + ".json"), "w") as file:
            file.write(text + "\n")


def is_default(value):
    return value is False or value == 0 or value == [] or value == {}


def drop_defaults(value):
    if isinstance(value, list):
        return [drop_defaults(item) for item in value]
    if isinstance(value, dict):
        return {key: drop_defaults(item) for key, item in value.items() if not is_default(item)}
    return value


def components_of(action, ids, sandbox):
    body = {key: value for key, value in action.items()
            if key not in ("name", "where", "urls", "limits", "inputs", "state")}
    body = drop_defaults(body)
    if action["kind"] in ("run", "test"):
        body["sandbox"] = sandbox
    if action.get("inputs"):
        body["inputs"] = [[role, ids[index]] for role, index in action["inputs"]]
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sandbox_version():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../../sandbox/sandbox.h")) as file:
        return next(line.split('"')[1] for line in file if "define SANDBOX_VERSION" in line)


def fill_plan(store, path):
    with open(path) as file:
        plan = json.load(file)
    sandbox = sandbox_version()
    ids = []
    for number, action in enumerate(plan["actions"]):
        ids.append(store.tree("t%d" % number))
        store.record(components_of(action, ids, sandbox), ids[-1], action.get("name", ""))


def fill_records(store, count):
    output = store.tree("first")
    for number in range(count):
        components = '{"inputs":[["tree","%s"]],"kind":"filter","number":"%d"}' % (output, number)
        if number % 10 == 0:
            output = store.tree("t%d" % number)
        store.record(components, output, "record-%d" % number)


def main():
    what, path, operand = sys.argv[1:]
    store = Store(path)
    if what == "plan":
        fill_plan(store, operand)
    else:
        fill_records(store, int(operand))
    os.unlink(store.shared)


main()

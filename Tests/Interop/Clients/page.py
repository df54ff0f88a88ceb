#!/usr/bin/env python3
"""Drives the page in a real browser, against a server of its own, and checks what it shows at every step.

HEDDLE is the server's executable, SCREENSHOTS a folder for pictures (.build/page), CHROMIUM the browser (/usr/bin/chromium). Whatever is
not as told ends the script with a message and exit code 1.
"""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import urllib.request

from playwright.sync_api import expect, sync_playwright

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
HEDDLE = os.environ.get("HEDDLE", ".build/release/heddle")
SCREENSHOTS = os.environ.get("SCREENSHOTS", ".build/page")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SAMPLE = "Samples/sample-project.json"
LIMIT = 15_000
SIZES = {"desktop": (1440, 900), "tablet": (900, 1100), "phone": (390, 844)}

project = json.load(open(SAMPLE))
workflow = project["workflows"][0]
check_job, find_job = workflow["jobs"][0], workflow["jobs"][1]
expect.set_options(timeout=LIMIT)


def check(is_so, what):
    if not is_so:
        raise AssertionError(f"expected: {what}")
    print(f"   ✓ {what}", flush=True)


class Server:
    def __init__(self, folder):
        self.folder, self.address = folder, "127.0.0.1:0"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [HEDDLE, "serve", "--listen", self.address, "--data-dir", os.path.join(self.folder, "data"), "--sample", SAMPLE],
            stdout=subprocess.PIPE, stderr=open(os.path.join(self.folder, "log"), "a"), text=True)
        while select.select([self.process.stdout], [], [], 60)[0]:
            line = self.process.stdout.readline()
            if found := re.search(r"127\.0\.0\.1:[1-9]\d*", line):
                self.address = found.group()
                return
            if not line:
                break
        raise AssertionError(f"the server did not start: {open(os.path.join(self.folder, 'log')).read()[-2000:]}")

    def request(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        call = urllib.request.Request(f"http://{self.address}{path}", data=data, method=method)
        with urllib.request.urlopen(call, timeout=30) as answer:
            return json.load(answer)

    def live(self):
        return self.request("GET", f"/api/workflows/{workflow['id']}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


class Tab:
    """A tab of a person with a browser of their own."""

    def __init__(self, browser, server, name, size="desktop", scheme="light"):
        width, height = SIZES[size]
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.context.add_init_script(
            "if (!localStorage.getItem('heddle.person')) localStorage.setItem('heddle.person',"
            f" JSON.stringify({{ name: {json.dumps(name)}, color: '{'#9333ea' if name == 'Ada' else '#0f7f78'}' }}))")
        self.page = self.context.new_page()
        self.server, self.errors = server, []
        self.page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"http://{server.address}/")

    def open(self):
        self.page.get_by_role("link", name=workflow["name"]).click()
        expect(self.node(check_job)).to_be_visible()
        return self

    def node(self, job):
        return self.page.locator(f"[data-node='{job['id']}']")

    def select(self, job):
        self.node(job).click()
        return self

    @property
    def body(self):
        return self.page.get_by_role("textbox", name="Body", exact=True)

    @property
    def connection(self):
        return self.page.get_by_role("status", name="Connection")

    def field(self, label):
        return self.page.get_by_label(label, exact=True)

    def notice(self, text):
        return self.page.get_by_role("log", name="Notices").get_by_role("article").filter(has_text=text)

    def picture(self, name):
        self.page.screenshot(path=os.path.join(SCREENSHOTS, f"{name}.png"))


def two_tabs_edit(ada, ben):
    print("== Two tabs edit one body")
    for tab in (ada, ben):
        tab.open().select(check_job)
    expect(ada.page.get_by_role("list", name="People here").get_by_text("Ben")).to_be_attached()
    ben.body.focus()
    ben.page.keyboard.press("Control+Home")
    ben.page.keyboard.press("ArrowDown")
    ben.page.keyboard.type("// ben\n", delay=5)
    ada.body.focus()
    ada.page.keyboard.press("Control+Home")
    ada.page.keyboard.type("// ada\n", delay=5)
    for tab in (ada, ben):
        expect(tab.body).to_have_value(re.compile(r"^// ada\n[^\n]*\n// ben\nfn\("))
    check(True, "both have what both typed")
    ben.page.keyboard.type("+")
    expect(ada.body).to_have_value(re.compile(r"// ben\n\+fn\("))
    check(True, "the caret of one stays with its letter when the other types above it")
    expect(ada.page.locator(".caret-name", has_text="Ben")).to_be_attached()
    check(True, "one sees the caret of the other, with the name")
    while "// ben" in ben.body.input_value() or "+" in ben.body.input_value():
        before = ben.body.input_value()
        ben.page.keyboard.press("Control+z")
        check(ben.body.input_value() != before, "there is something to undo")
    expect(ada.body).to_have_value(re.compile(r"^// ada\n"))
    expect(ada.body).not_to_have_value(re.compile(r"// ben"))
    check(True, "undo takes back what one has typed oneself and nothing of the other")
    expect(ada.connection).to_have_text("Connected, all stored")
    expect(ada.page.get_by_text("unsaved change")).to_be_visible()


def nodes_are_moved(ada, ben):
    print("== A node is dragged, and moved by the keyboard")
    box = ada.node(find_job).bounding_box()
    ada.page.mouse.move(box["x"] + 90, box["y"] + 20)
    ada.page.mouse.down()
    ada.page.mouse.move(box["x"] + 30, box["y"] + 60, steps=4)
    ada.page.mouse.up()
    place = ada.node(find_job).get_attribute("transform")
    expect(ben.node(find_job)).to_have_attribute("transform", re.compile(r"translate"))
    ben.page.wait_for_function(
        "([id, x, y]) => { const [a, b] = document.querySelector(`[data-node='${id}']`).getAttribute('transform').match(/-?[\\d.]+/g).map(Number);"
        " return Math.abs(a - x) < 2 && Math.abs(b - y) < 2 }", arg=[find_job["id"], *map(float, re.findall(r"-?[\d.]+", place))])
    check(True, "the other tab shows it there")
    ada.node(find_job).focus()
    ada.page.keyboard.press("Alt+ArrowRight")
    expect(ada.node(find_job)).not_to_have_attribute("transform", place)
    ada.node(check_job).focus()
    ada.page.keyboard.press("ArrowUp")
    check(ada.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Edge: Always", "arrow keys go to the edge above")
    ada.page.keyboard.press("ArrowUp")
    check(ada.page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Webhook trigger"), "and on to the node that it comes from")
    ada.page.keyboard.press("Enter")
    expect(ada.page.get_by_role("heading", level=2, name="Webhook")).to_be_focused()
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("heading", level=2, name="Settings")).to_be_visible()
    check(ada.page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Webhook trigger"), "Enter opens a node, Esc leads back to it")


def a_save_fails_and_is_mended(ada, ben):
    print("== A save is refused, and mended")
    ada.select(find_job)
    ada.field("Name").fill("")
    ada.page.keyboard.press("Control+s")
    expect(ada.notice("Not saved")).to_be_visible()
    expect(ada.field("Name")).to_have_attribute("aria-invalid", "true")
    expect(ada.field("Name")).to_be_focused()
    described = ada.page.locator(f"#{ada.field('Name').get_attribute('aria-describedby')}")
    expect(described).not_to_be_empty()
    check(True, f"the error is at the field: {described.text_content()}")
    ada.picture("save-error")
    ada.field("Name").fill("Find the patient")
    expect(ada.field("Name")).not_to_have_attribute("aria-invalid", "true")
    ada.page.get_by_role("button", name="Save", exact=True).click()
    expect(ada.notice("Saved as version 2")).to_be_visible()
    expect(ben.page.get_by_text("Version 2 · saved")).to_be_visible()
    check(not ada.server.live()["dirty"], "it is saved, and both tabs say so")


def an_import_arrives(ada, ben):
    print("== An import meets what is not saved")
    ada.select(check_job)
    ada.field("Name").fill("Check it")
    expect(ben.node(check_job)).to_have_attribute("aria-label", re.compile("Job Check it.*not saved"))
    expect(ada.connection).to_have_text("Connected, all stored")
    changed = json.loads(json.dumps(ada.server.live()["data"]))
    theirs = next(job for job in changed["jobs"] if job["id"] == check_job["id"])
    theirs["name"] = "Check everything"
    theirs["body"] = theirs["body"] + "// imported\n"
    ada.server.request("POST", "/api/provision", {**project, "workflows": [{
        "id": workflow["id"], "jobs": [{key: job[key] for key in ("id", "name", "adaptor", "body")} for job in changed["jobs"]]}]})
    for tab in (ada, ben):
        expect(tab.notice("An import changed 2 things")).to_contain_text("Check everything: body, name")
        expect(tab.page.get_by_role("tab", name="Conflicts, 1 open")).to_be_visible()
    expect(ada.body).to_have_value(re.compile(r"// imported\n$"))
    check(True, "both tabs are told what it changed, and of the conflict")
    ada.picture("import")
    ada.notice("An import").get_by_role("button", name="1 conflict to decide").click()
    conflict = ada.page.get_by_role("listitem", name="Conflict: Check everything: name")
    expect(conflict.get_by_role("region", name="Edited here")).to_contain_text("Check it")
    expect(conflict.get_by_role("region", name="From the import")).to_contain_text("stands now")
    ada.picture("conflict")
    conflict.get_by_role("button", name="Keep the edit").click()
    expect(ada.page.get_by_role("heading", name="Nothing to decide")).to_be_visible()
    for tab in (ada, ben):
        expect(tab.node(check_job)).to_have_attribute("aria-label", re.compile("^Job Check it,"))
        expect(tab.page.get_by_role("tab", name="Conflicts", exact=True)).to_be_visible()
    check(True, "one click decides it for both")


def an_import_is_taken_back(ada):
    print("== The import is taken back")
    ada.page.keyboard.press("Control+s")
    expect(ada.notice("Saved as version 4")).to_be_visible()
    ada.page.get_by_role("tab", name="History").click()
    ada.page.get_by_role("button", name="Take back: An import").first.click()
    expect(ada.notice("Taken back")).to_contain_text("1 change undone; unsaved edits stayed. 1 thing was changed since and stayed.")
    ada.picture("history")
    ada.select(check_job)
    expect(ada.body).not_to_have_value(re.compile("// imported"))
    expect(ada.field("Name")).to_have_value("Check it")
    check(True, "what it brought is gone, and what people chose stays")


def the_server_is_lost_and_found(ada, ben):
    print("== The server is lost and found")
    ada.select(check_job)
    expect(ada.connection).to_have_text("Connected, all stored")
    ada.server.stop()
    expect(ada.connection).to_contain_text("Reconnecting")
    ada.body.focus()
    ada.page.keyboard.press("Control+Home")
    ada.page.keyboard.type("// offline\n")
    expect(ada.connection).to_contain_text("kept here")
    ada.picture("reconnecting")
    ada.server.start()
    expect(ada.connection).to_have_text("Connected, all stored")
    ben.select(check_job)
    expect(ben.body).to_have_value(re.compile("^// offline\n"))
    check(True, "what was typed meanwhile arrives, and is stored")


def the_server_cannot_store(browser, server):
    print("== The server cannot store")
    cleo = Tab(browser, server, "Cleo")

    def unacknowledged(route):
        upstream = route.connect_to_server()
        upstream.on_message(lambda message: isinstance(message, bytes) and message[0] == 102 or route.send(message))
        route.on_message(upstream.send)

    cleo.page.route_web_socket(re.compile("/collab/"), unacknowledged)
    cleo.page.route("**/readyz", lambda route: route.fulfill(status=503, body="no"))
    cleo.open().select(find_job)
    cleo.body.press("x")
    expect(cleo.connection).to_have_text("The server cannot store; 1 edit kept here")
    cleo.body.press("Backspace")
    check(True, "it is said plainly, with how much is not stored")
    cleo.context.close()


def a_document_is_made_anew(ada):
    print("== The document is made anew while a tab has edits of its own")
    ada.select(check_job)
    expect(ada.connection).to_have_text("Connected, all stored")
    ada.server.stop()
    expect(ada.connection).to_contain_text("Reconnecting")
    ada.body.focus()
    ada.page.keyboard.press("Control+Home")
    ada.page.keyboard.type("// only here\n")
    done = subprocess.run(
        [HEDDLE, "doctor", "--renew", workflow["id"], "--data-dir", os.path.join(ada.server.folder, "data")],
        capture_output=True, text=True, timeout=60)
    check(done.returncode == 0, f"the document is renewed {done.stderr[-500:] if done.returncode else ''}")
    ada.server.start()
    expect(ada.notice("This document was made anew")).to_contain_text("What only this tab had is kept")
    expect(ada.connection).to_have_text("Connected, all stored")
    expect(ada.body).not_to_have_value(re.compile("// only here"))
    check(True, "the tab opens what there is now, with the same job")
    ada.notice("made anew").get_by_role("button", name="Show it").click()
    ada.page.get_by_role("listitem", name="Edits of an old tab").get_by_role("button", name="Merge them").click()
    expect(ada.page.get_by_role("heading", name="Nothing to decide")).to_be_visible()
    ada.select(check_job)
    expect(ada.body).to_have_value(re.compile("^// only here\n"))
    check(True, "one click merges what only it had")


def edits_are_given_up(ada):
    print("== Reset")
    ada.page.get_by_role("button", name="Reset", exact=True).click()
    ada.page.get_by_role("dialog", name="Give up what is not saved?").get_by_role("button", name="Give up").click()
    expect(ada.body).not_to_have_value(re.compile("// offline"))
    expect(ada.page.get_by_text(re.compile(r"Version \d+ · saved"))).to_be_visible()
    check(not ada.server.live()["dirty"], "the document is what was saved")


def jobs_come_and_go(ada, ben):
    print("== A job is added, and deleted")
    ada.select(find_job)
    ada.page.get_by_role("button", name="Add a job behind this").click()
    ada.field("Name").fill("Tell the clinic")
    added = ben.page.get_by_role("button", name=re.compile("^Job Tell the clinic"))
    expect(added).to_be_visible()
    ada.page.get_by_role("button", name="Save", exact=True).click()
    expect(ben.page.get_by_text(re.compile(r"Version \d+ · saved"))).to_be_visible()
    ada.page.get_by_role("button", name="Delete this job").click()
    expect(added).to_have_count(0)
    ada.page.get_by_role("button", name="Save", exact=True).click()
    expect(ben.page.get_by_text(re.compile(r"Version \d+ · saved"))).to_be_visible()
    names = [job["name"] for job in ada.server.live()["data"]["jobs"]]
    check("Tell the clinic" not in names and len(names) == len(workflow["jobs"]), "the server has it so")


def it_can_be_read_out(ada):
    print("== Landmarks and names")
    tree = ada.page.locator("body").aria_snapshot()
    for part in ["banner", "main", "complementary", "region \"Diagram\"", "log \"Notices\"", "heading \"Register patients\" [level=1]",
                 "tablist \"Panel\"", "toolbar \"View\"", "status \"Connection\"", "textbox \"Body\"", "link \"Heddle: all projects\""]:
        check(part in tree, f"there is a {part}")
    nameless = ada.page.evaluate(
        "[...document.querySelectorAll('button, input, select, textarea, a')].filter((each) => each.checkVisibility() &&"
        " !(each.getAttribute('aria-label') || each.textContent.trim() || each.labels?.length)).map((each) => each.outerHTML)")
    check(nameless == [], f"everything that can be used has a name {nameless}")


def pictures(browser, server):
    print("== Pictures")
    for size in SIZES:
        for scheme in ("light", "dark"):
            tab = Tab(browser, server, "Grace", size, scheme)
            expect(tab.page.get_by_role("link", name=workflow["name"])).to_be_visible()
            tab.picture(f"projects-{size}-{scheme}")
            tab.open()
            expect(tab.connection).to_have_text("Connected, all stored")
            tab.picture(f"workflow-{size}-{scheme}")
            tab.select(find_job)
            expect(tab.body).to_be_visible()
            tab.page.wait_for_function("() => document.getAnimations().every((each) => each.playState !== 'running')")
            tab.picture(f"job-{size}-{scheme}")
            width = tab.page.evaluate("document.documentElement.scrollWidth")
            check(width <= SIZES[size][0], f"{size}, {scheme}: nothing is wider than the screen")
            check(tab.errors == [], f"no errors {tab.errors}")
            tab.context.close()


def play(browser, server):
    ada, ben = Tab(browser, server, "Ada"), Tab(browser, server, "Ben")
    try:
        two_tabs_edit(ada, ben)
        nodes_are_moved(ada, ben)
        a_save_fails_and_is_mended(ada, ben)
        an_import_arrives(ada, ben)
        an_import_is_taken_back(ada)
        it_can_be_read_out(ada)
        jobs_come_and_go(ada, ben)
        the_server_is_lost_and_found(ada, ben)
        the_server_cannot_store(browser, server)
        edits_are_given_up(ada)
        a_document_is_made_anew(ada)
        # What a browser says by itself of requests that fail here on purpose is no error of the page.
        expected = re.compile(r"WebSocket connection to|ERR_CONNECTION|status of 422|WebSocket is closed")
        for tab in (ada, ben):
            check([each for each in tab.errors if not expected.search(each)] == [], f"no errors in the console but those {[each for each in tab.errors if not expected.search(each)]}")
        pictures(browser, server)
    except Exception:
        for name, tab in (("ada", ada), ("ben", ben)):
            tab.picture(f"failed-{name}")
            print(name, tab.errors, flush=True)
        raise


def main():
    os.makedirs(SCREENSHOTS, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="heddle-page-")
    server = None
    try:
        server = Server(folder)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            play(browser, server)
            browser.close()
    except Exception:
        traceback.print_exc(file=sys.stdout)
        return 1
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""People edit, import, save, lose the server and find it again."""

import json
import re

from page_support import Tab, check, check_job, expect, find_job, project, workflow


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
    expect(ben.node(find_job)).to_have_attribute("aria-label", re.compile("1 error"))
    ben.select(find_job)
    expect(ben.field("Name")).to_have_attribute("aria-invalid", "true")
    check(True, "and there for everybody")
    ada.picture("save-error")
    ada.field("Name").fill("Find the patient")
    for tab in (ada, ben):
        expect(tab.field("Name")).not_to_have_attribute("aria-invalid", "true")
    check(True, "it goes where somebody mends the field")
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


def edges_are_drawn(ada, ben):
    print("== An edge is drawn between two nodes")
    upload, report = workflow["jobs"][2], workflow["jobs"][3]
    ada.page.get_by_role("button", name="Arrange the nodes").click()
    ada.node(upload).hover()
    box = ada.node(upload).locator(".handle").bounding_box()
    ada.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    ada.page.mouse.down()
    to = ada.node(report).bounding_box()
    ada.page.mouse.move(to["x"] + 120, to["y"] + 90, steps=3)
    ada.page.mouse.move(to["x"] + 120, to["y"] + 20, steps=3)
    ada.picture("new-edge")
    ada.page.mouse.up()
    name = f"{upload['name']} → {report['name']}"
    expect(ada.page.get_by_role("heading", name=name)).to_be_focused()
    expect(ben.node(upload)).to_have_attribute("aria-label", re.compile(f"leads to {report['name']} on success"))
    check(True, "with the pointer, from the handle of one to the other")
    ada.page.get_by_role("button", name="Delete this edge").click()
    expect(ben.node(upload)).not_to_have_attribute("aria-label", re.compile("leads to"))
    ada.page.keyboard.press("Escape")
    ada.node(upload).focus()
    ada.page.keyboard.press("Enter")
    choice = ada.page.get_by_label("Lead on to")
    check(choice.locator("option").all_text_contents() == ["Lead on to…", report["name"]], "it cannot lead back")
    choice.focus()
    ada.page.keyboard.press("ArrowDown")
    expect(ada.page.get_by_role("heading", name=name)).to_be_focused()
    expect(ben.node(upload)).to_have_attribute("aria-label", re.compile(f"leads to {report['name']}"))
    check(True, "and by the keyboard")
    conditions = ada.field("Condition").locator("option")
    expect(conditions).to_have_count(4)
    ada.page.get_by_role("button", name="Delete this edge").click()
    ada.page.get_by_label("Edge: Always").focus()
    ada.page.keyboard.press("Enter")
    expect(conditions).to_have_text(["Always", "When an expression holds"])
    check(True, "an edge from a trigger has no condition about success")


def a_letter_is_composed(ada, ben):
    print("== A letter is composed while another person types")
    for tab in (ada, ben):
        tab.select(check_job)
    ada.body.focus()
    ada.page.keyboard.press("Control+Home")
    keyboard = ada.context.new_cdp_session(ada.page)
    keyboard.send("Input.imeSetComposition", {"text": "に", "selectionStart": 1, "selectionEnd": 1})
    expect(ben.body).to_have_value(re.compile("^に"))
    ben.body.focus()
    ben.page.keyboard.press("Control+Home")
    ben.page.keyboard.type("// ben\n")
    expect(ben.connection).to_have_text("Connected, all stored")
    keyboard.send("Input.imeSetComposition", {"text": "にほ", "selectionStart": 2, "selectionEnd": 2})
    keyboard.send("Input.insertText", {"text": "日本"})
    for tab in (ada, ben):
        expect(tab.body).to_have_value(re.compile("^// ben\n日本"))
    check(True, "both have what both typed, and the composed letters once")
    ada.page.keyboard.type("!")
    for tab in (ada, ben):
        expect(tab.body).to_have_value(re.compile("^// ben\n日本!"))
    check(True, "and the caret is behind them")
    for _ in range(8):
        ada.page.keyboard.press("Control+z")
    expect(ben.body).to_have_value(re.compile("^// ben\n(?![日に])"))
    check(True, "undo takes back what was composed")


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
    ada.server.command("doctor", "--renew", workflow["id"])
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
    ada.can_be_read_out(
        "banner", "main", "complementary", "region \"Diagram\"", "log \"Notices\"", "heading \"Register patients\" [level=1]",
        "tablist \"Panel\"", "toolbar \"View\"", "status \"Connection\"", "textbox \"Body\"", "link \"Heddle: all projects\"")


def a_new_workflow_is_saved(browser, server):
    print("== A new workflow")
    eve, dan = Tab(browser, server, "Eve"), Tab(browser, server, "Dan")
    eve.page.get_by_role("button", name=f"New workflow in {project['name']}").click()
    expect(eve.page.get_by_text("Not saved yet", exact=True)).to_be_visible()
    expect(eve.page.get_by_role("button", name="Reset", exact=True)).to_be_disabled()
    expect(dan.page.get_by_role("link", name="Untitled workflow")).to_contain_text("Not saved yet", timeout=15_000)
    eve.field("Name").fill("Intake")
    eve.page.get_by_role("button", name="Add a trigger").click()
    expect(eve.page.get_by_role("heading", level=2, name="Webhook")).to_be_focused()
    eve.page.get_by_role("button", name="Add a job behind this").click()
    eve.field("Name").fill("Take it in")
    expect(eve.connection).to_have_text("Connected, all stored")
    eve.page.get_by_role("button", name="Save", exact=True).click()
    expect(eve.notice("Saved as version 1")).to_be_visible()
    saved = server.request("GET", f"/api/workflows/{eve.page.url.split('/')[-1]}/versions/1")["data"]
    expect(dan.page.get_by_role("link", name="Intake")).to_contain_text("version 1", timeout=15_000)
    check([job["name"] for job in saved["jobs"]] == ["Take it in"] and len(saved["edges"]) == 1, "it gets a trigger and a job, and is saved for the first time")
    for tab in (eve, dan):
        tab.has_no_errors()
        tab.context.close()


def pictures(browser, server):
    print("== Pictures")
    tab = Tab(browser, server, "Grace")
    expect(tab.page.get_by_role("link", name=workflow["name"])).to_be_visible()
    tab.pictures("projects")
    tab.open()
    expect(tab.connection).to_have_text("Connected, all stored")
    tab.pictures("workflow")
    tab.select(find_job)
    expect(tab.body).to_be_visible()
    tab.pictures("job")
    tab.has_no_errors()
    tab.context.close()


def play(browser, stage):
    server = stage.server()
    ada, ben = stage.open(server, "Ada"), stage.open(server, "Ben")
    two_tabs_edit(ada, ben)
    nodes_are_moved(ada, ben)
    a_save_fails_and_is_mended(ada, ben)
    an_import_arrives(ada, ben)
    an_import_is_taken_back(ada)
    it_can_be_read_out(ada)
    jobs_come_and_go(ada, ben)
    edges_are_drawn(ada, ben)
    a_letter_is_composed(ada, ben)
    the_server_is_lost_and_found(ada, ben)
    the_server_cannot_store(browser, server)
    edits_are_given_up(ada)
    a_document_is_made_anew(ada)
    for tab in (ada, ben):
        tab.has_no_errors("WebSocket connection to", "ERR_CONNECTION", "status of 422", "WebSocket is closed")
    a_new_workflow_is_saved(browser, server)
    pictures(browser, server)

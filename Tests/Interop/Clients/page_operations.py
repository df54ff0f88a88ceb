"""What those see who run the server."""

import json

from page_access import set_up, token_of
from page_support import check, check_job, expect, project, workflow


def rooms_are_shown(ada, ben, root):
    print("== Operations")
    root.page.get_by_label("You", exact=True).click()
    root.page.get_by_role("link", name="Rooms and members of this server").click()
    expect(root.page.get_by_role("heading", name="Operations", level=1)).to_be_visible()
    row = root.page.get_by_role("row").filter(has_text=workflow["name"])
    expect(row).to_be_visible()
    check(cell(row, "Unsaved") == "no" and cell(row, "Conflicts") == "0", "a room is shown with what is not saved")
    members = row.get_by_role("button", name=f"2 members of {workflow['name']}")
    members.click()
    expect(members).to_have_attribute("aria-expanded", "true")
    expect(members).to_be_focused()
    listed = root.page.locator("tr.members")
    for name in ("Ada", "Ben"):
        expect(listed).to_contain_text(name)
    check(True, "with its members")
    sequence = int(cell(row, "Log"))
    ada.select(check_job)
    ada.field("Name").fill("Check it")
    expect(row.locator("[data-label=Unsaved]")).to_have_text("yes")
    check(int(cell(row, "Log")) > sequence, "it is renewed by itself")
    check(cell(row, "Size").endswith("KiB"), f"with how large it is: {cell(row, 'Size')}")
    return row


def cell(row, label):
    return row.locator(f"[data-label='{label}']").text_content()


def merges_are_shown(server, root):
    server.request("POST", "/api/provision", {**project, "workflows": [{"id": workflow["id"], "jobs": [
        {**{key: job[key] for key in ("id", "name", "adaptor", "body")}, "name": "Check everything" if job["id"] == check_job["id"] else job["name"]}
        for job in workflow["jobs"]]}]})
    merged = root.page.get_by_role("region", name="Lately merged").get_by_role("listitem").first
    expect(merged).to_contain_text("An import")
    expect(merged).to_contain_text("1 conflict")
    check(True, "what was merged lately")
    root.can_be_read_out("main", "heading \"Operations\" [level=1]", "table", "region \"Rooms\"", "region \"Lately merged\"")
    root.pictures("operations")


def trouble_is_seen(root, row):
    print("== Trouble")

    def in_trouble(route):
        answer = route.fetch()
        rooms = answer.json()
        rooms["server"].update(lagging_connections=1, database_reachable=False, queued_bytes=2_000_000)
        room = rooms["data"][0]
        room.update(behind=3, pending_updates=12)
        room["bytes"]["pending"] = 5000
        room["members"][0].update(lagging=True, queued_bytes=1_048_576)
        route.fulfill(response=answer, body=json.dumps(rooms))

    root.page.route("**/api/rooms*", in_trouble)
    root.page.route("**/api/reconciliations*", lambda route: route.fulfill(status=503, json={"errors": {"base": ["the database cannot be reached"]}}))
    expect(row).to_contain_text("1 slow")
    expect(row).to_contain_text("3 behind")
    expect(row).to_contain_text("12 updates, 4.9 KiB")
    expect(root.page.locator(".tile.bad")).to_have_count(2)
    expect(root.page.locator("tr.members")).to_contain_text("1.0 MiB to be sent")
    expect(root.page.get_by_text("The database cannot be reached")).to_be_visible()
    expect(root.page.get_by_role("region", name="Lately merged").get_by_role("listitem").first).to_be_visible()
    check(True, "slow members, what waits, and that the database is away")
    root.picture("operations-trouble")
    root.page.unroute("**/api/rooms*")
    root.page.route("**/api/rooms*", lambda route: route.abort())
    expect(root.page.get_by_text("The server cannot be reached; as of")).to_be_visible()
    expect(row).to_be_visible()
    check(True, "where the server does not answer, the last that it said, and when")


def others_see_nothing(stage):
    print("== Who may see it, where tokens are wanted")
    server = stage.server("--require-tokens")
    set_up(server)
    root = stage.open(server, "Root", path=f"/#token={token_of(server, 'Root')}")
    expect(root.page.get_by_text("There are no projects for you yet")).to_be_visible()
    root.page.get_by_label("You", exact=True).click()
    root.page.get_by_role("link", name="Rooms and members of this server").click()
    expect(root.page.get_by_text("Nobody has a document open here")).to_be_visible()
    check(True, "a superuser does")
    ada = stage.open(server, "Ada", path=f"/#token={token_of(server, 'Ada')}")
    expect(ada.page.get_by_role("link", name=workflow["name"])).to_be_visible()
    ada.page.goto(f"http://{server.address}/#/operations")
    expect(ada.page.get_by_role("status").filter(has_text="You don't have permission")).to_be_visible()
    check(True, "an editor does not, and is told")
    root.has_no_errors()


def play(browser, stage):
    server = stage.server()
    ada, ben, root = (stage.open(server, name) for name in ("Ada", "Ben", "Root"))
    ada.open()
    ben.open()
    row = rooms_are_shown(ada, ben, root)
    merges_are_shown(server, root)
    trouble_is_seen(root, row)
    root.has_no_errors("ERR_FAILED", "status of 503")
    others_see_nothing(stage)

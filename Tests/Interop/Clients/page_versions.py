"""Saved versions are listed, opened, compared and gone back to."""

import re

from page_support import check, check_job, expect, find_job, workflow


def history(tab):
    tab.page.get_by_role("tab", name="History").click()
    return tab.page.get_by_role("tabpanel", name="History")


def versions_are_made(ada):
    ada.select(check_job)
    ada.field("Name").fill("Check twice")
    ada.body.fill(check_job["body"].replace("name is missing", "a name is missing") + "// more\n")
    save(ada, 2)
    ada.page.get_by_role("button", name="Add a job behind this").click()
    ada.field("Name").fill("Tell the clinic")
    save(ada, 3)


def save(ada, version):
    expect(ada.connection).to_have_text("Connected, all stored")
    ada.page.keyboard.press("Control+s")
    expect(ada.notice(f"Saved as version {version}")).to_be_visible()


def versions_are_listed(ada):
    print("== Versions are listed")
    panel = history(ada)
    listed = panel.get_by_role("listitem", name=re.compile(r"^Version \d+$"))
    expect(listed).to_have_count(3)
    check([each.get_attribute("aria-label") for each in listed.all()] == ["Version 3", "Version 2", "Version 1"], "newest first")
    expect(listed.first).to_contain_text("latest")
    expect(listed.nth(1)).to_contain_text("A save")
    expect(listed.nth(1).get_by_role("time")).to_have_text("just now")
    expect(listed.last).to_contain_text("Who made it is not recorded")
    expect(listed.first.get_by_role("button", name="Go back to version 3")).to_have_count(0)
    check(True, "with who made them, and which is the latest")
    ada.can_be_read_out("tabpanel \"History\"", "link \"Open version 2\"", "button \"Compare version 2 with now\"", "button \"Go back to version 2\"")
    ada.pictures("history")


def versions_are_compared(ada):
    print("== Versions are compared")
    panel = history(ada)
    panel.get_by_role("button", name="Compare version 1 with now").click()
    expect(panel.get_by_role("heading", name="What differs")).to_be_focused()
    job = panel.get_by_role("region", name="Check twice: changed")
    expect(job.locator(".from-to")).to_have_text("Check registration→ is now Check twice")
    body = job.get_by_role("group", name="Differences by line")
    check(body.locator("del").count() == 1 and body.locator("ins").count() == 2, "of a body the lines that differ")
    check(body.locator("ins b").first.text_content().strip() == "a" and body.locator(".skipped").count() > 0, "in a line the word, and not the lines in between")
    expect(panel.get_by_role("region", name="Tell the clinic: added", exact=True)).to_be_visible()
    expect(panel.get_by_role("region", name="Check twice → Tell the clinic: added")).to_be_visible()
    ada.pictures("compare")
    ada.can_be_read_out("heading \"What differs\" [level=2]", "combobox \"From\"", "combobox \"To\"")
    panel.get_by_role("combobox", name="To", exact=True).select_option("2")
    expect(panel.get_by_role("region", name="Tell the clinic: added", exact=True)).to_have_count(0)
    expect(panel.get_by_role("region", name="Check twice: changed")).to_be_visible()
    check(True, "two versions likewise")
    panel.get_by_role("combobox", name="From", exact=True).select_option("3")
    panel.get_by_role("combobox", name="To", exact=True).select_option("live")
    expect(panel.get_by_text("Nothing differs.")).to_be_visible()


def what_is_edited_is_compared_as_well(ada, ben):
    panel = history(ada)
    ben.select(find_job)
    ben.field("Adaptor").fill("@openfn/language-http@latest")
    expect(panel.get_by_role("region", name="Find patient: changed")).to_contain_text("@openfn/language-http@latest")
    check(True, "with the live document as it is edited")
    panel.get_by_role("button", name="All versions").click()
    expect(panel.get_by_role("button", name="Compare version 1 with now")).to_be_focused()


def a_version_is_opened(ada):
    print("== A version is opened")
    history(ada).get_by_role("link", name="Open version 1").click()
    expect(ada.page).to_have_url(re.compile(r"/versions/1$"))
    expect(ada.page.get_by_role("status").filter(has_text="This is version 1")).to_be_visible()
    ada.select(check_job)
    expect(ada.body).to_have_value(check_job["body"])
    check(not ada.body.is_editable() and not ada.field("Name").is_editable(), "it shows what was saved, and cannot be edited")
    expect(ada.page.get_by_role("tab", name="Conflicts")).to_have_count(0)
    expect(ada.page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    expect(ada.connection).to_have_text("Connected")
    ada.pictures("version")
    ada.page.get_by_role("button", name="Compare with now").click()
    expect(ada.page.get_by_role("region", name="Check twice: changed")).to_be_visible()
    ada.page.get_by_role("link", name="Back to the live workflow").click()
    ada.select(check_job)
    expect(ada.field("Name")).to_have_value("Check twice")
    check(ada.body.is_editable(), "and leads back to the live workflow")


def it_goes_back_to_a_version(ada, ben):
    print("== Going back to a version")
    ben.select(check_job)
    ben.field("Name").fill("Check it")
    expect(ben.connection).to_have_text("Connected, all stored")
    expect(ada.field("Name")).to_have_value("Check it")
    history(ada).get_by_role("button", name="Go back to version 1").click()
    expect(ada.notice("Back at version 1, as version 4")).to_contain_text("Unsaved edits stayed")
    for tab in (ada, ben):
        expect(tab.notice("Going back to a version changed")).to_contain_text("1 conflict")
        expect(tab.page.get_by_role("tab", name="Conflicts, 1 open")).to_be_visible()
        expect(tab.page.get_by_role("button", name=re.compile("^Job Tell the clinic"))).to_have_count(0)
    ada.picture("restored")
    check(True, "both are told what it changed, and of the conflict with an edit that was not saved")
    live = ada.server.live()
    jobs = {job["id"]: job for job in live["data"]["jobs"]}
    check(jobs[check_job["id"]]["body"] == check_job["body"], "the document is as it was saved then")
    check(live["dirty"] and jobs[find_job["id"]]["adaptor"] == "@openfn/language-http@latest", "what was not saved and is about something else is still there")
    ada.notice("Going back").get_by_role("button", name="1 conflict to decide").click()
    expect(ada.page.get_by_role("region", name="From the version")).to_contain_text("stands now")
    ada.page.get_by_role("button", name=re.compile("^Keep the edit")).click()
    expect(ben.field("Name")).to_have_value("Check it")
    check(True, "one click decides it")


def somebody_else_was_faster(ada, ben):
    print("== Somebody saves meanwhile")
    panel = history(ada)
    expect(panel.get_by_role("listitem", name="Version 4")).to_be_visible()
    ada.page.route("**/versions?limit=50", lambda route: route.abort())
    ben.page.keyboard.press("Control+s")
    expect(ben.notice("Saved as version 5")).to_be_visible()
    panel.get_by_role("button", name="Go back to version 2").click()
    expect(ada.notice("It did not go back to version 2")).to_contain_text("Somebody has saved or imported meanwhile")
    check(ada.server.live()["data"]["lock_version"] == 5, "nothing was changed")
    ada.page.unroute("**/versions?limit=50")


def play(browser, stage):
    server = stage.server()
    ada, ben = stage.open(server, "Ada").open(), stage.open(server, "Ben").open()
    versions_are_made(ada)
    versions_are_listed(ada)
    versions_are_compared(ada)
    what_is_edited_is_compared_as_well(ada, ben)
    a_version_is_opened(ada)
    it_goes_back_to_a_version(ada, ben)
    somebody_else_was_faster(ada, ben)
    for tab in (ada, ben):
        tab.has_no_errors("status of 409", "ERR_FAILED")

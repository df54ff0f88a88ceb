"""People sign in with tokens, do what their role allows, and lose that again."""

import re
import time
import urllib.error
from urllib.parse import parse_qs, urlsplit

from page_support import check, check_job, expect, find_job, project, workflow

PEOPLE = {"Ada": "editor", "Ben": "owner", "Vera": "viewer"}
ASKS_AGAIN = ("status of 401", "status of 403", "WebSocket connection to", "WebSocket is closed")


def set_up(server):
    for number, (name, role) in enumerate(PEOPLE.items()):
        user = f"aaaaaaaa-0000-4000-8000-00000000000{number}"
        server.sql(
            f"insert into users (id, email, first_name) values ('{user}', '{name.lower()}@example.com', '{name}');"
            f" insert into project_memberships (project_id, user_id, role) values ('{project['id']}', '{user}', '{role}')")
    server.sql("insert into users (email, first_name, is_superuser) values ('root@example.com', 'Root', true)")
    server.token = token_of(server, "Ben")


def token_of(server, name, *arguments):
    return server.command("token", "issue", f"{name.lower()}@example.com", *arguments)


def set_role(server, name, role):
    server.sql(
        f"update project_memberships set role = '{role}' where user_id = (select id from users where first_name = '{name}')")


def signed_in(tab):
    return tab.page.evaluate("sessionStorage.getItem('heddle.token')")


def who_comes_without_a_token_is_asked_for_one(stage, server):
    print("== Signing in")
    ada = stage.open(server, "Ada")
    expect(ada.page.get_by_role("heading", name="Sign in")).to_be_visible()
    ada.can_be_read_out("main", "heading \"Sign in\" [level=1]", "textbox \"Token\"", "button \"Sign in\"")
    expect(ada.field("Token")).to_be_focused()
    ada.pictures("sign-in")
    ada.field("Token").fill("nonsense")
    ada.page.keyboard.press("Enter")
    expect(ada.page.get_by_role("alert")).to_contain_text("token")
    check(signed_in(ada) is None, f"a wrong token is refused and not kept: {ada.page.get_by_role('alert').text_content()}")
    ada.field("Token").fill(f"Bearer {token_of(server, 'Ada')}\n")
    ada.page.get_by_role("button", name="Sign in").click()
    expect(ada.page.get_by_role("link", name=workflow["name"])).to_be_visible()
    check(ada.page.evaluate("!Object.values(localStorage).some((each) => each.includes('eyJ'))"), "a good one is kept in the session only")
    ada.page.reload()
    ada.open()
    expect(ada.connection).to_have_text("Connected, all stored")
    shown = [parse_qs(urlsplit(socket.url).query).get("token", [None])[0] for socket in ada.sockets]
    check(len(shown) == 1 and shown[0] not in (None, signed_in(ada)), "the websocket's address has another token, which is soon over")
    ada.page.get_by_label("You: Editor").click()
    card = ada.page.locator(".me-card")
    expect(card).to_contain_text("Ada")
    expect(card).to_contain_text("Signed in until")
    expect(card).to_contain_text("Editor")
    expect(card.get_by_role("link", name="Rooms and members")).to_have_count(0)
    ada.picture("signed-in")
    ada.page.keyboard.press("Escape")
    return ada


def a_link_brings_a_token(stage, server):
    print("== A token in the address")
    ben = stage.open(server, "Somebody", path=f"/#token={token_of(server, 'Ben')}")
    expect(ben.page.get_by_role("link", name=workflow["name"])).to_be_visible()
    check("token" not in ben.page.url and ben.page.evaluate("history.length") <= 2, f"it is taken out of the address: {ben.page.url}")
    check(all("eyJ" not in request.url for request in ben.requests if "token=" not in ben.page.url and request.url.endswith("/")), "no request has it in its address")
    ben.open()
    return ben


def edits_are_the_users(ada, ben):
    print("== Who edits goes by the name of the token")
    expect(ada.page.get_by_role("list", name="People here").get_by_text("Ben")).to_be_attached()
    ada.select(find_job)
    ada.field("Name").fill("Find the patient")
    expect(ada.connection).to_have_text("Connected, all stored")
    blame = ben.server.request("GET", f"/api/workflows/{workflow['id']}/blame?path=jobs/{find_job['id']}/name")["data"]
    check(blame["writes"][-1]["actor"]["name"] == "Ada", "the server knows whose edit it is")
    ada.page.keyboard.press("Control+s")
    expect(ben.notice("Saved by somebody as version 2")).to_be_visible()


def a_viewer_reads(stage, server):
    print("== A viewer")
    vera = stage.open(server, "Vera", path=f"/#token={token_of(server, 'Vera')}").open()
    expect(vera.connection).to_have_text("Connected")
    expect(vera.page.get_by_role("status").filter(has_text="You may read this workflow and not change it")).to_be_visible()
    for name in ("Save", "Reset", "Arrange the nodes"):
        expect(vera.page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    vera.select(check_job)
    check(not vera.body.is_editable() and not vera.field("Name").is_editable(), "fields and body cannot be edited")
    for name in ("Delete this job", "Add a job behind this"):
        expect(vera.page.get_by_role("button", name=name)).to_have_count(0)
    vera.page.get_by_label("Edge: Always").focus()
    vera.page.keyboard.press("Enter")
    expect(vera.field("Condition")).to_be_disabled()
    place = vera.node(find_job).get_attribute("transform")
    vera.node(find_job).focus()
    vera.page.keyboard.press("Alt+ArrowRight")
    vera.page.keyboard.press("Control+s")
    check(vera.node(find_job).get_attribute("transform") == place, "nodes stay where they are")
    vera.page.get_by_role("tab", name="History").click()
    expect(vera.page.get_by_role("button", name="Compare version 1 with now")).to_be_visible()
    expect(vera.page.get_by_role("button", name="Go back to version 1")).to_have_count(0)
    check([request.method for request in vera.requests if request.method != "GET" and not request.url.endswith("/api/tokens")] == [], "nothing was asked for that changes anything")
    vera.select(check_job)
    vera.can_be_read_out("banner", "main", "textbox \"Body\"")
    vera.pictures("viewer")
    vera.has_no_errors()
    vera.context.close()


def a_role_changes_meanwhile(ada, ben):
    print("== A role changes while the page is open")
    ada.select(check_job)
    set_role(ada.server, "Ada", "viewer")
    expect(ada.page.get_by_text("You may read this workflow and not change it")).to_be_visible()
    expect(ada.body).not_to_be_editable()
    expect(ada.page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    ada.page.get_by_label("You: Viewer").click()
    ada.page.keyboard.press("Escape")
    ben.select(check_job)
    ben.body.focus()
    ben.page.keyboard.press("Control+Home")
    ben.page.keyboard.type("// ben\n")
    expect(ada.body).to_have_value(re.compile("^// ben\n"))
    check(True, "who became a viewer goes on seeing what others do")
    set_role(ada.server, "Ada", "editor")
    expect(ada.body).to_be_editable()
    ada.body.focus()
    ada.page.keyboard.press("Control+Home")
    ada.page.keyboard.type("// ada\n")
    expect(ben.body).to_have_value(re.compile("^// ada\n// ben\n"))
    expect(ada.connection).to_have_text("Connected, all stored")
    check(len(ada.sockets) == 1, "and edits again over the same connection")


def an_edit_comes_too_late(stage, server):
    print("== An edit that arrives after the role is lost")
    held, released = [], []
    ada = stage.open(server, "Ada", path=f"/#token={token_of(server, 'Ada')}")

    def hold(route):
        upstream = route.connect_to_server()
        route.on_message(upstream.send)
        upstream.on_message(lambda message: held.append((route, message)) if held or isinstance(message, bytes) and message[0] == 2 and not released else route.send(message))

    ada.page.route_web_socket(re.compile("/collab/"), hold)
    ada.open().select(find_job)
    expect(ada.connection).to_have_text("Connected, all stored")
    set_role(server, "Ada", "viewer")
    ada.page.wait_for_function("() => true")
    wait_until(lambda: held, ada)
    ada.field("Adaptor").fill("@openfn/language-http@latest")
    released.append(True)
    for route, message in held[:]:
        route.send(message)
    held.clear()
    expect(ada.page.get_by_role("status").filter(has_text="not taken: only this tab shows")).to_be_visible()
    expect(ada.connection).to_contain_text("not taken")
    ada.picture("not-taken")
    ada.page.get_by_role("button", name="Show what is there").click()
    expect(ada.field("Adaptor")).to_have_value(find_job["adaptor"])
    check(True, "it says so, and shows what there is")
    ada.has_no_errors(*ASKS_AGAIN)
    ada.context.close()
    set_role(server, "Ada", "editor")


def wait_until(condition, tab, limit=15):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        tab.page.wait_for_timeout(20)


def a_token_is_taken_back(ada, ben):
    print("== A token is taken back while the page is open")
    ada.select(find_job)
    before = len(ada.sockets)
    ada.server.command("token", "revoke", "ada@example.com")
    dialog = ada.page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("revoked")
    expect(ada.connection).to_have_text("Signed out")
    ada.picture("sign-in-again")
    count = len(ada.requests)
    # Twice the time after which the server closes the connection.
    ada.page.wait_for_timeout(1200)
    check(len(ada.sockets) == before and len(ada.requests) == count, "nothing is tried again before there is another token")
    dialog.get_by_label("Token").fill("nonsense")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.get_by_role("alert")).not_to_contain_text("revoked")
    dialog.get_by_label("Token").fill(token_of(ada.server, "Ada"))
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_have_count(0)
    expect(ada.connection).to_have_text("Connected, all stored")
    check(len(ada.sockets) == before + 1, "one connection is made with the new one")
    ada.field("Name").fill("Find them")
    expect(ben.node(find_job)).to_have_attribute("aria-label", re.compile("Job Find them"))


def a_member_is_removed(ada):
    print("== A member is removed")
    ada.server.sql("delete from project_memberships where user_id = (select id from users where first_name = 'Ada')")
    expect(ada.page.get_by_role("alert")).to_contain_text("permission")
    expect(ada.connection).to_have_text("Not open")
    sockets = len(ada.sockets)
    ada.server.sql(
        f"insert into project_memberships (project_id, user_id, role) select '{project['id']}', id, 'editor' from users where first_name = 'Ada'")
    ada.page.get_by_role("button", name="Try again").click()
    expect(ada.connection).to_have_text("Connected, all stored")
    check(len(ada.sockets) == sockets + 1, "it is said, and one click tries again")


def signing_out(ada):
    print("== Signing out")
    ada.page.get_by_label("You: Editor").click()
    ada.page.get_by_role("button", name="Sign out").click()
    expect(ada.page.get_by_role("heading", name="Sign in")).to_be_visible()
    check(signed_in(ada) is None, "the token is forgotten")
    ada.has_no_errors(*ASKS_AGAIN)


def somebody_else_signs_in(stage, server, ben):
    print("== Somebody else signs in over a workflow")
    tab = stage.open(server, "Ada", path=f"/#token={token_of(server, 'Ada')}").open()
    expect(tab.connection).to_have_text("Connected, all stored")
    server.command("token", "revoke", "ada@example.com")
    dialog = tab.page.get_by_role("dialog", name="Sign in again")
    dialog.get_by_label("Token").fill(token_of(server, "Vera"))
    dialog.get_by_role("button", name="Sign in").click()
    tab.page.get_by_label("You: Viewer").click()
    expect(tab.page.locator(".me-card")).to_contain_text("Vera")
    expect(tab.page.get_by_role("status").filter(has_text="You may read this workflow and not change it")).to_be_visible()
    expect(ben.page.get_by_role("list", name="People here").get_by_text("Vera")).to_be_attached()
    expect(ben.page.get_by_role("list", name="People here").get_by_text("Ada")).to_have_count(0)
    check(True, "it goes on with what that one may do, under that name")
    tab.has_no_errors(*ASKS_AGAIN)
    tab.context.close()


def old_and_foreign_tokens(stage, server):
    print("== Tokens that are over, and those that are not for people")
    old = token_of(server, "Ada", "--lifetime", "1s")
    server.sql(f"insert into project_repo_connections (project_id, repo, branch) values ('{project['id']}', 'a/b', 'main')")
    repository = server.command("token", "issue", "--repository", project["id"])
    tab = stage.open(server, "Somebody", path=f"/#token={repository}")
    expect(tab.page.get_by_role("alert")).to_contain_text("repository")
    check(True, "the page is not for repositories, and says so")

    def is_over():
        try:
            server.request("GET", "/api/me", token=old)
        except urllib.error.HTTPError as error:
            return error.code == 401
        return False

    wait_until(is_over, tab)
    tab.page.goto(f"http://{server.address}/#token={old}")
    expect(tab.page.get_by_role("alert")).to_contain_text("expired")
    check("token" not in tab.page.url, "an old one is refused, and says why")
    tab.has_no_errors(*ASKS_AGAIN)
    tab.context.close()


def play(browser, stage):
    server = stage.server("--require-tokens", "--access-grace", "500ms", "--token-clock-skew", "0s")
    set_up(server)
    ada = who_comes_without_a_token_is_asked_for_one(stage, server)
    ben = a_link_brings_a_token(stage, server)
    edits_are_the_users(ada, ben)
    a_viewer_reads(stage, server)
    a_role_changes_meanwhile(ada, ben)
    an_edit_comes_too_late(stage, server)
    a_token_is_taken_back(ada, ben)
    a_member_is_removed(ada)
    signing_out(ada)
    somebody_else_signs_in(stage, server, ben)
    old_and_foreign_tokens(stage, server)
    ben.has_no_errors(*ASKS_AGAIN)

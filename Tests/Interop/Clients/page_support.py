"""What every part of the page's test needs: a server of its own, tabs of people with browsers of their own, and checks."""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import urllib.request

from playwright.sync_api import expect

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
HEDDLE = os.environ.get("HEDDLE", ".build/release/heddle")
SCREENSHOTS = os.environ.get("SCREENSHOTS", ".build/page")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PAGE = os.environ.get("PAGE")
SAMPLE = "Samples/sample-project.json"
LIMIT = 15_000
SIZES = {"desktop": (1440, 900), "tablet": (900, 1100), "phone": (390, 844)}
COLOURS = {"Ada": "#9333ea", "Ben": "#0f7f78"}

project = json.load(open(SAMPLE))
workflow = project["workflows"][0]
check_job, find_job = workflow["jobs"][0], workflow["jobs"][1]
expect.set_options(timeout=LIMIT)


def check(is_so, what):
    if not is_so:
        raise AssertionError(f"expected: {what}")
    print(f"   ✓ {what}", flush=True)


class Server:
    def __init__(self, *arguments):
        self.folder, self.address = tempfile.mkdtemp(prefix="heddle-page-"), "127.0.0.1:0"
        self.arguments, self.token = arguments, None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [HEDDLE, "serve", "--listen", self.address, "--data-dir", self.data, "--sample", SAMPLE, *self.arguments],
            stdout=subprocess.PIPE, stderr=open(os.path.join(self.folder, "log"), "a"), text=True)
        while select.select([self.process.stdout], [], [], 60)[0]:
            line = self.process.stdout.readline()
            if found := re.search(r"127\.0\.0\.1:[1-9]\d*", line):
                self.address = found.group()
                return
            if not line:
                break
        raise AssertionError(f"the server did not start: {open(os.path.join(self.folder, 'log')).read()[-2000:]}")

    @property
    def data(self):
        return os.path.join(self.folder, "data")

    def request(self, method, path, body=None, token=None):
        headers = {"authorization": f"Bearer {token or self.token}"} if token or self.token else {}
        data = None if body is None else json.dumps(body).encode()
        call = urllib.request.Request(f"http://{self.address}{path}", data=data, method=method, headers=headers)
        with urllib.request.urlopen(call, timeout=30) as answer:
            return json.load(answer)

    def live(self):
        return self.request("GET", f"/api/workflows/{workflow['id']}")

    def command(self, *arguments):
        """What another command of the executable says, on this server's database."""
        done = subprocess.run([HEDDLE, *arguments, "--data-dir", self.data], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"heddle {' '.join(arguments)} failed: {done.stderr[-2000:]}")
        return done.stdout.strip()

    def sql(self, text):
        socket = open(os.path.join(self.data, "data/postmaster.pid")).read().split("\n")[4]
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", socket, "-U", "heddle", "heddle", "-c", text], check=True, timeout=30)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def close(self):
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Tab:
    """A tab of a person with a browser of their own."""

    def __init__(self, browser, server, name, size="desktop", scheme="light", path="/"):
        width, height = SIZES[size]
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.context.add_init_script(
            "if (!localStorage.getItem('heddle.person')) localStorage.setItem('heddle.person',"
            f" JSON.stringify({{ name: {json.dumps(name)}, color: '{COLOURS.get(name, '#0f74c0')}' }}))")
        self.page = self.context.new_page()
        self.server, self.name, self.errors, self.requests, self.sockets = server, name, [], [], []
        self.page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request))
        self.page.on("websocket", lambda socket: self.sockets.append(socket))
        if PAGE:
            self.page.route("**/assets/*", self.from_folder)
        self.page.goto(f"http://{server.address}{path}")

    def from_folder(self, route):
        """What Scripts/web has put into the folder PAGE, in place of what is in the executable."""
        route.fulfill(response=route.fetch(), body=open(os.path.join(PAGE, route.request.url.rsplit("/", 1)[1]), "rb").read())

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
        self.page.wait_for_function("() => document.getAnimations().every((each) => each.playState !== 'running' || each.effect.getTiming().iterations === Infinity)")
        self.page.screenshot(path=os.path.join(SCREENSHOTS, f"{name}.png"))

    def pictures(self, name):
        """The same view at every size, light and dark; nothing may be wider than the screen."""
        for size, (width, height) in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)
                self.picture(f"{name}-{size}-{scheme}")
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            check(wide <= width, f"{name}, {size}: nothing is wider than the screen ({wide})")
        self.page.set_viewport_size({"width": SIZES["desktop"][0], "height": SIZES["desktop"][1]})
        self.page.emulate_media(color_scheme="light")

    def can_be_read_out(self, *parts):
        """Landmarks are there, and everything that can be used has a name."""
        tree = self.page.locator("body").aria_snapshot()
        for part in parts:
            check(part in tree, f"there is a {part}")
        nameless = self.page.evaluate(
            "[...document.querySelectorAll('button, input, select, textarea, a, summary')].filter((each) => each.checkVisibility() &&"
            " !(each.getAttribute('aria-label') || each.textContent.trim() || each.labels?.length)).map((each) => each.outerHTML)")
        check(nameless == [], f"everything that can be used has a name {nameless}")

    def has_no_errors(self, *expected):
        """What a browser says by itself of requests that fail here on purpose is no error of the page."""
        pattern = re.compile("|".join(expected or ("(?!)",)))
        errors = [each for each in self.errors if not pattern.search(each)]
        check(errors == [], f"{self.name}: no errors in the console {errors}")

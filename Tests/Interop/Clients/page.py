#!/usr/bin/env python3
"""Drives the page in a real browser, against servers of its own, and checks what it shows at every step.

The arguments name the parts to play (editing, access, versions, operations), all without any. HEDDLE is the server's executable, SCREENSHOTS a
folder for pictures (.build/page), CHROMIUM the browser (/usr/bin/chromium), PAGE a folder with a page that Scripts/web has made, in place of the
one in the executable. Whatever is not as told ends the script with a message and exit code 1.
"""

import os
import sys
import traceback

from playwright.sync_api import sync_playwright

import page_access
import page_editing
import page_operations
import page_versions
from page_support import CHROMIUM, SCREENSHOTS, Server, Tab

PARTS = {"editing": page_editing.play, "access": page_access.play, "versions": page_versions.play, "operations": page_operations.play}


class Stage:
    """The servers and tabs of one part."""

    def __init__(self, browser, part):
        self.browser, self.part, self.servers, self.all = browser, part, [], []

    def server(self, *arguments):
        self.servers.append(Server(*arguments))
        return self.servers[-1]

    def open(self, server, name, **how):
        self.all.append(Tab(self.browser, server, name, **how))
        return self.all[-1]

    def failed(self):
        for number, tab in enumerate(tab for tab in self.all if not tab.page.is_closed()):
            tab.page.screenshot(path=os.path.join(SCREENSHOTS, f"failed-{self.part}-{number}-{tab.name}.png"))
            print(tab.name, tab.page.url, tab.errors, flush=True)

    def close(self):
        for server in self.servers:
            server.close()


def play(browser, part):
    print(f"# {part}")
    stage = Stage(browser, part)
    try:
        PARTS[part](browser, stage)
        return True
    except Exception:
        traceback.print_exc(file=sys.stdout)
        stage.failed()
        return False
    finally:
        stage.close()


def main():
    os.makedirs(SCREENSHOTS, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        done = [play(browser, part) for part in sys.argv[1:] or PARTS]
        browser.close()
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())

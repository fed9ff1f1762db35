"""Take the screenshot of the README: an article of seeds/ as a page, a receipt open.

    python scripts/shoot_page.py [--dark] [--width 1280] [--height 820] [--output docs/page.png]

Needs the [test] extra and Chromium (`BILINGUAL_CHROMIUM` names another one). The page is set in the reader's own fonts; the README's
picture was taken with Charis SIL and Inter (Debian: fonts-sil-charis, fonts-inter).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARTICLE = "gigafactory-de-calcul"
TERM = "#article tr:not(:first-child) td:nth-child(2) a.enforced"
FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=820)
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "page.png")
    arguments = parser.parse_args()
    chromium = os.environ.get("BILINGUAL_CHROMIUM") or shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("playwright is missing: pip install -c constraints.txt -e '.[test]'")
    if not chromium:
        sys.exit("Chromium is missing: apt-get install chromium, or name one in BILINGUAL_CHROMIUM")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [sys.executable, "-m", "bilingual", "translate", f"seeds/{ARTICLE}.txt", "-o", folder, "--format", "html", "-q"]
        subprocess.run(command, cwd=ROOT, check=True)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        page = browser.new_page(
            viewport={"width": arguments.width, "height": arguments.height},
            color_scheme="dark" if arguments.dark else "light",
            reduced_motion="reduce",
        )
        page.goto((Path(folder) / f"{ARTICLE}.fr-en.html").as_uri())
        page.locator(TERM).first.evaluate("term => term.click()")
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=arguments.output)
        browser.close()


if __name__ == "__main__":
    main()

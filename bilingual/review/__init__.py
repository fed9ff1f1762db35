"""Correcting a translation in a browser, sentence by sentence: the article in one place, its file on the disk always whole.

    lines    the JSONL as it stands, and single lines of it changed: whatever is not said to change stays, byte for byte
    desk     what is being reviewed: looks at an English while it is typed, saves what is corrected, notices other writers
    view     a sentence as the page shows it: runs of text, marks, findings
    door     who may come in: this machine, the token, this page
    server   the addresses behind the door, and the server

Every look at a sentence is `bilingual.checks` and `bilingual.revision`, on this side: the page (``page.html``, ``page.css``,
``page.js``, ``words.js``) checks nothing by itself.
"""

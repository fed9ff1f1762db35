"""``python -m bilingual``: the same as the command ``bilingual``."""

from bilingual.cli.main import main

main()

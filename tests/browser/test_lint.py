"""Every shipped diagram passes bpmnlint, so that other people's tools open it without complaint."""

from __future__ import annotations

import os
import shutil
import subprocess

from tests.support.browser import FRONTEND, ROOT


def test_every_shipped_diagram_passes_bpmnlint():
    """The recommended rules of bpmnlint find no error in any pathway."""
    node = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
    assert node is not None
    said = subprocess.run([node, "lint.mjs"], cwd=FRONTEND, capture_output=True, text=True, check=False, timeout=120)
    assert 0 == said.returncode, said.stdout + said.stderr
    assert " 0 errors" in said.stdout

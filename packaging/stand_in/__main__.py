"""Runs the recipes of docs/recipes that no engine at hand can run, and kills their workers.

A stand-in reads each file as the engine would: its command line, variables, disks and retry rules. It runs the command
against the sandbox, kills it with -9 at a chosen moment, lets the file's own rules decide what follows, and at the end
counts the starts that reached the service. It is no Kubernetes, Argo or systemd: what it proves is that the command lines
are accepted, that the rules say of every exit code what docs/engines.md says, and that the keys hold.
"""

import json
import os
import sys
from pathlib import Path

from engines import argo, rules_of_others, systemd
from kubernetes import Kubectl, kubernetes
from service import Service

program, *words = sys.argv[1:]
if words[:1] == ["kubectl"]:
    folder, account = Path(words[1]), json.loads(words[2])
    sys.exit(Kubectl(program, Service(account, folder / "requests"), folder)(*words[3:]))
rules_of_others()
for engine in (kubernetes, argo, systemd):
    engine(os.path.abspath(program))

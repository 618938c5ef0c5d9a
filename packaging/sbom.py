"""Prints a CycloneDX document without what differs between two builds of one commit: the folder it was made in."""

import json
import sys

folder, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    document = json.loads(file.read().replace(f"path+file://{folder}", "path+file:///runajob"))
document.pop("serialNumber", None)
json.dump(document, sys.stdout, indent=1, sort_keys=True)
print()

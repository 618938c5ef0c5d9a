"""Unpacks an rpm into a folder, where neither rpm nor cpio is installed."""

import os
import sys

import rpmfile

package, folder = sys.argv[1:]
with rpmfile.open(package) as rpm:
    for member in rpm.getmembers():
        path = os.path.join(folder, member.name.lstrip("./"))
        if member.isdir:
            os.makedirs(path, exist_ok=True)
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(rpm.extractfile(member).read())
        os.chmod(path, member.mode)

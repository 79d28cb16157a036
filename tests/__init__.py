"""Tests of the project."""

import os

from console.tools import find_node

# CDK starts Node by itself, and would take the one on the path whatever its age.
os.environ.setdefault("JSII_NODE", str(find_node()))

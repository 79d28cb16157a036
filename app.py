"""The CDK app: settings in, stacks out."""

import gc
import sys

import aws_cdk as cdk

from stacks.bundling import BundlingError
from stacks.instance import build, bundles_of
from stacks.settings import SettingsError, read_settings


def main() -> int:
    """Write the templates to cdk.out; faults of the settings are told without a traceback."""
    app = cdk.App()
    try:
        settings = read_settings(app.node.get_all_context())
        bundles = bundles_of(settings)
    except (SettingsError, BundlingError) as error:
        print(error, file=sys.stderr)
        return 1
    build(app, settings, bundles)
    app.synth()
    return 0


if __name__ == "__main__":
    gc.disable()  # it would only walk over CDK's classes again and again, in a process of seconds
    sys.exit(main())

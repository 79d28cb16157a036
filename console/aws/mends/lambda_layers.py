"""Mend: a layer is unpacked once, not for every process that runs a function.

Unmended, each of a dozen processes unpacks some hundred megabytes before its first call, which takes a small machine a
minute. Functions get the same files in the same places on their path as before.
"""

import hashlib
import io
import os
import shutil
import threading
import zipfile
from pathlib import Path
from typing import Any

from console.aws.mends.guard import check, hook

_VARIABLE = "_LAMBDA_LAYERS_DIRS"


def apply(folder: Path) -> None:
    """Put the mend in place.

    Parameters
    ----------
    folder : gets a folder per layer
    """
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    check(_VARIABLE in lambda_runtime._PYTHON_WORKER_SCRIPT, f"a Python worker that takes its layers from {_VARIABLE}")
    check(_VARIABLE not in lambda_runtime._RESERVED_RUNTIME_ENV_VARS, f"{_VARIABLE} as a variable of a function")
    spawn = hook(lambda_runtime.Worker, "_spawn", "self")
    read_layer = hook(lambda_svc, "_resolve_layer_zip", "attachment")
    unpacking = threading.Lock()

    def unpacked(attachment: Any) -> str:
        content = read_layer(attachment)
        if content is None:
            raise RuntimeError(f"the layer {attachment} is not there")
        target = folder / hashlib.sha256(content).hexdigest()
        with unpacking:
            if not target.exists():
                part = target.with_suffix(".part")
                shutil.rmtree(part, ignore_errors=True)
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    archive.extractall(part)
                part.replace(target)
        return str(target)

    def mended(self: Any) -> None:
        config = self.config
        layers = config.get("Layers") or []
        if not layers or not config.get("Runtime", "").startswith("python"):
            spawn(self)
            return
        variables = {**(config.get("Environment") or {}).get("Variables", {})}
        variables[_VARIABLE] = os.pathsep.join(unpacked(layer) for layer in layers)
        self.config = {**config, "Layers": [], "Environment": {"Variables": variables}}
        try:
            spawn(self)
        finally:
            self.config = config

    lambda_runtime.Worker._spawn = mended

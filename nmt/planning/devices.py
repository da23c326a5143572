"""What devices can do by their makers' data sheets; table DEVICES."""

import math
from dataclasses import dataclass
from typing import Literal

from nmt.errors import UsageError
from nmt.recipe.file import unknown

Precision = Literal["fp32", "bf16", "fp16"]
GIB = 2**30
NODE = 8
"""Devices to a node, which its own links join."""


@dataclass(frozen=True)
class Device:
    """Peaks are dense, in operations a second, a multiply-add as two."""

    name: str
    memory: float
    """Bytes; a data sheet's GB, which are 2 ** 30."""
    peaks: dict[str, float]
    """By the numbers in the products; fp32 means tf32 to torch only where it is told so, which nothing here does."""
    link: float
    """Bytes a second from a device to another of its node: half of what a data sheet gives for both directions."""
    source: str
    own_memory: bool = True
    """False for a processor, whose memory holds the text and the program too."""

    def precision(self, wanted: str) -> str:
        """The precision that a recipe means here; raises UsageError for one that the device lacks."""
        if wanted == "auto":
            return "bf16" if "bf16" in self.peaks else "fp32"
        if wanted not in self.peaks:
            raise UsageError(
                f"{self.name} has no {wanted}; set training.precision to auto or one of {', '.join(self.peaks)}"
            )
        return wanted


def _device(name: str, gigabytes: float, link: float, source: str, **peaks: float) -> Device:
    return Device(name, gigabytes * GIB, {kind: 1e12 * value for kind, value in peaks.items()}, 1e9 * link, source)


_A100 = "NVIDIA A100 data sheet, SXM"
_V100 = "NVIDIA V100 data sheet, SXM2"
DEVICES = {
    device.name: device
    for device in (
        _device("p100", 16, 80, "NVIDIA Tesla P100 data sheet, NVLink", fp32=10.6, fp16=21.2),
        _device("v100-16", 16, 150, _V100, fp32=15.7, fp16=125),
        _device("v100-32", 32, 150, _V100, fp32=15.7, fp16=125),
        _device("a100-40", 40, 300, _A100, fp32=19.5, tf32=156, bf16=312, fp16=312),
        _device("a100-80", 80, 300, _A100, fp32=19.5, tf32=156, bf16=312, fp16=312),
        _device("h100", 80, 450, "NVIDIA H100 data sheet, SXM", fp32=67, tf32=494, bf16=989, fp16=989),
        _device("h200", 141, 450, "NVIDIA H200 data sheet, SXM", fp32=67, tf32=494, bf16=989, fp16=989),
        _device("l4", 24, 32, "NVIDIA L4 data sheet, PCIe 4.0", fp32=30.3, tf32=60, bf16=121, fp16=121),
        _device("rtx4090", 24, 32, "NVIDIA Ada white paper, PCIe 4.0", fp32=82.6, tf32=82.6, bf16=165.2, fp16=165.2),
    )
}


def device_of(name: str | None, flops: float | None, memory: float | None, network: float) -> Device:
    """One of the table, or one's own by its operations a second and its memory in GiB; raises UsageError."""
    if not 0 < network < math.inf:
        raise UsageError(f"--network {network / 1e9:g} must be more than 0")
    if flops is None and memory is None:
        name = name or "a100-80"
        if name not in DEVICES:
            raise UsageError(unknown(f"device {name!r}", name, DEVICES))
        return DEVICES[name]
    if name is not None or flops is None or memory is None:
        raise UsageError(
            "--flops and --memory together describe a machine of one's own, instead of --device; give both"
        )
    if not (flops > 0 and memory > 0):
        raise UsageError(f"--flops {flops:g} and --memory {memory:g} must be more than 0")
    return Device("own", memory * GIB, {"fp32": flops}, network, "--flops and --memory", own_memory=False)


def exchange_seconds(count: float, gpus: int, device: Device, network: float, sharded: bool) -> float:
    """Seconds that a ring takes for `count` bytes of gradients, over its slowest link; `network` in bytes a second.

    Each device sends 2 (n - 1) / n of them, for the sum and for its return. Sharded weights are gathered forward and
    backward besides the sum: 3 (n - 1) / n.
    """
    slowest = device.link if gpus <= NODE else min(device.link, network)
    return (3 if sharded else 2) * (gpus - 1) / gpus * count / slowest

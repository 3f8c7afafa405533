"""The parents of the generated models, and the types of file values."""

from .bases.always import SENT, Always
from .bases.containers import BaseArray, BaseMapping
from .bases.files import File, FileInfo, FileJsonType, MultipartModel
from .bases.models import BaseConfig, OpenConfig, OrderedConfig
from .bases.open_values import OrDict
from .bases.times import TimeOf

__all__ = [
    "SENT",
    "Always",
    "BaseArray",
    "BaseConfig",
    "BaseMapping",
    "File",
    "FileInfo",
    "FileJsonType",
    "MultipartModel",
    "OpenConfig",
    "OrDict",
    "OrderedConfig",
    "TimeOf",
]

"""Protocol Buffers for the bus of Pipecat: what Crossbus peers in TypeScript speak.

See :class:`ProtobufMessageSerializer`.
"""

from crossbus.custom import CustomBusMessage
from crossbus.dialects import Dialect
from crossbus.errors import CrossbusError, DeserializationError, SerializationError
from crossbus.serializer import ProtobufMessageSerializer

__all__ = [
    "CrossbusError",
    "CustomBusMessage",
    "DeserializationError",
    "Dialect",
    "ProtobufMessageSerializer",
    "SerializationError",
]

"""Message types of an application's own, as protoc would make their classes."""

import base64
from typing import Any

from google.protobuf import (  # noqa: F401
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)


def make_types(files: list[str], names: list[str]) -> dict[str, Any]:
    """Make the classes of the message types with these names, from the descriptors of the files that they need."""
    # The option with their priority is the one that the serializer looks for.
    from crossbus.v1 import options_pb2, value_pb2

    pool = descriptor_pool.Default()
    known = {options_pb2.DESCRIPTOR.name, value_pb2.DESCRIPTOR.name}
    for encoded in files:
        file = descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(encoded))
        if file.name not in known:
            pool.AddSerializedFile(file.SerializeToString())
    return {name.rpartition(".")[2]: message_factory.GetMessageClass(pool.FindMessageTypeByName(name)) for name in names}

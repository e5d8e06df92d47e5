from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

BODY_CASE_FIELD_NUMBER: _ClassVar[int]
DESCRIPTOR: _descriptor.FileDescriptor
FORWARDING_ACTIVATION: Forwarding
FORWARDING_ANNOUNCEMENT: Forwarding
FORWARDING_LISTED: Forwarding
FORWARDING_UNSPECIFIED: Forwarding
FRAME_KIND_FIELD_NUMBER: _ClassVar[int]
PRIORITY_DATA: Priority
PRIORITY_FIELD_NUMBER: _ClassVar[int]
PRIORITY_SYSTEM: Priority
PRIORITY_UNSPECIFIED: Priority
PYTHON_CLASS_FIELD_NUMBER: _ClassVar[int]
PYTHON_ENUM_FIELD_NUMBER: _ClassVar[int]
PYTHON_FIELD_FIELD_NUMBER: _ClassVar[int]
body_case: _descriptor.FieldDescriptor
frame_kind: _descriptor.FieldDescriptor
priority: _descriptor.FieldDescriptor
python_class: _descriptor.FieldDescriptor
python_enum: _descriptor.FieldDescriptor
python_field: _descriptor.FieldDescriptor

class CaseOptions(_message.Message):
    __slots__ = ["forwarding", "pipecat", "pipecat_subagents", "priority", "since", "untargeted"]
    FORWARDING_FIELD_NUMBER: _ClassVar[int]
    PIPECAT_FIELD_NUMBER: _ClassVar[int]
    PIPECAT_SUBAGENTS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTARGETED_FIELD_NUMBER: _ClassVar[int]
    forwarding: Forwarding
    pipecat: str
    pipecat_subagents: str
    priority: Priority
    since: str
    untargeted: bool
    def __init__(self, priority: _Optional[_Union[Priority, str]] = ..., untargeted: bool = ..., forwarding: _Optional[_Union[Forwarding, str]] = ..., pipecat: _Optional[str] = ..., pipecat_subagents: _Optional[str] = ..., since: _Optional[str] = ...) -> None: ...

class ClassOptions(_message.Message):
    __slots__ = ["moved_since", "moved_to", "pipecat", "pipecat_subagents", "since"]
    MOVED_SINCE_FIELD_NUMBER: _ClassVar[int]
    MOVED_TO_FIELD_NUMBER: _ClassVar[int]
    PIPECAT_FIELD_NUMBER: _ClassVar[int]
    PIPECAT_SUBAGENTS_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    moved_since: str
    moved_to: str
    pipecat: str
    pipecat_subagents: str
    since: str
    def __init__(self, pipecat: _Optional[str] = ..., pipecat_subagents: _Optional[str] = ..., moved_to: _Optional[str] = ..., moved_since: _Optional[str] = ..., since: _Optional[str] = ...) -> None: ...

class KindOptions(_message.Message):
    __slots__ = ["droppable", "lifecycle", "local", "others", "pipecat", "priority", "since"]
    DROPPABLE_FIELD_NUMBER: _ClassVar[int]
    LIFECYCLE_FIELD_NUMBER: _ClassVar[int]
    LOCAL_FIELD_NUMBER: _ClassVar[int]
    OTHERS_FIELD_NUMBER: _ClassVar[int]
    PIPECAT_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    droppable: bool
    lifecycle: bool
    local: bool
    others: _containers.RepeatedCompositeFieldContainer[OtherClass]
    pipecat: str
    priority: Priority
    since: str
    def __init__(self, priority: _Optional[_Union[Priority, str]] = ..., lifecycle: bool = ..., local: bool = ..., droppable: bool = ..., pipecat: _Optional[str] = ..., since: _Optional[str] = ..., others: _Optional[_Iterable[_Union[OtherClass, _Mapping]]] = ...) -> None: ...

class OtherClass(_message.Message):
    __slots__ = ["pipecat", "since"]
    PIPECAT_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    pipecat: str
    since: str
    def __init__(self, pipecat: _Optional[str] = ..., since: _Optional[str] = ...) -> None: ...

class PythonFieldOptions(_message.Message):
    __slots__ = ["name", "pipecat", "required"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PIPECAT_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    name: str
    pipecat: str
    required: bool
    def __init__(self, name: _Optional[str] = ..., required: bool = ..., pipecat: _Optional[str] = ...) -> None: ...

class Priority(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class Forwarding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

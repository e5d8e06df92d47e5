from crossbus.v1 import frame_pb2 as _frame_pb2
from crossbus.v1 import options_pb2 as _options_pb2
from crossbus.v1 import value_pb2 as _value_pb2
from google.protobuf import any_pb2 as _any_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
TASK_STATUS_CANCELLED: TaskStatus
TASK_STATUS_COMPLETED: TaskStatus
TASK_STATUS_ERROR: TaskStatus
TASK_STATUS_FAILED: TaskStatus
TASK_STATUS_UNSPECIFIED: TaskStatus

class ActivateAgent(_message.Message):
    __slots__ = ["args"]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    args: _value_pb2.Value
    def __init__(self, args: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class AgentError(_message.Message):
    __slots__ = ["error"]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    error: str
    def __init__(self, error: _Optional[str] = ...) -> None: ...

class AgentReady(_message.Message):
    __slots__ = ["active", "bridged", "parent", "runner", "started_at"]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    BRIDGED_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    active: bool
    bridged: bool
    parent: str
    runner: str
    started_at: _value_pb2.Value
    def __init__(self, runner: _Optional[str] = ..., parent: _Optional[str] = ..., active: bool = ..., bridged: bool = ..., started_at: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class AgentRegistry(_message.Message):
    __slots__ = ["agents", "runner"]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    agents: _containers.RepeatedCompositeFieldContainer[AgentRegistryEntry]
    runner: str
    def __init__(self, runner: _Optional[str] = ..., agents: _Optional[_Iterable[_Union[AgentRegistryEntry, _Mapping]]] = ...) -> None: ...

class AgentRegistryEntry(_message.Message):
    __slots__ = ["active", "bridged", "extra", "name", "parent", "started_at"]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    BRIDGED_FIELD_NUMBER: _ClassVar[int]
    EXTRA_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    active: bool
    bridged: bool
    extra: _value_pb2.Struct
    name: str
    parent: str
    started_at: _value_pb2.Value
    def __init__(self, name: _Optional[str] = ..., parent: _Optional[str] = ..., active: bool = ..., bridged: bool = ..., started_at: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., extra: _Optional[_Union[_value_pb2.Struct, _Mapping]] = ...) -> None: ...

class BusMessage(_message.Message):
    __slots__ = ["activate_agent", "agent_error", "agent_ready", "agent_registry", "cancel", "cancel_agent", "custom", "deactivate_agent", "end", "end_agent", "extra", "flush_progress", "frame", "frame_fields", "other", "source", "target", "task_cancel", "task_request", "task_response", "task_response_urgent", "task_stream_data", "task_stream_end", "task_stream_start", "task_update", "task_update_request", "task_update_urgent", "trace_context", "tts_speak", "ui_command", "ui_event", "ui_task_completed", "ui_task_group_completed", "ui_task_group_started", "ui_task_update"]
    ACTIVATE_AGENT_FIELD_NUMBER: _ClassVar[int]
    AGENT_ERROR_FIELD_NUMBER: _ClassVar[int]
    AGENT_READY_FIELD_NUMBER: _ClassVar[int]
    AGENT_REGISTRY_FIELD_NUMBER: _ClassVar[int]
    CANCEL_AGENT_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    DEACTIVATE_AGENT_FIELD_NUMBER: _ClassVar[int]
    END_AGENT_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    EXTRA_FIELD_NUMBER: _ClassVar[int]
    FLUSH_PROGRESS_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELDS_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    OTHER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    TASK_CANCEL_FIELD_NUMBER: _ClassVar[int]
    TASK_REQUEST_FIELD_NUMBER: _ClassVar[int]
    TASK_RESPONSE_FIELD_NUMBER: _ClassVar[int]
    TASK_RESPONSE_URGENT_FIELD_NUMBER: _ClassVar[int]
    TASK_STREAM_DATA_FIELD_NUMBER: _ClassVar[int]
    TASK_STREAM_END_FIELD_NUMBER: _ClassVar[int]
    TASK_STREAM_START_FIELD_NUMBER: _ClassVar[int]
    TASK_UPDATE_FIELD_NUMBER: _ClassVar[int]
    TASK_UPDATE_REQUEST_FIELD_NUMBER: _ClassVar[int]
    TASK_UPDATE_URGENT_FIELD_NUMBER: _ClassVar[int]
    TRACE_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TTS_SPEAK_FIELD_NUMBER: _ClassVar[int]
    UI_COMMAND_FIELD_NUMBER: _ClassVar[int]
    UI_EVENT_FIELD_NUMBER: _ClassVar[int]
    UI_TASK_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    UI_TASK_GROUP_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    UI_TASK_GROUP_STARTED_FIELD_NUMBER: _ClassVar[int]
    UI_TASK_UPDATE_FIELD_NUMBER: _ClassVar[int]
    activate_agent: ActivateAgent
    agent_error: AgentError
    agent_ready: AgentReady
    agent_registry: AgentRegistry
    cancel: Cancel
    cancel_agent: CancelAgent
    custom: CustomMessage
    deactivate_agent: DeactivateAgent
    end: End
    end_agent: EndAgent
    extra: _value_pb2.Struct
    flush_progress: FlushProgress
    frame: FrameMessage
    frame_fields: MessageFrameFields
    other: OtherMessage
    source: str
    target: str
    task_cancel: TaskCancel
    task_request: TaskRequest
    task_response: TaskResponse
    task_response_urgent: TaskResponse
    task_stream_data: TaskStreamData
    task_stream_end: TaskStreamEnd
    task_stream_start: TaskStreamStart
    task_update: TaskUpdate
    task_update_request: TaskUpdateRequest
    task_update_urgent: TaskUpdate
    trace_context: TraceContext
    tts_speak: TTSSpeak
    ui_command: UICommand
    ui_event: UIEvent
    ui_task_completed: UITaskCompleted
    ui_task_group_completed: UITaskGroupCompleted
    ui_task_group_started: UITaskGroupStarted
    ui_task_update: UITaskUpdate
    def __init__(self, source: _Optional[str] = ..., target: _Optional[str] = ..., trace_context: _Optional[_Union[TraceContext, _Mapping]] = ..., extra: _Optional[_Union[_value_pb2.Struct, _Mapping]] = ..., frame_fields: _Optional[_Union[MessageFrameFields, _Mapping]] = ..., frame: _Optional[_Union[FrameMessage, _Mapping]] = ..., activate_agent: _Optional[_Union[ActivateAgent, _Mapping]] = ..., deactivate_agent: _Optional[_Union[DeactivateAgent, _Mapping]] = ..., end: _Optional[_Union[End, _Mapping]] = ..., end_agent: _Optional[_Union[EndAgent, _Mapping]] = ..., cancel: _Optional[_Union[Cancel, _Mapping]] = ..., cancel_agent: _Optional[_Union[CancelAgent, _Mapping]] = ..., agent_registry: _Optional[_Union[AgentRegistry, _Mapping]] = ..., agent_ready: _Optional[_Union[AgentReady, _Mapping]] = ..., agent_error: _Optional[_Union[AgentError, _Mapping]] = ..., tts_speak: _Optional[_Union[TTSSpeak, _Mapping]] = ..., flush_progress: _Optional[_Union[FlushProgress, _Mapping]] = ..., task_request: _Optional[_Union[TaskRequest, _Mapping]] = ..., task_response: _Optional[_Union[TaskResponse, _Mapping]] = ..., task_response_urgent: _Optional[_Union[TaskResponse, _Mapping]] = ..., task_update: _Optional[_Union[TaskUpdate, _Mapping]] = ..., task_update_urgent: _Optional[_Union[TaskUpdate, _Mapping]] = ..., task_update_request: _Optional[_Union[TaskUpdateRequest, _Mapping]] = ..., task_cancel: _Optional[_Union[TaskCancel, _Mapping]] = ..., task_stream_start: _Optional[_Union[TaskStreamStart, _Mapping]] = ..., task_stream_data: _Optional[_Union[TaskStreamData, _Mapping]] = ..., task_stream_end: _Optional[_Union[TaskStreamEnd, _Mapping]] = ..., ui_event: _Optional[_Union[UIEvent, _Mapping]] = ..., ui_command: _Optional[_Union[UICommand, _Mapping]] = ..., ui_task_group_started: _Optional[_Union[UITaskGroupStarted, _Mapping]] = ..., ui_task_update: _Optional[_Union[UITaskUpdate, _Mapping]] = ..., ui_task_completed: _Optional[_Union[UITaskCompleted, _Mapping]] = ..., ui_task_group_completed: _Optional[_Union[UITaskGroupCompleted, _Mapping]] = ..., custom: _Optional[_Union[CustomMessage, _Mapping]] = ..., other: _Optional[_Union[OtherMessage, _Mapping]] = ...) -> None: ...

class Cancel(_message.Message):
    __slots__ = ["reason"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class CancelAgent(_message.Message):
    __slots__ = ["reason"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class CustomMessage(_message.Message):
    __slots__ = ["message"]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: _any_pb2.Any
    def __init__(self, message: _Optional[_Union[_any_pb2.Any, _Mapping]] = ...) -> None: ...

class DeactivateAgent(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class End(_message.Message):
    __slots__ = ["reason"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class EndAgent(_message.Message):
    __slots__ = ["reason"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class FlushProgress(_message.Message):
    __slots__ = ["flush_id"]
    FLUSH_ID_FIELD_NUMBER: _ClassVar[int]
    flush_id: int
    def __init__(self, flush_id: _Optional[int] = ...) -> None: ...

class FrameMessage(_message.Message):
    __slots__ = ["bridge", "direction", "frame", "hops"]
    BRIDGE_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    HOPS_FIELD_NUMBER: _ClassVar[int]
    bridge: str
    direction: _frame_pb2.Direction
    frame: _frame_pb2.Frame
    hops: int
    def __init__(self, frame: _Optional[_Union[_frame_pb2.Frame, _Mapping]] = ..., direction: _Optional[_Union[_frame_pb2.Direction, str]] = ..., bridge: _Optional[str] = ..., hops: _Optional[int] = ...) -> None: ...

class MessageFrameFields(_message.Message):
    __slots__ = ["broadcast_sibling_id", "id", "interruptible", "metadata", "name", "pts", "transport_destination", "transport_source"]
    BROADCAST_SIBLING_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    INTERRUPTIBLE_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PTS_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_DESTINATION_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    broadcast_sibling_id: int
    id: int
    interruptible: bool
    metadata: _value_pb2.Struct
    name: str
    pts: int
    transport_destination: str
    transport_source: str
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ..., pts: _Optional[int] = ..., broadcast_sibling_id: _Optional[int] = ..., metadata: _Optional[_Union[_value_pb2.Struct, _Mapping]] = ..., transport_source: _Optional[str] = ..., transport_destination: _Optional[str] = ..., interruptible: bool = ...) -> None: ...

class OtherMessage(_message.Message):
    __slots__ = ["fields", "type_name"]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    fields: _value_pb2.Struct
    type_name: str
    def __init__(self, type_name: _Optional[str] = ..., fields: _Optional[_Union[_value_pb2.Struct, _Mapping]] = ...) -> None: ...

class TTSSpeak(_message.Message):
    __slots__ = ["append_to_context", "text"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    text: str
    def __init__(self, text: _Optional[str] = ..., append_to_context: bool = ...) -> None: ...

class TaskCancel(_message.Message):
    __slots__ = ["reason", "task_id"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    task_id: str
    def __init__(self, task_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class TaskRequest(_message.Message):
    __slots__ = ["payload", "task_id", "task_name"]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_NAME_FIELD_NUMBER: _ClassVar[int]
    payload: _value_pb2.Value
    task_id: str
    task_name: str
    def __init__(self, task_id: _Optional[str] = ..., task_name: _Optional[str] = ..., payload: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class TaskResponse(_message.Message):
    __slots__ = ["response", "status", "task_id"]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    response: _value_pb2.Value
    status: TaskStatus
    task_id: str
    def __init__(self, task_id: _Optional[str] = ..., status: _Optional[_Union[TaskStatus, str]] = ..., response: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class TaskStreamData(_message.Message):
    __slots__ = ["data", "task_id"]
    DATA_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    data: _value_pb2.Value
    task_id: str
    def __init__(self, task_id: _Optional[str] = ..., data: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class TaskStreamEnd(_message.Message):
    __slots__ = ["data", "task_id"]
    DATA_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    data: _value_pb2.Value
    task_id: str
    def __init__(self, task_id: _Optional[str] = ..., data: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class TaskStreamStart(_message.Message):
    __slots__ = ["data", "task_id"]
    DATA_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    data: _value_pb2.Value
    task_id: str
    def __init__(self, task_id: _Optional[str] = ..., data: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class TaskUpdate(_message.Message):
    __slots__ = ["task_id", "update"]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    update: _value_pb2.Value
    def __init__(self, task_id: _Optional[str] = ..., update: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class TaskUpdateRequest(_message.Message):
    __slots__ = ["task_id"]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    def __init__(self, task_id: _Optional[str] = ...) -> None: ...

class TraceContext(_message.Message):
    __slots__ = ["traceparent", "tracestate"]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    TRACESTATE_FIELD_NUMBER: _ClassVar[int]
    traceparent: str
    tracestate: str
    def __init__(self, traceparent: _Optional[str] = ..., tracestate: _Optional[str] = ...) -> None: ...

class UICommand(_message.Message):
    __slots__ = ["command_name", "payload"]
    COMMAND_NAME_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    command_name: str
    payload: _value_pb2.Value
    def __init__(self, command_name: _Optional[str] = ..., payload: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class UIEvent(_message.Message):
    __slots__ = ["event_name", "payload"]
    EVENT_NAME_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    event_name: str
    payload: _value_pb2.Value
    def __init__(self, event_name: _Optional[str] = ..., payload: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class UITaskCompleted(_message.Message):
    __slots__ = ["agent_name", "at", "response", "status", "task_id"]
    AGENT_NAME_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    agent_name: str
    at: int
    response: _value_pb2.Value
    status: str
    task_id: str
    def __init__(self, task_id: _Optional[str] = ..., agent_name: _Optional[str] = ..., status: _Optional[str] = ..., response: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., at: _Optional[int] = ...) -> None: ...

class UITaskGroupCompleted(_message.Message):
    __slots__ = ["at", "task_id"]
    AT_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    at: int
    task_id: str
    def __init__(self, task_id: _Optional[str] = ..., at: _Optional[int] = ...) -> None: ...

class UITaskGroupStarted(_message.Message):
    __slots__ = ["agents", "at", "cancellable", "label", "task_id"]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    CANCELLABLE_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    agents: _value_pb2.Value
    at: int
    cancellable: bool
    label: str
    task_id: str
    def __init__(self, task_id: _Optional[str] = ..., agents: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., label: _Optional[str] = ..., cancellable: bool = ..., at: _Optional[int] = ...) -> None: ...

class UITaskUpdate(_message.Message):
    __slots__ = ["agent_name", "at", "data", "task_id"]
    AGENT_NAME_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    agent_name: str
    at: int
    data: _value_pb2.Value
    task_id: str
    def __init__(self, task_id: _Optional[str] = ..., agent_name: _Optional[str] = ..., data: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., at: _Optional[int] = ...) -> None: ...

class TaskStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

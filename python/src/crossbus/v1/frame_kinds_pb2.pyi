from crossbus.v1 import options_pb2 as _options_pb2
from crossbus.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AggregatedTextFrame(_message.Message):
    __slots__ = ["aggregated_by", "append_to_context", "context_id", "includes_inter_frame_spaces", "raw_text", "skip_tts", "text", "text_type", "will_be_spoken"]
    AGGREGATED_BY_FIELD_NUMBER: _ClassVar[int]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDES_INTER_FRAME_SPACES_FIELD_NUMBER: _ClassVar[int]
    RAW_TEXT_FIELD_NUMBER: _ClassVar[int]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_TYPE_FIELD_NUMBER: _ClassVar[int]
    WILL_BE_SPOKEN_FIELD_NUMBER: _ClassVar[int]
    aggregated_by: _value_pb2.Value
    append_to_context: bool
    context_id: str
    includes_inter_frame_spaces: bool
    raw_text: str
    skip_tts: bool
    text: str
    text_type: str
    will_be_spoken: bool
    def __init__(self, text: _Optional[str] = ..., skip_tts: bool = ..., includes_inter_frame_spaces: bool = ..., append_to_context: bool = ..., aggregated_by: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., context_id: _Optional[str] = ..., raw_text: _Optional[str] = ..., will_be_spoken: bool = ..., text_type: _Optional[str] = ...) -> None: ...

class AssistantImageRawFrame(_message.Message):
    __slots__ = ["format", "image", "original_data", "original_mime_type", "sync_with_audio"]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_DATA_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    SYNC_WITH_AUDIO_FIELD_NUMBER: _ClassVar[int]
    format: str
    image: bytes
    original_data: bytes
    original_mime_type: str
    sync_with_audio: bool
    def __init__(self, image: _Optional[bytes] = ..., format: _Optional[str] = ..., sync_with_audio: bool = ..., original_data: _Optional[bytes] = ..., original_mime_type: _Optional[str] = ...) -> None: ...

class AudioBufferStartRecordingFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class AudioBufferStopRecordingFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class BotBackchannelFrame(_message.Message):
    __slots__ = ["append_to_context", "text", "text_type"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_TYPE_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    text: str
    text_type: str
    def __init__(self, text: _Optional[str] = ..., append_to_context: bool = ..., text_type: _Optional[str] = ...) -> None: ...

class BotConnectedFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class BotSpeakingFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class BotStartedSpeakingFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class BotStoppedSpeakingFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class CancelFrame(_message.Message):
    __slots__ = ["reason"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: _value_pb2.Value
    def __init__(self, reason: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class CancelTaskFrame(_message.Message):
    __slots__ = ["reason"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: _value_pb2.Value
    def __init__(self, reason: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class CancelWorkerFrame(_message.Message):
    __slots__ = ["reason"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: _value_pb2.Value
    def __init__(self, reason: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class ClientConnectedFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class EagerEndOfTurnCancelFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class EagerTranscriptionFrame(_message.Message):
    __slots__ = ["append_to_context", "includes_inter_frame_spaces", "language", "result", "skip_tts", "text", "timestamp", "user_id"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    INCLUDES_INTER_FRAME_SPACES_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    includes_inter_frame_spaces: bool
    language: str
    result: _value_pb2.Value
    skip_tts: bool
    text: str
    timestamp: str
    user_id: str
    def __init__(self, text: _Optional[str] = ..., skip_tts: bool = ..., includes_inter_frame_spaces: bool = ..., append_to_context: bool = ..., user_id: _Optional[str] = ..., timestamp: _Optional[str] = ..., language: _Optional[str] = ..., result: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class EndFrame(_message.Message):
    __slots__ = ["reason"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: _value_pb2.Value
    def __init__(self, reason: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class EndTaskFrame(_message.Message):
    __slots__ = ["reason"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: _value_pb2.Value
    def __init__(self, reason: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class EndWorkerFrame(_message.Message):
    __slots__ = ["reason"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: _value_pb2.Value
    def __init__(self, reason: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class ErrorFrame(_message.Message):
    __slots__ = ["category", "error", "fatal"]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    FATAL_FIELD_NUMBER: _ClassVar[int]
    category: _value_pb2.Value
    error: str
    fatal: bool
    def __init__(self, error: _Optional[str] = ..., fatal: bool = ..., category: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class ExternalFunctionCall(_message.Message):
    __slots__ = ["extra", "function_name", "tool_call_id"]
    EXTRA_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_NAME_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    extra: _value_pb2.Struct
    function_name: str
    tool_call_id: str
    def __init__(self, function_name: _Optional[str] = ..., tool_call_id: _Optional[str] = ..., extra: _Optional[_Union[_value_pb2.Struct, _Mapping]] = ...) -> None: ...

class ExternalFunctionCallCancelFrame(_message.Message):
    __slots__ = ["function_name", "tool_call_id"]
    FUNCTION_NAME_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    function_name: str
    tool_call_id: str
    def __init__(self, function_name: _Optional[str] = ..., tool_call_id: _Optional[str] = ...) -> None: ...

class ExternalFunctionCallInProgressFrame(_message.Message):
    __slots__ = ["arguments", "function_name", "tool_call_id"]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_NAME_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    arguments: _value_pb2.Value
    function_name: str
    tool_call_id: str
    def __init__(self, function_name: _Optional[str] = ..., tool_call_id: _Optional[str] = ..., arguments: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class ExternalFunctionCallResultFrame(_message.Message):
    __slots__ = ["arguments", "function_name", "is_final", "result", "tool_call_id"]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_NAME_FIELD_NUMBER: _ClassVar[int]
    IS_FINAL_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    arguments: _value_pb2.Value
    function_name: str
    is_final: bool
    result: _value_pb2.Value
    tool_call_id: str
    def __init__(self, function_name: _Optional[str] = ..., tool_call_id: _Optional[str] = ..., arguments: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., result: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., is_final: bool = ...) -> None: ...

class ExternalFunctionCallsStartedFrame(_message.Message):
    __slots__ = ["function_calls"]
    FUNCTION_CALLS_FIELD_NUMBER: _ClassVar[int]
    function_calls: _containers.RepeatedCompositeFieldContainer[ExternalFunctionCall]
    def __init__(self, function_calls: _Optional[_Iterable[_Union[ExternalFunctionCall, _Mapping]]] = ...) -> None: ...

class FatalErrorFrame(_message.Message):
    __slots__ = ["category", "error", "fatal"]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    FATAL_FIELD_NUMBER: _ClassVar[int]
    category: _value_pb2.Value
    error: str
    fatal: bool
    def __init__(self, error: _Optional[str] = ..., fatal: bool = ..., category: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class FilterEnableFrame(_message.Message):
    __slots__ = ["enable"]
    ENABLE_FIELD_NUMBER: _ClassVar[int]
    enable: bool
    def __init__(self, enable: bool = ...) -> None: ...

class FilterUpdateSettingsFrame(_message.Message):
    __slots__ = ["settings"]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: _value_pb2.Value
    def __init__(self, settings: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class FunctionCall(_message.Message):
    __slots__ = ["arguments", "context", "extra", "function_name", "tool_call_id"]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    EXTRA_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_NAME_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    arguments: _value_pb2.Value
    context: LLMContext
    extra: _value_pb2.Struct
    function_name: str
    tool_call_id: str
    def __init__(self, function_name: _Optional[str] = ..., tool_call_id: _Optional[str] = ..., arguments: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., context: _Optional[_Union[LLMContext, _Mapping]] = ..., extra: _Optional[_Union[_value_pb2.Struct, _Mapping]] = ...) -> None: ...

class FunctionCallCancelFrame(_message.Message):
    __slots__ = ["function_name", "run_llm", "tool_call_id"]
    FUNCTION_NAME_FIELD_NUMBER: _ClassVar[int]
    RUN_LLM_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    function_name: str
    run_llm: bool
    tool_call_id: str
    def __init__(self, function_name: _Optional[str] = ..., tool_call_id: _Optional[str] = ..., run_llm: bool = ...) -> None: ...

class FunctionCallInProgressFrame(_message.Message):
    __slots__ = ["arguments", "cancel_on_interruption", "function_name", "group_id", "tool_call_id"]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    CANCEL_ON_INTERRUPTION_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_NAME_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    arguments: _value_pb2.Value
    cancel_on_interruption: bool
    function_name: str
    group_id: str
    tool_call_id: str
    def __init__(self, function_name: _Optional[str] = ..., tool_call_id: _Optional[str] = ..., arguments: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., cancel_on_interruption: bool = ..., group_id: _Optional[str] = ...) -> None: ...

class FunctionCallResultFrame(_message.Message):
    __slots__ = ["arguments", "error", "function_name", "properties", "result", "run_llm", "tool_call_id"]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_NAME_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    RUN_LLM_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    arguments: _value_pb2.Value
    error: str
    function_name: str
    properties: FunctionCallResultProperties
    result: _value_pb2.Value
    run_llm: bool
    tool_call_id: str
    def __init__(self, function_name: _Optional[str] = ..., tool_call_id: _Optional[str] = ..., arguments: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., result: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., run_llm: bool = ..., properties: _Optional[_Union[FunctionCallResultProperties, _Mapping]] = ..., error: _Optional[str] = ...) -> None: ...

class FunctionCallResultProperties(_message.Message):
    __slots__ = ["extra", "is_final", "run_llm"]
    EXTRA_FIELD_NUMBER: _ClassVar[int]
    IS_FINAL_FIELD_NUMBER: _ClassVar[int]
    RUN_LLM_FIELD_NUMBER: _ClassVar[int]
    extra: _value_pb2.Struct
    is_final: bool
    run_llm: bool
    def __init__(self, run_llm: bool = ..., is_final: bool = ..., extra: _Optional[_Union[_value_pb2.Struct, _Mapping]] = ...) -> None: ...

class FunctionCallsStartedFrame(_message.Message):
    __slots__ = ["function_calls"]
    FUNCTION_CALLS_FIELD_NUMBER: _ClassVar[int]
    function_calls: _containers.RepeatedCompositeFieldContainer[FunctionCall]
    def __init__(self, function_calls: _Optional[_Iterable[_Union[FunctionCall, _Mapping]]] = ...) -> None: ...

class HeartbeatFrame(_message.Message):
    __slots__ = ["timestamp"]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    timestamp: int
    def __init__(self, timestamp: _Optional[int] = ...) -> None: ...

class InputAudioRawFrame(_message.Message):
    __slots__ = ["audio", "num_channels", "num_frames", "sample_rate"]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    NUM_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    NUM_FRAMES_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_FIELD_NUMBER: _ClassVar[int]
    audio: bytes
    num_channels: int
    num_frames: int
    sample_rate: int
    def __init__(self, audio: _Optional[bytes] = ..., sample_rate: _Optional[int] = ..., num_channels: _Optional[int] = ..., num_frames: _Optional[int] = ...) -> None: ...

class InputDTMFFrame(_message.Message):
    __slots__ = ["button"]
    BUTTON_FIELD_NUMBER: _ClassVar[int]
    button: str
    def __init__(self, button: _Optional[str] = ...) -> None: ...

class InputFileRawFrame(_message.Message):
    __slots__ = ["file", "filename", "format", "type"]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    file: str
    filename: str
    format: str
    type: _value_pb2.Value
    def __init__(self, file: _Optional[str] = ..., type: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., filename: _Optional[str] = ..., format: _Optional[str] = ...) -> None: ...

class InputImageRawFrame(_message.Message):
    __slots__ = ["format", "image"]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    format: str
    image: bytes
    def __init__(self, image: _Optional[bytes] = ..., format: _Optional[str] = ...) -> None: ...

class InputTextRawFrame(_message.Message):
    __slots__ = ["append_to_context", "includes_inter_frame_spaces", "skip_tts", "text"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    INCLUDES_INTER_FRAME_SPACES_FIELD_NUMBER: _ClassVar[int]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    includes_inter_frame_spaces: bool
    skip_tts: bool
    text: str
    def __init__(self, text: _Optional[str] = ..., skip_tts: bool = ..., includes_inter_frame_spaces: bool = ..., append_to_context: bool = ...) -> None: ...

class InputTransportMessageFrame(_message.Message):
    __slots__ = ["message"]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: _value_pb2.Value
    def __init__(self, message: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class InputTransportStartAudioStreamingFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class InterimTranscriptionFrame(_message.Message):
    __slots__ = ["append_to_context", "includes_inter_frame_spaces", "language", "result", "skip_tts", "text", "timestamp", "user_id"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    INCLUDES_INTER_FRAME_SPACES_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    includes_inter_frame_spaces: bool
    language: str
    result: _value_pb2.Value
    skip_tts: bool
    text: str
    timestamp: str
    user_id: str
    def __init__(self, text: _Optional[str] = ..., skip_tts: bool = ..., includes_inter_frame_spaces: bool = ..., append_to_context: bool = ..., user_id: _Optional[str] = ..., timestamp: _Optional[str] = ..., language: _Optional[str] = ..., result: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class InterruptionFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class InterruptionTaskFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class InterruptionWorkerFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class LLMAssistantPushAggregationFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class LLMConfigureOutputFrame(_message.Message):
    __slots__ = ["skip_tts"]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    skip_tts: bool
    def __init__(self, skip_tts: bool = ...) -> None: ...

class LLMContext(_message.Message):
    __slots__ = ["extra", "messages", "tool_choice", "tools"]
    EXTRA_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    TOOLS_FIELD_NUMBER: _ClassVar[int]
    TOOL_CHOICE_FIELD_NUMBER: _ClassVar[int]
    extra: _value_pb2.Struct
    messages: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    tool_choice: _value_pb2.Value
    tools: ToolsSchema
    def __init__(self, messages: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ..., tools: _Optional[_Union[ToolsSchema, _Mapping]] = ..., tool_choice: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., extra: _Optional[_Union[_value_pb2.Struct, _Mapping]] = ...) -> None: ...

class LLMContextAssistantTimestampFrame(_message.Message):
    __slots__ = ["timestamp"]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    timestamp: str
    def __init__(self, timestamp: _Optional[str] = ...) -> None: ...

class LLMContextAssistantTurnFrame(_message.Message):
    __slots__ = ["text", "timestamp"]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    text: str
    timestamp: str
    def __init__(self, text: _Optional[str] = ..., timestamp: _Optional[str] = ...) -> None: ...

class LLMContextFrame(_message.Message):
    __slots__ = ["context", "speculation"]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    SPECULATION_FIELD_NUMBER: _ClassVar[int]
    context: LLMContext
    speculation: bool
    def __init__(self, context: _Optional[_Union[LLMContext, _Mapping]] = ..., speculation: bool = ...) -> None: ...

class LLMContextUserTurnFrame(_message.Message):
    __slots__ = ["text", "timestamp"]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    text: str
    timestamp: str
    def __init__(self, text: _Optional[str] = ..., timestamp: _Optional[str] = ...) -> None: ...

class LLMEnablePromptCachingFrame(_message.Message):
    __slots__ = ["enable"]
    ENABLE_FIELD_NUMBER: _ClassVar[int]
    enable: bool
    def __init__(self, enable: bool = ...) -> None: ...

class LLMFullResponseEndFrame(_message.Message):
    __slots__ = ["skip_tts"]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    skip_tts: bool
    def __init__(self, skip_tts: bool = ...) -> None: ...

class LLMFullResponseStartFrame(_message.Message):
    __slots__ = ["skip_tts"]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    skip_tts: bool
    def __init__(self, skip_tts: bool = ...) -> None: ...

class LLMMarkerFrame(_message.Message):
    __slots__ = ["append_to_context_immediately", "marker"]
    APPEND_TO_CONTEXT_IMMEDIATELY_FIELD_NUMBER: _ClassVar[int]
    MARKER_FIELD_NUMBER: _ClassVar[int]
    append_to_context_immediately: bool
    marker: str
    def __init__(self, marker: _Optional[str] = ..., append_to_context_immediately: bool = ...) -> None: ...

class LLMMarkerResponseFrame(_message.Message):
    __slots__ = ["kind", "marker", "markers", "raw"]
    KIND_FIELD_NUMBER: _ClassVar[int]
    MARKERS_FIELD_NUMBER: _ClassVar[int]
    MARKER_FIELD_NUMBER: _ClassVar[int]
    RAW_FIELD_NUMBER: _ClassVar[int]
    kind: str
    marker: str
    markers: _value_pb2.Value
    raw: str
    def __init__(self, raw: _Optional[str] = ..., marker: _Optional[str] = ..., kind: _Optional[str] = ..., markers: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class LLMMessagesAppendFrame(_message.Message):
    __slots__ = ["messages", "run_llm"]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    RUN_LLM_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    run_llm: bool
    def __init__(self, messages: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ..., run_llm: bool = ...) -> None: ...

class LLMMessagesUpdateFrame(_message.Message):
    __slots__ = ["messages", "run_llm"]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    RUN_LLM_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    run_llm: bool
    def __init__(self, messages: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ..., run_llm: bool = ...) -> None: ...

class LLMRunFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class LLMServiceMetadataFrame(_message.Message):
    __slots__ = ["is_realtime_service", "service_name", "user_turn_strategies"]
    IS_REALTIME_SERVICE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    USER_TURN_STRATEGIES_FIELD_NUMBER: _ClassVar[int]
    is_realtime_service: bool
    service_name: str
    user_turn_strategies: _value_pb2.Value
    def __init__(self, service_name: _Optional[str] = ..., user_turn_strategies: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., is_realtime_service: bool = ...) -> None: ...

class LLMSetToolChoiceFrame(_message.Message):
    __slots__ = ["tool_choice"]
    TOOL_CHOICE_FIELD_NUMBER: _ClassVar[int]
    tool_choice: _value_pb2.Value
    def __init__(self, tool_choice: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class LLMSetToolsFrame(_message.Message):
    __slots__ = ["tool_list", "tools"]
    TOOLS_FIELD_NUMBER: _ClassVar[int]
    TOOL_LIST_FIELD_NUMBER: _ClassVar[int]
    tool_list: _value_pb2.Value
    tools: ToolsSchema
    def __init__(self, tools: _Optional[_Union[ToolsSchema, _Mapping]] = ..., tool_list: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class LLMSpecificMessage(_message.Message):
    __slots__ = ["llm", "message"]
    LLM_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    llm: str
    message: _value_pb2.Value
    def __init__(self, llm: _Optional[str] = ..., message: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class LLMTextFrame(_message.Message):
    __slots__ = ["append_to_context", "includes_inter_frame_spaces", "skip_tts", "text"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    INCLUDES_INTER_FRAME_SPACES_FIELD_NUMBER: _ClassVar[int]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    includes_inter_frame_spaces: bool
    skip_tts: bool
    text: str
    def __init__(self, text: _Optional[str] = ..., skip_tts: bool = ..., includes_inter_frame_spaces: bool = ..., append_to_context: bool = ...) -> None: ...

class LLMThoughtEndFrame(_message.Message):
    __slots__ = ["signature"]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    signature: _value_pb2.Value
    def __init__(self, signature: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class LLMThoughtStartFrame(_message.Message):
    __slots__ = ["append_to_context", "llm"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    LLM_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    llm: str
    def __init__(self, append_to_context: bool = ..., llm: _Optional[str] = ...) -> None: ...

class LLMThoughtTextFrame(_message.Message):
    __slots__ = ["includes_inter_frame_spaces", "text"]
    INCLUDES_INTER_FRAME_SPACES_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    includes_inter_frame_spaces: bool
    text: str
    def __init__(self, text: _Optional[str] = ..., includes_inter_frame_spaces: bool = ...) -> None: ...

class MetricsFrame(_message.Message):
    __slots__ = ["data"]
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    def __init__(self, data: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ...) -> None: ...

class MixerEnableFrame(_message.Message):
    __slots__ = ["enable"]
    ENABLE_FIELD_NUMBER: _ClassVar[int]
    enable: bool
    def __init__(self, enable: bool = ...) -> None: ...

class MixerUpdateSettingsFrame(_message.Message):
    __slots__ = ["settings"]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: _value_pb2.Value
    def __init__(self, settings: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class OtherFrame(_message.Message):
    __slots__ = ["fields", "type_name"]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    fields: _value_pb2.Struct
    type_name: str
    def __init__(self, type_name: _Optional[str] = ..., fields: _Optional[_Union[_value_pb2.Struct, _Mapping]] = ...) -> None: ...

class OutputAudioRawFrame(_message.Message):
    __slots__ = ["audio", "num_channels", "num_frames", "sample_rate"]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    NUM_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    NUM_FRAMES_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_FIELD_NUMBER: _ClassVar[int]
    audio: bytes
    num_channels: int
    num_frames: int
    sample_rate: int
    def __init__(self, audio: _Optional[bytes] = ..., sample_rate: _Optional[int] = ..., num_channels: _Optional[int] = ..., num_frames: _Optional[int] = ...) -> None: ...

class OutputDTMFFrame(_message.Message):
    __slots__ = ["button", "buttons"]
    BUTTONS_FIELD_NUMBER: _ClassVar[int]
    BUTTON_FIELD_NUMBER: _ClassVar[int]
    button: str
    buttons: _value_pb2.Value
    def __init__(self, button: _Optional[str] = ..., buttons: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class OutputDTMFUrgentFrame(_message.Message):
    __slots__ = ["button", "buttons"]
    BUTTONS_FIELD_NUMBER: _ClassVar[int]
    BUTTON_FIELD_NUMBER: _ClassVar[int]
    button: str
    buttons: _value_pb2.Value
    def __init__(self, button: _Optional[str] = ..., buttons: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class OutputImageRawFrame(_message.Message):
    __slots__ = ["format", "image", "sync_with_audio"]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    SYNC_WITH_AUDIO_FIELD_NUMBER: _ClassVar[int]
    format: str
    image: bytes
    sync_with_audio: bool
    def __init__(self, image: _Optional[bytes] = ..., format: _Optional[str] = ..., sync_with_audio: bool = ...) -> None: ...

class OutputTransportMessageFrame(_message.Message):
    __slots__ = ["message"]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: _value_pb2.Value
    def __init__(self, message: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class OutputTransportMessageUrgentFrame(_message.Message):
    __slots__ = ["message"]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: _value_pb2.Value
    def __init__(self, message: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class OutputTransportReadyFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class PipelineFlushFrame(_message.Message):
    __slots__ = ["flush_id", "origin", "returning"]
    FLUSH_ID_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    RETURNING_FIELD_NUMBER: _ClassVar[int]
    flush_id: int
    origin: str
    returning: bool
    def __init__(self, returning: bool = ..., origin: _Optional[str] = ..., flush_id: _Optional[int] = ...) -> None: ...

class ProposedUserStartedSpeakingFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class ProposedUserStoppedSpeakingFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class STTMetadataFrame(_message.Message):
    __slots__ = ["service_name", "ttfs_p99_latency", "user_turn_strategies"]
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    TTFS_P99_LATENCY_FIELD_NUMBER: _ClassVar[int]
    USER_TURN_STRATEGIES_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    ttfs_p99_latency: _value_pb2.Value
    user_turn_strategies: _value_pb2.Value
    def __init__(self, service_name: _Optional[str] = ..., user_turn_strategies: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., ttfs_p99_latency: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class STTMuteFrame(_message.Message):
    __slots__ = ["mute"]
    MUTE_FIELD_NUMBER: _ClassVar[int]
    mute: bool
    def __init__(self, mute: bool = ...) -> None: ...

class ServiceMetadataFrame(_message.Message):
    __slots__ = ["service_name", "user_turn_strategies"]
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    USER_TURN_STRATEGIES_FIELD_NUMBER: _ClassVar[int]
    service_name: str
    user_turn_strategies: _value_pb2.Value
    def __init__(self, service_name: _Optional[str] = ..., user_turn_strategies: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class SpeechOutputAudioRawFrame(_message.Message):
    __slots__ = ["audio", "num_channels", "num_frames", "sample_rate"]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    NUM_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    NUM_FRAMES_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_FIELD_NUMBER: _ClassVar[int]
    audio: bytes
    num_channels: int
    num_frames: int
    sample_rate: int
    def __init__(self, audio: _Optional[bytes] = ..., sample_rate: _Optional[int] = ..., num_channels: _Optional[int] = ..., num_frames: _Optional[int] = ...) -> None: ...

class StartFrame(_message.Message):
    __slots__ = ["audio_in_sample_rate", "audio_out_sample_rate", "enable_metrics", "enable_tracing", "enable_usage_metrics", "report_only_initial_ttfb"]
    AUDIO_IN_SAMPLE_RATE_FIELD_NUMBER: _ClassVar[int]
    AUDIO_OUT_SAMPLE_RATE_FIELD_NUMBER: _ClassVar[int]
    ENABLE_METRICS_FIELD_NUMBER: _ClassVar[int]
    ENABLE_TRACING_FIELD_NUMBER: _ClassVar[int]
    ENABLE_USAGE_METRICS_FIELD_NUMBER: _ClassVar[int]
    REPORT_ONLY_INITIAL_TTFB_FIELD_NUMBER: _ClassVar[int]
    audio_in_sample_rate: int
    audio_out_sample_rate: int
    enable_metrics: bool
    enable_tracing: bool
    enable_usage_metrics: bool
    report_only_initial_ttfb: bool
    def __init__(self, audio_in_sample_rate: _Optional[int] = ..., audio_out_sample_rate: _Optional[int] = ..., enable_metrics: bool = ..., enable_tracing: bool = ..., enable_usage_metrics: bool = ..., report_only_initial_ttfb: bool = ...) -> None: ...

class StopFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class StopTaskFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class StopWorkerFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class TTSAudioRawFrame(_message.Message):
    __slots__ = ["audio", "context_id", "num_channels", "num_frames", "sample_rate"]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_ID_FIELD_NUMBER: _ClassVar[int]
    NUM_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    NUM_FRAMES_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_FIELD_NUMBER: _ClassVar[int]
    audio: bytes
    context_id: str
    num_channels: int
    num_frames: int
    sample_rate: int
    def __init__(self, audio: _Optional[bytes] = ..., sample_rate: _Optional[int] = ..., num_channels: _Optional[int] = ..., num_frames: _Optional[int] = ..., context_id: _Optional[str] = ...) -> None: ...

class TTSSpeakFrame(_message.Message):
    __slots__ = ["append_to_context", "text", "text_type"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_TYPE_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    text: str
    text_type: str
    def __init__(self, text: _Optional[str] = ..., append_to_context: bool = ..., text_type: _Optional[str] = ...) -> None: ...

class TTSStartedFrame(_message.Message):
    __slots__ = ["append_to_context", "context_id"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_ID_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    context_id: str
    def __init__(self, context_id: _Optional[str] = ..., append_to_context: bool = ...) -> None: ...

class TTSStoppedFrame(_message.Message):
    __slots__ = ["context_id"]
    CONTEXT_ID_FIELD_NUMBER: _ClassVar[int]
    context_id: str
    def __init__(self, context_id: _Optional[str] = ...) -> None: ...

class TTSTextFrame(_message.Message):
    __slots__ = ["aggregated_by", "append_to_context", "context_id", "includes_inter_frame_spaces", "raw_text", "segment_id", "skip_tts", "text", "text_type", "will_be_spoken"]
    AGGREGATED_BY_FIELD_NUMBER: _ClassVar[int]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDES_INTER_FRAME_SPACES_FIELD_NUMBER: _ClassVar[int]
    RAW_TEXT_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_TYPE_FIELD_NUMBER: _ClassVar[int]
    WILL_BE_SPOKEN_FIELD_NUMBER: _ClassVar[int]
    aggregated_by: _value_pb2.Value
    append_to_context: bool
    context_id: str
    includes_inter_frame_spaces: bool
    raw_text: str
    segment_id: int
    skip_tts: bool
    text: str
    text_type: str
    will_be_spoken: bool
    def __init__(self, text: _Optional[str] = ..., skip_tts: bool = ..., includes_inter_frame_spaces: bool = ..., append_to_context: bool = ..., aggregated_by: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., context_id: _Optional[str] = ..., raw_text: _Optional[str] = ..., will_be_spoken: bool = ..., text_type: _Optional[str] = ..., segment_id: _Optional[int] = ...) -> None: ...

class TextFrame(_message.Message):
    __slots__ = ["append_to_context", "includes_inter_frame_spaces", "skip_tts", "text"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    INCLUDES_INTER_FRAME_SPACES_FIELD_NUMBER: _ClassVar[int]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    includes_inter_frame_spaces: bool
    skip_tts: bool
    text: str
    def __init__(self, text: _Optional[str] = ..., skip_tts: bool = ..., includes_inter_frame_spaces: bool = ..., append_to_context: bool = ...) -> None: ...

class ToolsSchema(_message.Message):
    __slots__ = ["custom_tools", "extra", "flat", "standard_tools", "type_name"]
    CUSTOM_TOOLS_FIELD_NUMBER: _ClassVar[int]
    EXTRA_FIELD_NUMBER: _ClassVar[int]
    FLAT_FIELD_NUMBER: _ClassVar[int]
    STANDARD_TOOLS_FIELD_NUMBER: _ClassVar[int]
    TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    custom_tools: _value_pb2.Value
    extra: _value_pb2.Struct
    flat: bool
    standard_tools: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    type_name: str
    def __init__(self, standard_tools: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ..., custom_tools: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., type_name: _Optional[str] = ..., flat: bool = ..., extra: _Optional[_Union[_value_pb2.Struct, _Mapping]] = ...) -> None: ...

class TranscriptionFrame(_message.Message):
    __slots__ = ["append_to_context", "finalized", "includes_inter_frame_spaces", "language", "result", "skip_tts", "text", "timestamp", "user_id"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    FINALIZED_FIELD_NUMBER: _ClassVar[int]
    INCLUDES_INTER_FRAME_SPACES_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    finalized: bool
    includes_inter_frame_spaces: bool
    language: str
    result: _value_pb2.Value
    skip_tts: bool
    text: str
    timestamp: str
    user_id: str
    def __init__(self, text: _Optional[str] = ..., skip_tts: bool = ..., includes_inter_frame_spaces: bool = ..., append_to_context: bool = ..., user_id: _Optional[str] = ..., timestamp: _Optional[str] = ..., language: _Optional[str] = ..., result: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., finalized: bool = ...) -> None: ...

class TranslationFrame(_message.Message):
    __slots__ = ["append_to_context", "includes_inter_frame_spaces", "language", "skip_tts", "text", "timestamp", "user_id"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    INCLUDES_INTER_FRAME_SPACES_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    includes_inter_frame_spaces: bool
    language: str
    skip_tts: bool
    text: str
    timestamp: str
    user_id: str
    def __init__(self, text: _Optional[str] = ..., skip_tts: bool = ..., includes_inter_frame_spaces: bool = ..., append_to_context: bool = ..., user_id: _Optional[str] = ..., timestamp: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class URLImageRawFrame(_message.Message):
    __slots__ = ["format", "image", "sync_with_audio", "url"]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    SYNC_WITH_AUDIO_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    format: str
    image: bytes
    sync_with_audio: bool
    url: str
    def __init__(self, image: _Optional[bytes] = ..., format: _Optional[str] = ..., sync_with_audio: bool = ..., url: _Optional[str] = ...) -> None: ...

class UserAudioRawFrame(_message.Message):
    __slots__ = ["audio", "num_channels", "num_frames", "sample_rate", "user_id"]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    NUM_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    NUM_FRAMES_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    audio: bytes
    num_channels: int
    num_frames: int
    sample_rate: int
    user_id: str
    def __init__(self, audio: _Optional[bytes] = ..., sample_rate: _Optional[int] = ..., num_channels: _Optional[int] = ..., num_frames: _Optional[int] = ..., user_id: _Optional[str] = ...) -> None: ...

class UserBackchannelFrame(_message.Message):
    __slots__ = ["text", "timestamp", "user_id"]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    text: str
    timestamp: str
    user_id: str
    def __init__(self, text: _Optional[str] = ..., user_id: _Optional[str] = ..., timestamp: _Optional[str] = ...) -> None: ...

class UserFileRawFrame(_message.Message):
    __slots__ = ["append_to_context", "custom_options", "file", "filename", "format", "run_llm", "text", "type", "user_id"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    RUN_LLM_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    custom_options: _value_pb2.Value
    file: str
    filename: str
    format: str
    run_llm: bool
    text: str
    type: _value_pb2.Value
    user_id: str
    def __init__(self, file: _Optional[str] = ..., type: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., filename: _Optional[str] = ..., format: _Optional[str] = ..., user_id: _Optional[str] = ..., text: _Optional[str] = ..., append_to_context: bool = ..., custom_options: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., run_llm: bool = ...) -> None: ...

class UserIdleTimeoutUpdateFrame(_message.Message):
    __slots__ = ["timeout"]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    timeout: _value_pb2.Value
    def __init__(self, timeout: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class UserImageRawFrame(_message.Message):
    __slots__ = ["append_to_context", "format", "image", "request", "run_llm", "text", "user_id"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    RUN_LLM_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    format: str
    image: bytes
    request: _value_pb2.Value
    run_llm: bool
    text: str
    user_id: str
    def __init__(self, image: _Optional[bytes] = ..., format: _Optional[str] = ..., user_id: _Optional[str] = ..., text: _Optional[str] = ..., append_to_context: bool = ..., request: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., run_llm: bool = ...) -> None: ...

class UserImageRequestFrame(_message.Message):
    __slots__ = ["append_to_context", "function_name", "text", "tool_call_id", "user_id", "video_source"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_NAME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    VIDEO_SOURCE_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    function_name: str
    text: str
    tool_call_id: str
    user_id: str
    video_source: str
    def __init__(self, user_id: _Optional[str] = ..., text: _Optional[str] = ..., append_to_context: bool = ..., video_source: _Optional[str] = ..., function_name: _Optional[str] = ..., tool_call_id: _Optional[str] = ...) -> None: ...

class UserMuteStartedFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class UserMuteStoppedFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class UserSpeakingFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class UserStartedSpeakingFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class UserStoppedSpeakingFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class UserTurnInferenceCompletedFrame(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class VADUserStartedSpeakingFrame(_message.Message):
    __slots__ = ["start_secs", "timestamp"]
    START_SECS_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    start_secs: _value_pb2.Value
    timestamp: _value_pb2.Value
    def __init__(self, start_secs: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., timestamp: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class VADUserStoppedSpeakingFrame(_message.Message):
    __slots__ = ["stop_secs", "timestamp"]
    STOP_SECS_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    stop_secs: _value_pb2.Value
    timestamp: _value_pb2.Value
    def __init__(self, stop_secs: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., timestamp: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class VisionFullResponseEndFrame(_message.Message):
    __slots__ = ["skip_tts"]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    skip_tts: bool
    def __init__(self, skip_tts: bool = ...) -> None: ...

class VisionFullResponseStartFrame(_message.Message):
    __slots__ = ["skip_tts"]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    skip_tts: bool
    def __init__(self, skip_tts: bool = ...) -> None: ...

class VisionTextFrame(_message.Message):
    __slots__ = ["append_to_context", "includes_inter_frame_spaces", "skip_tts", "text"]
    APPEND_TO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    INCLUDES_INTER_FRAME_SPACES_FIELD_NUMBER: _ClassVar[int]
    SKIP_TTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    append_to_context: bool
    includes_inter_frame_spaces: bool
    skip_tts: bool
    text: str
    def __init__(self, text: _Optional[str] = ..., skip_tts: bool = ..., includes_inter_frame_spaces: bool = ..., append_to_context: bool = ...) -> None: ...

class VolumeFrame(_message.Message):
    __slots__ = ["volume"]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    volume: _value_pb2.Value
    def __init__(self, volume: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class VolumeGainFrame(_message.Message):
    __slots__ = ["gain"]
    GAIN_FIELD_NUMBER: _ClassVar[int]
    gain: _value_pb2.Value
    def __init__(self, gain: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

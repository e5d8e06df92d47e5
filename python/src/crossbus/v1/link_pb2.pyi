from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
LANE_DATA: Lane
LANE_SYSTEM: Lane
LANE_UNSPECIFIED: Lane
RESET_REASON_CREDENTIAL_EXPIRED: ResetReason
RESET_REASON_DENIED: ResetReason
RESET_REASON_EXPIRED: ResetReason
RESET_REASON_GAP: ResetReason
RESET_REASON_GAVE_UP: ResetReason
RESET_REASON_OVERFLOW: ResetReason
RESET_REASON_PROTOCOL: ResetReason
RESET_REASON_RESTARTED: ResetReason
RESET_REASON_SHUTDOWN: ResetReason
RESET_REASON_UNKNOWN_SESSION: ResetReason
RESET_REASON_UNSPECIFIED: ResetReason

class ControlFrame(_message.Message):
    __slots__ = ["goaway", "hello", "offer", "ping", "pong", "renew", "renewed", "skip", "welcome"]
    GOAWAY_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    PING_FIELD_NUMBER: _ClassVar[int]
    PONG_FIELD_NUMBER: _ClassVar[int]
    RENEWED_FIELD_NUMBER: _ClassVar[int]
    RENEW_FIELD_NUMBER: _ClassVar[int]
    SKIP_FIELD_NUMBER: _ClassVar[int]
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    goaway: Goaway
    hello: Hello
    offer: Offer
    ping: Ping
    pong: Pong
    renew: Renew
    renewed: Renewed
    skip: Skip
    welcome: Welcome
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., welcome: _Optional[_Union[Welcome, _Mapping]] = ..., goaway: _Optional[_Union[Goaway, _Mapping]] = ..., ping: _Optional[_Union[Ping, _Mapping]] = ..., pong: _Optional[_Union[Pong, _Mapping]] = ..., offer: _Optional[_Union[Offer, _Mapping]] = ..., skip: _Optional[_Union[Skip, _Mapping]] = ..., renew: _Optional[_Union[Renew, _Mapping]] = ..., renewed: _Optional[_Union[Renewed, _Mapping]] = ...) -> None: ...

class Credential(_message.Message):
    __slots__ = ["type", "value"]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    type: str
    value: bytes
    def __init__(self, type: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...

class Goaway(_message.Message):
    __slots__ = ["code", "message", "reason", "resumable", "retry_after_ms"]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RESUMABLE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    reason: ResetReason
    resumable: bool
    retry_after_ms: int
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ..., resumable: bool = ..., retry_after_ms: _Optional[int] = ..., reason: _Optional[_Union[ResetReason, str]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ["credential", "data", "epoch", "features", "max_message_bytes", "max_version", "min_version", "resume", "system"]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_VERSION_FIELD_NUMBER: _ClassVar[int]
    MIN_VERSION_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    credential: Credential
    data: LaneState
    epoch: int
    features: _containers.RepeatedScalarFieldContainer[str]
    max_message_bytes: int
    max_version: int
    min_version: int
    resume: Resume
    system: LaneState
    def __init__(self, min_version: _Optional[int] = ..., max_version: _Optional[int] = ..., features: _Optional[_Iterable[str]] = ..., credential: _Optional[_Union[Credential, _Mapping]] = ..., epoch: _Optional[int] = ..., max_message_bytes: _Optional[int] = ..., system: _Optional[_Union[LaneState, _Mapping]] = ..., data: _Optional[_Union[LaneState, _Mapping]] = ..., resume: _Optional[_Union[Resume, _Mapping]] = ...) -> None: ...

class LaneState(_message.Message):
    __slots__ = ["acknowledged", "max_bytes", "max_sequence", "received"]
    ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    acknowledged: int
    max_bytes: int
    max_sequence: int
    received: int
    def __init__(self, received: _Optional[int] = ..., acknowledged: _Optional[int] = ..., max_sequence: _Optional[int] = ..., max_bytes: _Optional[int] = ...) -> None: ...

class Offer(_message.Message):
    __slots__ = ["agents", "cases", "custom_types", "frame_kinds", "python_types"]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    CASES_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_TYPES_FIELD_NUMBER: _ClassVar[int]
    FRAME_KINDS_FIELD_NUMBER: _ClassVar[int]
    PYTHON_TYPES_FIELD_NUMBER: _ClassVar[int]
    agents: _containers.RepeatedScalarFieldContainer[str]
    cases: _containers.RepeatedScalarFieldContainer[int]
    custom_types: _containers.RepeatedScalarFieldContainer[str]
    frame_kinds: _containers.RepeatedScalarFieldContainer[int]
    python_types: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, agents: _Optional[_Iterable[str]] = ..., cases: _Optional[_Iterable[int]] = ..., frame_kinds: _Optional[_Iterable[int]] = ..., custom_types: _Optional[_Iterable[str]] = ..., python_types: _Optional[_Iterable[str]] = ...) -> None: ...

class Ping(_message.Message):
    __slots__ = ["token"]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: int
    def __init__(self, token: _Optional[int] = ...) -> None: ...

class Pong(_message.Message):
    __slots__ = ["token"]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: int
    def __init__(self, token: _Optional[int] = ...) -> None: ...

class Renew(_message.Message):
    __slots__ = ["credential"]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    credential: Credential
    def __init__(self, credential: _Optional[_Union[Credential, _Mapping]] = ...) -> None: ...

class Renewed(_message.Message):
    __slots__ = ["expires_after_ms"]
    EXPIRES_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    expires_after_ms: int
    def __init__(self, expires_after_ms: _Optional[int] = ...) -> None: ...

class Resume(_message.Message):
    __slots__ = ["attempt", "secret", "server_epoch", "session_id"]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    SERVER_EPOCH_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    attempt: int
    secret: bytes
    server_epoch: int
    session_id: bytes
    def __init__(self, session_id: _Optional[bytes] = ..., secret: _Optional[bytes] = ..., server_epoch: _Optional[int] = ..., attempt: _Optional[int] = ...) -> None: ...

class Skip(_message.Message):
    __slots__ = ["first_sequence", "lane", "last_sequence", "through_bytes"]
    FIRST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    THROUGH_BYTES_FIELD_NUMBER: _ClassVar[int]
    first_sequence: int
    lane: Lane
    last_sequence: int
    through_bytes: int
    def __init__(self, lane: _Optional[_Union[Lane, str]] = ..., first_sequence: _Optional[int] = ..., last_sequence: _Optional[int] = ..., through_bytes: _Optional[int] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ["data", "epoch", "expires_after_ms", "features", "grace_ms", "heartbeat_ms", "max_message_bytes", "resumed", "secret", "session_id", "system", "version"]
    DATA_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    GRACE_MS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    data: LaneState
    epoch: int
    expires_after_ms: int
    features: _containers.RepeatedScalarFieldContainer[str]
    grace_ms: int
    heartbeat_ms: int
    max_message_bytes: int
    resumed: bool
    secret: bytes
    session_id: bytes
    system: LaneState
    version: int
    def __init__(self, version: _Optional[int] = ..., features: _Optional[_Iterable[str]] = ..., epoch: _Optional[int] = ..., session_id: _Optional[bytes] = ..., secret: _Optional[bytes] = ..., heartbeat_ms: _Optional[int] = ..., grace_ms: _Optional[int] = ..., max_message_bytes: _Optional[int] = ..., system: _Optional[_Union[LaneState, _Mapping]] = ..., data: _Optional[_Union[LaneState, _Mapping]] = ..., resumed: bool = ..., expires_after_ms: _Optional[int] = ...) -> None: ...

class Lane(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ResetReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

import type { ControlFrame } from "../../../gen/crossbus/v1/link_pb.js";
import { schema } from "../../../gen/crossbus/v1/link-schema.js";
import type { MessageType } from "../../message/message-type.js";
import { parseSchema } from "../../message/parse-schema.js";

/** What the control frames of the link protocol hold. */
export const controlFrameType = /*@__PURE__*/ parseSchema(schema).get("ControlFrame") as MessageType<ControlFrame>;

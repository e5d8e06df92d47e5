import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { invalidArgument } from "../../base/status.js";
import { checkInit } from "../../message/check-init.js";
import { checkAgentName } from "../../message/names.js";
import { valueToMessage } from "../../message/read-message-value.js";
import type { JsValue, ValueInit } from "../../message/value.js";
import { messageToValue } from "../../message/write-message-value.js";
import { plainParts, setParts, type TaskPart } from "./task-parts.js";

/** The message types of a task, as protoc-gen-es generated them. What has none carries plain values. */
export interface TaskSchemas {
  /** What the worker gets. */
  readonly request?: DescMessage;
  /** What the worker tells while it works. */
  readonly update?: DescMessage;
  /** The pieces that the worker streams. */
  readonly stream?: DescMessage;
  /** What comes out. */
  readonly response?: DescMessage;
}

/** A task that was declared, so that both sides of it are typed and what arrives is checked. */
export interface TaskType<Schemas extends TaskSchemas = TaskSchemas> {
  readonly name: string;
  readonly schemas: Schemas;
}

/** Tasks that were not declared: all that they carry are plain values. */
export type PlainTask = TaskType<Record<never, never>>;

/** The schema of one part of a task. */
type SchemaOf<T extends TaskType, Part extends keyof TaskSchemas> = T["schemas"] extends {
  readonly [Key in Part]: infer Desc extends DescMessage;
}
  ? Desc
  : undefined;

/** What one part of a task is once it has arrived. */
export type TaskValue<T extends TaskType, Part extends keyof TaskSchemas> =
  SchemaOf<T, Part> extends infer Desc extends DescMessage ? MessageShape<Desc> : JsValue | undefined;

/** What one part of a task is made of: any fields of its message, or plain values. */
export type TaskInit<T extends TaskType, Part extends keyof TaskSchemas> =
  SchemaOf<T, Part> extends infer Desc extends DescMessage ? MessageInitShape<Desc> : ValueInit | undefined;

/**
 * Declares a task: its name, and the message types of what it carries. Give it to `requestTask()` and to
 * `handleTask()`; both are typed then, and what arrives is checked against the schemas.
 *
 * On the bus and on the wire it is the same as a task that wasn't declared: the messages travel as plain values under
 * their `.proto` field names, so that a Python handler serves it as any other.
 *
 * Throws INVALID_ARGUMENT for a name that is empty, longer than 256 bytes or has control characters.
 *
 * @example const research = defineTask("research", { request: TopicSchema, response: ReportSchema });
 */
export function defineTask<const Schemas extends TaskSchemas>(name: string, schemas: Schemas): TaskType<Schemas> {
  checkAgentName("name", name);
  for (const [part, schema] of Object.entries(schemas)) {
    if ((schema as DescMessage | undefined)?.kind !== "message") {
      throw invalidArgument(`schemas.${part}`, schema, "must be the schema of a message");
    }
  }
  const task: TaskType<Schemas> = { name, schemas };
  const schemaOf = (part: TaskPart) => (part === undefined ? undefined : (schemas as TaskSchemas)[part]);
  setParts(task, {
    write(part, init, path) {
      const schema = schemaOf(part);
      if (schema === undefined) {
        return plainParts.write(part, init, path);
      }
      if (init !== undefined) {
        // The compiler doesn't look for names that aren't there in what a function returns.
        checkInit(schema, init, path);
      }
      return messageToValue(schema, create(schema, init as MessageInitShape<DescMessage>), path);
    },
    read(part, value, path) {
      const schema = schemaOf(part);
      return schema === undefined ? plainParts.read(part, value, path) : valueToMessage(schema, value, path);
    },
  });
  return task;
}

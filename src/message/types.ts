import type { Message } from "@bufbuild/protobuf";
import type { Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { Struct, Value } from "../../gen/crossbus/v1/value_pb.js";
import type { StructInit, ValueInit } from "./value.js";

/** The name of a case of `BusMessage.body`, for instance `"frame"` or `"taskRequest"`. */
export type BodyCase = NonNullable<BusMessage["body"]["case"]>;

/** The type of the body in case `C`. */
export type BodyOf<C extends BodyCase> = Extract<BusMessage["body"], { case: C }>["value"];

/** The name of a kind of frame, for instance `"llmText"`. */
export type FrameKind = NonNullable<Frame["kind"]["case"]>;

/** The type of the frame of kind `K`. */
export type FrameOf<K extends FrameKind> = Extract<Frame["kind"], { case: K }>["value"];

/** A bus message whose body is in case `C`. */
export type BusMessageWith<C extends BodyCase> = BusMessage & { body: Extract<BusMessage["body"], { case: C }> };

/** A frame of kind `K`. */
export type FrameWith<K extends FrameKind> = Frame & { kind: Extract<Frame["kind"], { case: K }> };

/**
 * What a builder takes for a message of type `T`: any of its fields, as deep as it goes. A `Value` may be
 * given as plain JavaScript, a `Struct` as a plain object.
 */
export type Init<T> = T extends Value
  ? ValueInit
  : T extends Struct
    ? StructInit
    : T extends Uint8Array
      ? Uint8Array
      : T extends { case: string; value: infer V }
        ? { readonly case: T["case"]; readonly value: Init<V> }
        : T extends { case: undefined }
          ? { readonly case: undefined }
          : T extends readonly (infer E)[]
            ? readonly Init<E>[]
            : T extends Message
              ? T | { readonly [K in keyof T as Exclude<K, "$typeName" | "$unknown">]?: Init<T[K]> | undefined }
              : T;

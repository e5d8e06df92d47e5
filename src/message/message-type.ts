import type { Message } from "@bufbuild/protobuf";

/**
 * What the code here knows about a message type: as much of protobuf-es's `DescMessage` as it takes to build, check, read
 * and write a message. The types of the schema are made of a short text (see `schema.ts`), so that nobody has to carry
 * protobuf-es and its descriptors for them. A `DescMessage` is one of these too.
 */
export interface MessageType<M extends Message = Message> {
  /** With the package: `crossbus.v1.Frame`. */
  readonly typeName: string;
  /** The fields, those in oneofs too, as they are declared. */
  readonly fields: readonly FieldType[];
  /** The fields and the oneofs, as they are declared. Fields in oneofs are left to those. */
  readonly members: readonly (FieldType | OneofType)[];
  /** The messages of the type: for the compiler alone, it is never there. */
  readonly shape?: M;
}

/** A oneof of a message type. */
export interface OneofType {
  readonly kind: "oneof";
  readonly localName: string;
  readonly fields: readonly FieldType[];
  readonly parent: MessageType;
}

/** A field of a message type. */
export interface FieldType {
  readonly kind: "field";
  /** As in the `.proto` file: `trace_context`. */
  readonly name: string;
  /** As in TypeScript: `traceContext`. */
  readonly localName: string;
  readonly number: number;
  readonly fieldKind: "scalar" | "enum" | "message" | "list" | "map";
  /** The type of a scalar, or of those in a list: see `scalar.ts`. */
  readonly scalar?: number | undefined;
  readonly message?: MessageType | undefined;
  readonly enum?: EnumType | undefined;
  readonly oneof?: OneofType | undefined;
  readonly parent: MessageType;
  /** Whether it shows that the field isn't set: `explicitPresence`, or another number. */
  readonly presence: number;
  /** What the options of a case say, for `caseTraits()`. */
  readonly flags?: string | undefined;
}

/** An enumeration. All of the schema's are open: a number without a name is kept. */
export interface EnumType {
  readonly typeName: string;
  readonly values: readonly { readonly localName: string; readonly number: number }[];
}

/** The `presence` of messages and of scalars that are `optional`. */
export const explicitPresence = 1;

/** What the generated code needs of those who use it. */
export const runtime = `
/** Writes fields from the last to the first, so that the length of a message is known when its tag is written. */
export interface Writer {
  /** Gives up, for whatever this code doesn't know. */
  leave(): never;
  /** How much was written so far. */
  mark(): number;
  /** Puts a tag and the length before what was written since the mark. */
  nested(tag: number, mark: number): void;
  text(tag: number, value: string): void;
  bytes(tag: number, value: Uint8Array): void;
  bool(tag: number, value: boolean): void;
  uint32(tag: number, value: number): void;
  int32(tag: number, value: number): void;
  int64(tag: number, value: bigint): void;
  sint64(tag: number, value: bigint): void;
  double(tag: number, value: number): void;
  /** Checks a payload by the rules that its type can't express. */
  checkValue(value: Value): void;
  checkStruct(struct: Struct): void;
}

/** Reads fields from the first to the last. */
export interface Reader {
  pos: number;
  depth: number;
  /** Gives up, for whatever this code doesn't know. */
  leave(): never;
  tag(): number;
  /** Reads the length of a message, and gives where it ends. */
  nested(): number;
  text(): string;
  bytes(): Uint8Array;
  bool(): boolean;
  uint32(): number;
  int32(): number;
  int64(): bigint;
  sint64(): bigint;
  double(): number;
  checkValue(value: Value): void;
  checkStruct(struct: Struct): void;
}
`;
